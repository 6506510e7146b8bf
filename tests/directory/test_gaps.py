"""Gaps: the communes of a territory minus the union of what is served, where that is known."""

import datetime
from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pyroaring import BitMap

from directory.gaps import (
    Answer,
    Counting,
    StageGaps,
    gaps_of,
    landscape,
    percent,
    serving_offers,
)
from directory.models import CallEdition, Coverage, Offer, RegionFile, Stage
from directory.places import geography
from directory.snapshot import Snapshot
from regions.models import Kind, Territory
from tests.directory.conftest import STAGES, fresh, make_offer
from tests.factories import (
    TODAY,
    CallEditionFactory,
    OfferFactory,
    OperatorFactory,
    SmallFrance,
    StageFactory,
    covers,
    territory,
)

BEFORE, AFTER = datetime.date(2022, 1, 1), datetime.date(2024, 1, 1)


def gaps_at(place: Territory, stage: str = "emergence", on: datetime.date = TODAY) -> StageGaps:
    now = fresh(on)
    land = landscape(now, place)
    found = gaps_of(land, list(Stage.objects.all()), serving_offers(now, land))
    return next(at for at in found if at.stage.slug == stage)


def names(france: SmallFrance, communes: BitMap) -> str:
    return "".join(name for name, commune in france.communes.items() if commune.pk in communes)


def test_a_gap_is_a_commune_of_a_filled_region_that_nobody_serves(documented: SmallFrance) -> None:
    make_offer(documented.e1)
    at = gaps_at(documented.r1)
    assert (names(documented, at.served), names(documented, at.gaps)) == ("ab", "ce")
    assert at.gap_share.population == 200
    assert not at.unknown


def test_an_offer_at_another_stage_fills_no_gap(documented: SmallFrance) -> None:
    make_offer(documented.r1, stage="creation")
    assert names(documented, gaps_at(documented.r1).gaps) == "abce"
    assert not gaps_at(documented.r1, "creation").gaps


def test_where_the_directory_is_not_filled_there_is_no_gap(documented: SmallFrance) -> None:
    make_offer(documented.d)
    at = gaps_at(documented.r2)
    assert (names(documented, at.gaps), names(documented, at.unknown)) == ("", "f")


def test_a_straddling_territory_has_gaps_only_on_its_documented_side(
    documented: SmallFrance,
) -> None:
    at = gaps_at(documented.e2)
    assert (names(documented, at.gaps), names(documented, at.unknown)) == ("c", "d")
    assert at.answer(documented.c.pk) == Answer.NOBODY
    assert at.answer(documented.d.pk) == Answer.UNKNOWN


def test_a_national_offer_serves_but_is_told_apart(documented: SmallFrance) -> None:
    make_offer(documented.france)
    make_offer(documented.e1)
    at = gaps_at(documented.r1)
    assert not at.gaps
    assert names(documented, at.national_only) == "ce"
    assert names(documented, at.lacking(Counting.ALL)) == ""
    assert names(documented, at.lacking(Counting.LOCAL)) == "ce"


def test_a_regional_offer_is_local_but_not_near(documented: SmallFrance) -> None:
    make_offer(documented.r1)
    make_offer(documented.a)
    at = gaps_at(documented.d1)
    assert names(documented, at.local) == "abce"
    assert names(documented, at.near) == "a"
    assert names(documented, at.lacking(Counting.NEAR)) == "bce"
    assert [at.answer(documented.communes[name].pk) for name in "ab"] == [
        Answer.NEAR,
        Answer.REGIONAL,
    ]


def test_one_offer_with_a_national_and_a_local_row_is_near_where_the_local_row_reaches(
    documented: SmallFrance,
) -> None:
    offer = make_offer(documented.france)
    covers(offer.operator, documented.e1)
    at = gaps_at(documented.r1)
    assert (names(documented, at.near), names(documented, at.national_only)) == ("ab", "ce")


def test_an_exclusion_opens_a_gap_and_another_offer_closes_it(documented: SmallFrance) -> None:
    offer = make_offer(documented.r1)
    covers(offer.operator, documented.b, excluded=True)
    assert names(documented, gaps_at(documented.r1).gaps) == "b"
    make_offer(documented.e1)
    assert not gaps_at(documented.r1).gaps


def test_a_dated_coverage_fills_a_gap_only_while_it_lasts(documented: SmallFrance) -> None:
    offer = make_offer(None)
    covers(offer.operator, documented.r1, valid_until=AFTER)
    assert not gaps_at(documented.r1, on=BEFORE).gaps
    assert names(documented, gaps_at(documented.r1).gaps) == "abce"


def test_the_communes_are_those_of_the_day(documented: SmallFrance) -> None:
    assert names(documented, landscape(fresh(BEFORE), documented.p1).within.communes) == "abc"
    assert names(documented, landscape(fresh(), documented.p1).within.communes) == "ab"


@pytest.mark.parametrize("state", ["brouillon", "closed", "planned"])
def test_who_is_not_at_work_fills_no_gap(documented: SmallFrance, state: str) -> None:
    field = "publication" if state == "brouillon" else "state"
    make_offer(documented.r1, **{f"operator__{field}": state})
    assert names(documented, gaps_at(documented.r1).gaps) == "abce"


@pytest.mark.parametrize("place", ["e1", "e2", "d1", "d2", "r1", "r2", "p1", "france", "a"])
def test_reach_counts_what_serving_counts(france: SmallFrance, place: str) -> None:
    for zone in ("a", "e1", "e2", "d1", "r2", "france", "p1"):
        offer = make_offer(getattr(france, zone))
        covers(offer.operator, france.b, excluded=True)
        make_offer(getattr(france, zone), stage="creation")
        edition = CallEditionFactory()
        covers(edition.scheme, getattr(france, zone))
    wanted = getattr(france, place)
    places = geography()
    for rows in (Offer.objects.open_on(TODAY), CallEdition.objects.public()):
        coverage = rows.coverage(places, TODAY)
        within = coverage.within(wanted)
        expected: dict[int, int] = defaultdict(int)
        for commune in within.communes:
            for pk in coverage.serving(places.enclosing(commune, TODAY)):
                expected[pk] += 1
        reaches = coverage.reach(within)
        assert {pk: len(reach.communes) for pk, reach in reaches.items()} == expected


@pytest.mark.parametrize("operators", [1, 50])
def test_gaps_take_the_same_number_of_queries(
    documented: SmallFrance, django_assert_num_queries, operators: int
) -> None:
    for number in range(operators):
        make_offer(documented.everywhere[number % 15], stage=STAGES[number % 4])
    now = fresh()
    # The offers, their themes, where they serve, and the state of the Régions' directories.
    with django_assert_num_queries(4):
        land = landscape(now, documented.r1)
        gaps_of(land, now.words.stages, serving_offers(now, land))


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(0, 10, 0), (10, 10, 100), (999, 1000, 99), (1, 1000, 1), (1, 2, 50), (0, 0, 0)],
)
def test_a_part_is_never_rounded_to_all_nor_to_nothing(
    part: int, whole: int, expected: int
) -> None:
    assert percent(part, whole) == expected


class GapsAgainstBruteForce(TestCase):
    """Gap = communes of the territory, minus the union over offers of what each one serves."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.stages = [StageFactory(slug=slug, position=at) for at, slug in enumerate(STAGES, 1)]
        cls.france = SmallFrance()
        filled = datetime.date(2000, 1, 1)  # before all the days asked for
        RegionFile.objects.create(region=cls.france.r1, documented_since=filled)
        cls.former = territory(Kind.FORMER, "01999", successor=cls.france.b)
        cls.offers = [
            OfferFactory(operator=OperatorFactory(), stage=cls.stages[number % 2])
            for number in range(4)
        ]

    dates = st.sampled_from([None, BEFORE, datetime.date(2023, 9, 21), AFTER])
    rows = st.lists(
        st.tuples(
            st.integers(0, 3),  # the offer
            st.integers(0, 15),  # the territory, the last a former commune
            st.booleans(),  # a row of the offer's own, or of its operator
            st.sampled_from([False, False, True]),  # excluded
            dates,
            dates,
        ),
        max_size=12,
    )

    @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
    @given(rows=rows, on=st.sampled_from([BEFORE, TODAY]))
    def test_same_gaps(self, rows: list[tuple], on: datetime.date) -> None:
        self._write(rows)
        now = fresh(on)
        served = {stage.pk: self._served(stage, now) for stage in self.stages}
        documented = {self.france.communes[name].pk for name in "abce"}
        france = self.france
        for place in (france.b, france.e2, france.p1, france.d1, france.r1, france.france):
            inside = {
                row.commune_id
                for row in place.members.all()
                if (row.valid_from is None or row.valid_from <= on)
                and (row.valid_until is None or on < row.valid_until)
            }
            land = landscape(now, place)
            assert set(land.within.communes) == inside
            for at in gaps_of(land, self.stages, serving_offers(now, land)):
                here = served[at.stage.pk] & inside
                assert set(at.served) == here
                assert set(at.gaps) == (inside & documented) - here
                assert set(at.unknown) == inside - documented - here
                assert at.near <= at.local <= at.served

    def _served(self, stage: Stage, now: Snapshot) -> set[int]:
        """One commune at a time, by the branch of the rule that knows nothing of sets."""
        return {
            commune.pk
            for commune in self.france.communes.values()
            for pk in now.coverage.serving(now.places.enclosing(commune.pk, now.on))
            if now.offer_of[pk].stage == stage.pk
        }

    def _write(self, rows: list[tuple]) -> None:
        kept = {}
        for number, place, own, excluded, begins, ends in rows:
            if begins and ends and begins >= ends:
                continue
            offer = self.offers[number]
            zone = self.former if place == 15 else self.france.everywhere[place]
            kept[number, zone.pk, own, excluded, begins] = Coverage(
                operator=None if own else offer.operator,
                offer=offer if own else None,
                territory=zone,
                excluded=excluded,
                valid_from=begins,
                valid_until=ends,
            )
        Coverage.objects.bulk_create(kept.values())
