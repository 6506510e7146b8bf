"""The one rule: which offers serve a place. Its truth table, and a brute-force twin."""

import datetime
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from directory.models import CallEdition, Coverage, EffectiveCoverage, Offer
from directory.places import geography
from regions.models import Containment, Kind, Territory
from tests.factories import (
    TODAY,
    CallEditionFactory,
    OfferFactory,
    OperatorFactory,
    SmallFrance,
    covers,
    territory,
)

BEFORE, AFTER = datetime.date(2022, 1, 1), datetime.date(2024, 1, 1)


def served(place: Territory, on: datetime.date = TODAY) -> set[int]:
    places = geography()
    return set(Offer.objects.coverage(places, on).serving(places.enclosing(place.pk, on)))


def reached(place: Territory, on: datetime.date = TODAY) -> dict[int, tuple[int, int]]:
    """Offer -> (communes served, of how many)."""
    coverage = Offer.objects.coverage(geography(), on)
    within = coverage.within(place)
    return {
        pk: (len(reach.communes), len(within.communes))
        for pk, reach in coverage.reach(within).items()
    }


def communes_served(offer: Offer, france: SmallFrance, on: datetime.date = TODAY) -> str:
    return "".join(
        name for name, commune in france.communes.items() if offer.pk in served(commune, on)
    )


# Each case: what the rows say, and the communes of SmallFrance that are served.
TRUTH_TABLE: list[tuple[str, Callable[[SmallFrance, Offer], object], str]] = [
    ("no row at all serves nowhere", lambda f, o: None, ""),
    ("a commune row serves that commune", lambda f, o: covers(o.operator, f.a), "a"),
    ("an EPCI row serves its communes", lambda f, o: covers(o.operator, f.e1), "ab"),
    ("a straddling EPCI serves both sides", lambda f, o: covers(o.operator, f.e2), "cd"),
    (
        "a département row serves a commune without EPCI",
        lambda f, o: covers(o.operator, f.d1),
        "abce",
    ),
    ("a région row stops at the région", lambda f, o: covers(o.operator, f.r2), "df"),
    ("the whole country is an explicit row", lambda f, o: covers(o.operator, f.france), "abcdef"),
    (
        "several rows add up",
        lambda f, o: (covers(o.operator, f.e1), covers(o.operator, f.e2)),
        "abcd",
    ),
    (
        "an excluded commune is taken off",
        lambda f, o: (covers(o.operator, f.d1), covers(o.operator, f.b, excluded=True)),
        "ace",
    ),
    (
        "an excluded EPCI is taken off on both sides of the border",
        lambda f, o: (covers(o.operator, f.france), covers(o.operator, f.e2, excluded=True)),
        "abef",
    ),
    (
        "an exclusion wins over a narrower inclusion",
        lambda f, o: (covers(o.operator, f.a), covers(o.operator, f.d1, excluded=True)),
        "",
    ),
    ("an exclusion alone serves nowhere", lambda f, o: covers(o.operator, f.a, excluded=True), ""),
    (
        "rows of its own replace the operator's",
        lambda f, o: (covers(o.operator, f.france), covers(o, f.e1)),
        "ab",
    ),
    (
        "an exclusion of its own does not bring the operator's rows back",
        lambda f, o: (covers(o.operator, f.france), covers(o, f.e1, excluded=True)),
        "",
    ),
    (
        "rows of its own that are over do not bring the operator's rows back",
        lambda f, o: (covers(o.operator, f.france), covers(o, f.e1, valid_until=BEFORE)),
        "",
    ),
    (
        "a row that is over serves nowhere",
        lambda f, o: covers(o.operator, f.e1, valid_until=TODAY),
        "",
    ),
    (
        "a row that begins today serves",
        lambda f, o: covers(o.operator, f.e1, valid_from=TODAY),
        "ab",
    ),
    (
        "a row that begins tomorrow does not",
        lambda f, o: covers(o.operator, f.e1, valid_from=TODAY + datetime.timedelta(days=1)),
        "",
    ),
    (
        "an exclusion that is over no longer excludes",
        lambda f, o: (
            covers(o.operator, f.e1),
            covers(o.operator, f.a, excluded=True, valid_until=BEFORE),
        ),
        "ab",
    ),
    ("a Pays serves the communes it has today", lambda f, o: covers(o.operator, f.p1), "ab"),
]


@pytest.mark.parametrize(("case", "say", "expected"), TRUTH_TABLE, ids=[c[0] for c in TRUTH_TABLE])
def test_rule(
    france: SmallFrance, case: str, say: Callable[[SmallFrance, Offer], object], expected: str
) -> None:
    offer = OfferFactory()
    say(france, offer)
    assert communes_served(offer, france) == expected


def test_pays_of_another_time_serves_the_communes_it_had(france: SmallFrance) -> None:
    offer = OfferFactory()
    covers(offer.operator, france.p1)
    assert communes_served(offer, france, on=BEFORE) == "abc"
    assert communes_served(offer, france, on=AFTER) == "ab"


@pytest.mark.parametrize("kind", [Kind.FORMER, Kind.ARRONDISSEMENT])
@pytest.mark.parametrize("excluded", [False, True])
def test_a_row_that_names_a_former_commune_counts_for_the_current_one(
    france: SmallFrance, kind: str, excluded: bool
) -> None:
    offer = OfferFactory()
    former = territory(kind, "01999", successor=france.b)
    covers(offer.operator, former, excluded=excluded)
    if excluded:
        covers(offer.operator, france.e1)
    assert communes_served(offer, france) == ("a" if excluded else "b")


def test_an_edition_takes_the_rows_of_its_scheme_unless_it_has_its_own(france: SmallFrance) -> None:
    inherits, own = CallEditionFactory(), CallEditionFactory()
    covers(inherits.scheme, france.d1)
    covers(own.scheme, france.d1)
    covers(own, france.f)
    places = geography()
    coverage = CallEdition.objects.coverage(places, TODAY)
    assert set(coverage.serving(places.enclosing(france.a.pk, TODAY))) == {inherits.pk}
    assert set(coverage.serving(places.enclosing(france.f.pk, TODAY))) == {own.pk}


def test_unknown_coverage_is_found_and_is_not_everywhere(france: SmallFrance) -> None:
    unknown, excluded_only, known = OfferFactory(), OfferFactory(), OfferFactory()
    covers(excluded_only.operator, france.a, excluded=True)
    covers(known.operator, france.france)
    assert set(Offer.objects.coverage_unknown(TODAY)) == {unknown, excluded_only}


@pytest.mark.parametrize(
    ("include", "exclude", "place", "expected"),
    [
        ("e1", None, "d1", (2, 4)),
        ("e2", None, "d1", (1, 4)),
        ("e2", None, "r2", (1, 2)),
        ("d1", "a", "r1", (3, 4)),
        ("france", "e2", "e2", None),
        ("france", "e2", "r1", (3, 4)),
        ("e3", None, "d1", None),
        ("p1", None, "r1", (2, 4)),
    ],
)
def test_a_wider_territory_is_served_in_part(
    france: SmallFrance,
    include: str,
    exclude: str | None,
    place: str,
    expected: tuple[int, int] | None,
) -> None:
    offer = OfferFactory()
    covers(offer.operator, getattr(france, include))
    if exclude:
        covers(offer.operator, getattr(france, exclude), excluded=True)
    assert reached(getattr(france, place)).get(offer.pk) == expected


def test_the_reason_is_the_narrowest_covering_territory(france: SmallFrance) -> None:
    offer = OfferFactory()
    for place in (france.france, france.r1, france.e1):
        covers(offer.operator, place)
    places = geography()
    enclosing = places.enclosing(france.a.pk, TODAY)
    assert enclosing == tuple(
        Territory.objects.enclosing(france.a, TODAY).values_list("pk", flat=True)
    )
    found = Offer.objects.coverage(places, TODAY).serving(enclosing)
    assert enclosing[found[offer.pk]] == france.e1.pk


def test_each_offer_comes_once_whatever_the_number_of_its_rows(france: SmallFrance) -> None:
    offer = OfferFactory()
    for place in (france.a, france.e1, france.d1, france.r1, france.france):
        covers(offer.operator, place)
    assert served(france.a) == {offer.pk}
    assert reached(france.r1)[offer.pk] == (4, 4)


class RuleAgainstBruteForce(TestCase):
    """Whatever the rows, the query says what a computation over sets of communes says."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.france = SmallFrance()
        cls.operator = OperatorFactory()
        cls.offer = OfferFactory(operator=cls.operator)

    dates = st.sampled_from([None, BEFORE, datetime.date(2023, 9, 21), AFTER])
    rows = st.lists(
        st.tuples(st.integers(0, 14), st.booleans(), st.booleans(), dates, dates), max_size=6
    )

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
    @given(rows=rows, on=st.sampled_from([BEFORE, TODAY]))
    def test_same_answer(self, rows: list[tuple], on: datetime.date) -> None:
        kept: dict[bool, list[Coverage]] = {True: [], False: []}
        for place, own, excluded, begins, ends in rows:
            if begins and ends and begins >= ends:
                continue
            row = Coverage(
                operator=None if own else self.operator,
                offer=self.offer if own else None,
                territory=self.france.everywhere[place],
                excluded=excluded,
                valid_from=begins,
                valid_until=ends,
            )
            same = (row.territory_id, excluded, begins)
            if same not in [(r.territory_id, r.excluded, r.valid_from) for r in kept[own]]:
                kept[own].append(row)
        Coverage.objects.bulk_create(kept[True] + kept[False])
        expected = self._brute_force(kept[True] or kept[False], on)

        for commune in self.france.communes.values():
            assert (self.offer.pk in served(commune, on)) == (commune.pk in expected)
        for place in self.france.everywhere[6:]:
            inside = self._communes(place, on)
            counts = reached(place, on).get(self.offer.pk)
            here = len(expected & inside)
            assert counts == ((here, len(inside)) if here else None)

    def _communes(self, place: Territory, on: datetime.date) -> set[int]:
        return {
            row.commune_id for row in Containment.objects.filter(territory=place) if _holds(row, on)
        }

    def _brute_force(self, rows: list[Coverage], on: datetime.date) -> set[int]:
        included: set[int] = set()
        excluded: set[int] = set()
        for row in rows:
            if _holds(row, on):
                (excluded if row.excluded else included).update(self._communes(row.territory, on))
        return included - excluded


def _holds(row: Coverage | Containment, on: datetime.date) -> bool:
    return (row.valid_from is None or row.valid_from <= on) and (
        row.valid_until is None or on < row.valid_until
    )


def test_the_view_is_the_only_home_of_inheritance(france: SmallFrance) -> None:
    """Own rows hide the operator's, offer by offer."""
    operator = OperatorFactory()
    inherits, own = OfferFactory(operator=operator), OfferFactory(operator=operator, title="Autre")
    covers(operator, france.d1)
    covers(own, france.a)
    assert list(
        EffectiveCoverage.objects.order_by("offer_id").values_list("offer_id", "territory__code")
    ) == [(inherits.pk, "d1"), (own.pk, france.a.code)]
