"""Dates as precise as their source."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from directory.models import Operator
from directory.partial_dates import PartialDate, PartialDateField
from tests.factories import CallEditionFactory, OperatorFactory


@pytest.mark.parametrize(
    ("text", "first", "last", "label"),
    [
        ("2017", "2017-01-01", "2017-12-31", "2017"),
        ("2024-02", "2024-02-01", "2024-02-29", "février 2024"),
        ("2017-12-19", "2017-12-19", "2017-12-19", "19 décembre 2017"),
        ("2020-07-01", "2020-07-01", "2020-07-01", "1er juillet 2020"),
    ],
)
def test_bounds_and_words(text: str, first: str, last: str, label: str) -> None:
    date = PartialDate(text)
    assert (str(date.first_day), str(date.last_day), date.label) == (first, last, label)


@pytest.mark.parametrize("text", ["17", "2017-13", "2017-02-30", "19/12/2017", "2017-1", "2017\n"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        PartialDate(text)


def test_the_field_says_how_to_write_it() -> None:
    with pytest.raises(ValidationError, match="Écrivez 2026-09-15, 2026-09 ou 2026"):
        PartialDateField().to_python("15 septembre")


@pytest.mark.django_db
def test_the_database_refuses_what_python_did_not_see() -> None:
    operator = OperatorFactory(opened_on="2017")
    assert Operator.objects.get().opened_on == PartialDate("2017")
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE directory_operator SET opened_on = 'jamais' WHERE id = %s", [operator.pk]
        )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "year", "opens", "closes", "expected"),
    [
        ("aap", 2026, "2026-12-01", None, "à venir"),
        ("aap", 2026, "2026-11-23", "2026-11-23", "ferme bientôt"),
        ("aap", 2026, "2026-11-23", "2026-12-24", "ouvert"),
        ("aap", 2027, None, None, "à venir"),
        ("aap", 2026, "2026-01-01", "2026-11-22", "clos"),
        ("aap", 2026, None, "2026-11", "ouvert"),
        ("aap", 2026, None, "2026-10", "clos"),
        ("aap", 2026, "2026", None, "ouvert"),
        ("aap", 2025, "2025-01-01", None, "clos"),
        ("aap", 2026, None, None, "date inconnue"),
        ("dispositif", None, None, None, "permanent"),
        ("dispositif", None, None, "2019-12-31", "clos"),
        ("dispositif", 2019, None, None, "permanent"),
    ],
)
def test_status_of_a_call_comes_from_its_dates_alone(
    kind: str, year: int | None, opens: str | None, closes: str | None, expected: str
) -> None:
    edition = CallEditionFactory(scheme__kind=kind, year=year, opens_on=opens, closes_on=closes)
    edition.refresh_from_db()
    assert edition.status(datetime.date(2026, 11, 23)) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("opens", "closes", "accepted"),
    [
        ("2020-09-01", "2020", True),
        ("2020", "2020-09-01", True),
        ("2018", "2018", True),
        ("2020-09-02", "2020-09-01", False),
        ("2021", "2020-12", False),
    ],
)
def test_closing_before_opening_is_refused_by_the_database(
    opens: str, closes: str, accepted: bool
) -> None:
    if accepted:
        CallEditionFactory(opens_on=opens, closes_on=closes)
        return
    with pytest.raises(IntegrityError), transaction.atomic():
        CallEditionFactory(opens_on=opens, closes_on=closes)
