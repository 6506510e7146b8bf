"""The packed communes say what the database says."""

import datetime

import pytest
from django.db.models import Sum

from regions.atlas import Atlas, atlas
from regions.models import Kind, Territory

pytestmark = pytest.mark.usefixtures("whole_france")


def places() -> Atlas:
    return atlas("the whole of France, as the tests of the communes read it")


def test_every_commune_is_there_as_it_is_in_the_database() -> None:
    communes = places().communes
    rows = Territory.objects.communes().with_outline_known().order_by("pk")
    assert len(communes) == len(rows)
    for row in rows:
        commune = communes[row.pk]
        for name in (
            *("pk", "kind", "code", "name", "slug", "label", "key", "population"),
            *("latitude", "longitude", "has_outline"),
        ):
            assert getattr(commune, name) == getattr(row, name), (row.code, name)
        assert list(commune.postcodes) == row.postcodes
        assert commune.get_absolute_url() == row.get_absolute_url()
        assert communes.coded(row.code) == places().find(Kind.COMMUNE, row.code) == row.pk
        assert communes.code(row.pk) == row.code


@pytest.mark.parametrize("pk", [-1, 0, 2**31, 2**32 - 1, 2**32, 2**70])
def test_what_is_no_commune_is_not_found(pk: int) -> None:
    assert pk not in places().communes
    assert places().communes.get(pk) is None


@pytest.mark.parametrize("pk", [None, "1", 1.5])
def test_what_is_no_key_is_not_in_it(pk: object) -> None:
    assert pk not in places().communes


@pytest.mark.parametrize("code", ["", "0", "99999", "25388 ", "é", "\0", "2a004"])
def test_what_is_no_code_leads_nowhere(code: str) -> None:
    assert places().communes.coded(code) is None


def test_some_communes_stand_in_the_order_of_all() -> None:
    communes = places().communes
    some = list(communes)[7::1000]
    assert [commune.pk for commune in communes.among(reversed(some))] == some
    names = [communes[pk].name for pk in some]
    assert names[:2] == sorted(names[:2])


@pytest.mark.parametrize("kind", [Kind.DEPARTEMENT, Kind.REGION, Kind.COUNTRY])
def test_people_are_those_of_the_database(kind: Kind) -> None:
    territory = Territory.objects.filter(kind=kind).order_by("code")[0]
    inside = places().inside(territory.pk, datetime.date(2026, 11, 25))
    expected = Territory.objects.filter(pk__in=list(inside)).aggregate(all=Sum("population"))
    assert places().communes.people(inside) == expected["all"]


def test_the_communes_of_a_postcode_come_the_most_populous_first() -> None:
    found = places().communes.with_postcode("51300")
    rows = Territory.objects.communes().filter(postcodes__contains=["51300"])
    assert {commune.pk for commune in found} == {row.pk for row in rows}
    order = [(-(commune.population or -1), commune.code) for commune in found]
    assert order == sorted(order)
