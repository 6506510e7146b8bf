"""The status of a call: one truth table, for the rule in Python and the rule in SQL."""

import datetime
from itertools import product

import pytest
from django.utils import timezone

from directory.calls.words import short_status, status_sentence
from directory.models import CallEdition, CallStatus, FundingScheme
from directory.models.call_status import CallFacts, status_of
from directory.partial_dates import PartialDate
from tests.factories import CallEditionFactory, FundingSchemeFactory, LaureateFactory

TODAY = datetime.date(2026, 11, 23)

DATES = [
    None,
    "2025",
    "2026",
    "2027",
    "2026-10",
    "2026-11",
    "2026-12",
    "2026-11-22",
    "2026-11-23",
    "2026-11-24",
    "2026-12-23",
    "2026-12-24",
]


def partial(text: str | None) -> PartialDate | None:
    return PartialDate(text) if text else None


def in_order(opens: str | None, closes: str | None) -> bool:
    return not opens or not closes or opens[: len(closes)] <= closes


@pytest.mark.django_db
def test_python_and_sql_agree_on_every_combination() -> None:
    schemes: dict[tuple[bool, bool], FundingScheme] = {}
    for standing, superseded in [(False, False), (True, False)]:
        schemes[standing, superseded] = FundingSchemeFactory(
            kind="dispositif" if standing else "aap"
        )
    wanted: dict[int, CallStatus] = {}
    for opens, closes, year, standing, laureates in product(
        DATES, DATES, [None, 2025, 2026, 2027], [False, True], [False, True]
    ):
        if not in_order(opens, closes) or (standing and year):
            continue
        edition = CallEditionFactory.build(
            scheme=schemes[standing, False], opens_on=opens, closes_on=closes, year=year
        )
        edition.save()
        if laureates:
            LaureateFactory(edition=edition)
        wanted[edition.pk] = status_of(
            CallFacts(partial(opens), partial(closes), year, standing, False, laureates), TODAY
        )
    found = dict(
        CallEdition.objects.with_status(TODAY).order_by().values_list("pk", "status_on_day")
    )
    assert len(wanted) > 1000
    assert set(wanted.values()) == set(CallStatus)
    assert {pk: value for pk, value in found.items() if wanted[pk] != value} == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"opens_on": "2026-12"}, CallStatus.COMING),
        ({"closes_on": "2026-12-23"}, CallStatus.CLOSING),
        ({"closes_on": "2026-12-24"}, CallStatus.OPEN),
        ({"closes_on": "2026-11"}, CallStatus.OPEN),
        ({"closes_on": "2026-11-22"}, CallStatus.CLOSED),
        ({"year": 2025}, CallStatus.CLOSED),
        ({"year": 2027}, CallStatus.COMING),
        ({}, CallStatus.UNKNOWN),
        ({"scheme__kind": "dispositif"}, CallStatus.STANDING),
        ({"scheme__always_open": True, "year": 2019}, CallStatus.STANDING),
    ],
)
def test_the_status_of_one_edition_is_the_one_of_the_lists(
    fields: dict[str, object], expected: CallStatus
) -> None:
    edition = CallEditionFactory(**fields)
    edition.refresh_from_db()
    listed = CallEdition.objects.with_status(TODAY).get()
    assert (edition.status(TODAY), listed.status_on_day) == (expected, expected)


@pytest.mark.django_db
def test_of_a_standing_aid_only_the_last_attestation_stands() -> None:
    scheme = FundingSchemeFactory(always_open=True)
    old = CallEditionFactory(scheme=scheme, year=2018)
    new = CallEditionFactory(scheme=scheme, year=2019)
    CallEditionFactory(scheme=scheme, year=2020, publication="brouillon")
    by_key = dict(CallEdition.objects.with_status(TODAY).values_list("key", "status_on_day"))
    assert (by_key[old.key], by_key[new.key]) == (CallStatus.CLOSED, CallStatus.STANDING)
    assert (old.status(TODAY), new.status(TODAY)) == (CallStatus.CLOSED, CallStatus.STANDING)
    before = datetime.date(2018, 6, 1)
    assert old.status(before) == CallStatus.STANDING


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("results_on", "source_date", "day", "expected"),
    [
        (None, "2018-07-02", "2018-03-01", CallStatus.CLOSED),
        (None, "2018-07-02", "2018-07-02", CallStatus.AWARDED),
        ("2018-06-12", None, "2018-06-11", CallStatus.CLOSED),
        ("2018-06-12", None, "2018-06-12", CallStatus.AWARDED),
        (None, None, "2018-03-01", CallStatus.AWARDED),
    ],
)
def test_laureates_are_known_from_the_day_their_results_or_source_say(
    results_on: str | None, source_date: str | None, day: str, expected: CallStatus
) -> None:
    edition = CallEditionFactory(closes_on="2018-02-21", results_on=results_on)
    LaureateFactory(edition=edition, source_date=source_date)
    on = datetime.date.fromisoformat(day)
    edition.refresh_from_db()
    listed = CallEdition.objects.with_status(on).get().status_on_day
    assert (edition.status(on), listed) == (expected, expected)


@pytest.mark.parametrize(
    ("closes", "last_second", "midnight"),
    [
        ("2026-01-31", "2026-01-31T22:59:59+00:00", "2026-01-31T23:00:00+00:00"),  # winter: UTC+1
        ("2026-07-31", "2026-07-31T21:59:59+00:00", "2026-07-31T22:00:00+00:00"),  # summer: UTC+2
    ],
)
def test_a_call_closes_at_midnight_in_paris(closes: str, last_second: str, midnight: str) -> None:
    facts = CallFacts(closes_on=PartialDate(closes))
    before, after = (
        timezone.localdate(datetime.datetime.fromisoformat(moment))
        for moment in (last_second, midnight)
    )
    assert status_of(facts, before) == CallStatus.CLOSING
    assert status_of(facts, after) == CallStatus.CLOSED


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "badge", "sentence"),
    [
        (
            {"closes_on": "2026-11-23"},
            "Ferme aujourd’hui",
            "Ouvert jusqu’au 23 novembre 2026",
        ),
        ({"closes_on": "2026-11-24"}, "Ferme demain", "Ouvert jusqu’au 24 novembre 2026"),
        ({"closes_on": "2026-12-03"}, "Ferme dans 10 jours", "Ouvert jusqu’au 3 décembre 2026"),
        ({"closes_on": "2026-12"}, "Ouvert", "Ouvert jusqu’en décembre 2026"),
        ({"opens_on": "2027-01"}, "À venir", "Ouvre en janvier 2027"),
        ({"year": 2027}, "À venir", "Prévu en 2027, dates non connues"),
        ({"closes_on": "2025-05"}, "Clos", "Clos depuis mai 2025"),
        ({}, "Dates inconnues", "Dates non connues"),
        (
            {"scheme__kind": "dispositif", "source_date": "2019-08-02"},
            "Permanent",
            "Aide permanente, attestée pour la dernière fois en 2019, à vérifier",
        ),
        (
            {"scheme__always_open": True, "source_date": "2026"},
            "Permanent",
            "Appel permanent, attesté en 2026",
        ),
    ],
)
def test_words_of_the_status(fields: dict[str, object], badge: str, sentence: str) -> None:
    edition = CallEditionFactory(**fields)
    edition.refresh_from_db()
    status = edition.status(TODAY)
    assert short_status(edition, status, TODAY) == badge
    assert status_sentence(edition, status, TODAY) == sentence


@pytest.mark.django_db
def test_most_urgent_first_then_the_past_newest_first() -> None:
    for title, fields in {
        "vieux": {"closes_on": "2024-05-01", "year": 2024},
        "plus tard": {"closes_on": "2027-02-01"},
        "bientôt": {"closes_on": "2026-12-01"},
        "demain": {"closes_on": "2026-11-24"},
        "récent": {"closes_on": "2025-05-01", "year": 2025},
        "permanent": {"scheme__kind": "dispositif"},
        "ouvre en mars": {"opens_on": "2027-03"},
        "ouvre en janvier": {"opens_on": "2027-01"},
        "sans date": {},
    }.items():
        CallEditionFactory(title=title, **fields)
    assert [edition.title for edition in CallEdition.objects.by_urgency(TODAY)] == [
        "demain",
        "bientôt",
        "plus tard",
        "ouvre en janvier",
        "ouvre en mars",
        "permanent",
        "sans date",
        "récent",
        "vieux",
    ]
