"""Who pays for an edition, and which editions are public."""

import pytest
from django.db import IntegrityError, connection, transaction

from directory.models import CallEdition, EffectiveFunder
from tests.factories import (
    CallEditionFactory,
    FunderFactory,
    FundingFactory,
    FundingSchemeFactory,
)

pytestmark = pytest.mark.django_db


def names(key: str) -> list[str]:
    found: list[str] = CallEdition.objects.with_funders().get(key=key).funder_names
    return found


def test_an_edition_without_fundings_takes_its_schemes_funders() -> None:
    region, state = FunderFactory(name="Région"), FunderFactory(name="État")
    scheme = FundingSchemeFactory()
    scheme.funders.add(region, state)
    CallEditionFactory(scheme=scheme, key="herite")
    own = CallEditionFactory(scheme=scheme, key="propre")
    FundingFactory(edition=own, funder=state, amount=100, nature="vote")
    FundingFactory(edition=own, funder=state, amount=80, nature="engage")
    assert set(names("herite")) == {"Région", "État"}
    assert names("propre") == ["État"]
    paid = CallEdition.objects.funded_by([region.slug]).values_list("key", flat=True)
    assert list(paid) == ["herite"]


def test_the_keys_of_the_view_are_unique() -> None:
    edition, funder = CallEditionFactory(), FunderFactory()
    FundingFactory(edition=edition, funder=funder, nature="vote")
    FundingFactory(edition=edition, funder=funder, nature="prevu")
    assert EffectiveFunder.objects.count() == 1


def test_a_funder_has_one_amount_of_each_nature() -> None:
    funding = FundingFactory(nature="vote")
    with pytest.raises(IntegrityError), transaction.atomic():
        FundingFactory(edition=funding.edition, funder=funding.funder, nature="vote")


@pytest.mark.parametrize(
    ("column", "value"), [("nature", "'promis'"), ("amount", "-1")], ids=["nature", "amount"]
)
def test_the_database_refuses_money_that_makes_no_sense(column: str, value: str) -> None:
    FundingFactory()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE directory_funding SET {column} = {value}")


@pytest.mark.parametrize(
    ("scheme", "edition", "is_public"),
    [
        ("publie", "publie", True),
        ("publie", "brouillon", False),
        ("brouillon", "publie", False),
    ],
)
def test_a_draft_edition_or_a_draft_scheme_is_not_public(
    scheme: str, edition: str, is_public: bool
) -> None:
    CallEditionFactory(scheme__publication=scheme, publication=edition)
    assert CallEdition.objects.public().exists() is is_public
