"""The map's payload: the operators of the list, in a constant number of queries."""

import json
from typing import Any

import brotli
import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from directory.explore import Exploration
from directory.explore.points import LOCAL, NATIONAL, REGIONAL, points
from directory.models import Operator
from directory.snapshot import current
from regions.models import Outline
from tests.directory.conftest import fresh, make_offer
from tests.factories import TODAY, OfferFactory, OperatorFactory, SmallFrance, covers

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[5.9, 46.9], [6.2, 46.9], [6.2, 47.2], [5.9, 47.2], [5.9, 46.9]]],
}


def payload(query: str = "") -> dict[str, Any]:
    return points(Exploration(QueryDict(query), fresh()))


def placed(data: dict[str, Any]) -> dict[str, tuple[float, float]]:
    scale = 10 ** data["decimals"]
    rows = zip(data["name"], data["lat"], data["lon"], strict=True)
    return {name: (lat / scale, lon / scale) for name, lat, lon in rows}


def keys(data: dict[str, Any]) -> set[int]:
    total, found = 0, set()
    for step in data["id"]:
        total += step
        found.add(total)
    return found


def test_an_operator_is_at_its_own_point_else_at_its_commune_else_beside_the_map(
    france: SmallFrance,
) -> None:
    make_offer(france.d1, operator__name="Ici", operator__latitude=47.12347, operator__longitude=6)
    make_offer(france.d1, operator__name="En mairie", operator__commune=france.a)
    make_offer(france.d1, operator__name="Nulle part", operator__slug="nulle-part")
    data = payload()
    assert placed(data) == {"Ici": (47.1235, 6.0), "En mairie": (47.0, 6.0)}
    assert [row[:2] for row in data["unplaced"]] == [("nulle-part", "Nulle part")]
    assert data["total"] == 3


@pytest.mark.parametrize(
    "query",
    [
        "",
        "territoire=epci:e1",
        "territoire=region:r1&portee=partie",
        "etape=creation",
        "q=moulin",
        "zone=46.9,5.9,47.3,6.2",
        "verifie=1",
    ],
)
def test_the_map_and_the_list_hold_the_same_operators(france: SmallFrance, query: str) -> None:
    places = [france.e1, france.a, france.d2, france.r1, france.france]
    for number, place in enumerate(places):
        make_offer(
            place,
            stage="creation" if number % 2 else "emergence",
            operator__name=f"Le moulin {number}" if number < 3 else f"Autre {number}",
            operator__commune=france.b if number % 2 else None,
            operator__verified_on=TODAY if number == 1 else None,
        )
    search = Exploration(QueryDict(query), fresh())
    data = points(search)
    slugs = set(Operator.objects.filter(pk__in=keys(data)).values_list("slug", flat=True))
    slugs |= {row[0] for row in data["unplaced"]}
    assert slugs == {operator.slug for operator in search.operators} != set()
    assert data["total"] == len(search.operators) == len(data["id"]) + len(data["unplaced"])


def test_how_far_an_operator_reaches_is_its_widest_included_territory(france: SmallFrance) -> None:
    places = {"loin": france.france, "région": france.r1, "ici": france.d1}
    for name, place in places.items():
        offer = make_offer(place, operator__name=name, operator__commune=france.a)
        covers(offer.operator, france.e1)
    excluded = make_offer(france.e1, operator__name="sauf", operator__commune=france.a)
    covers(excluded.operator, france.r1, excluded=True)
    data = payload()
    assert dict(zip(data["name"], data["level"], strict=True)) == {
        "loin": NATIONAL,
        "région": REGIONAL,
        "ici": LOCAL,
        "sauf": LOCAL,
    }


def test_an_offer_with_a_narrower_zone_of_its_own_does_not_reach_as_far(
    france: SmallFrance,
) -> None:
    offer = make_offer(france.france, operator__name="un", operator__commune=france.a)
    covers(offer, france.e1)
    assert payload()["level"] == [LOCAL]


def test_the_number_of_queries_does_not_depend_on_the_number_of_operators(
    france: SmallFrance,
) -> None:
    counts = []
    for number in (1, 50):
        for _ in range(number):
            make_offer(france.r1, operator__commune=france.a)
        now = fresh()
        with CaptureQueriesContext(connection) as queries:
            points(Exploration(QueryDict("territoire=region:r1"), now))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


class TestAddresses:
    def test_the_payload_is_the_search_of_the_address(
        self, client: Client, france: SmallFrance
    ) -> None:
        make_offer(france.e1, operator__name="Ici", operator__commune=france.a)
        make_offer(france.d2, operator__name="Là-bas", operator__commune=france.d)
        answer = client.get("/carte/points.json", {"territoire": "epci:e1"})
        assert answer.json()["name"] == ["Ici"]
        assert answer.json()["territory"] == {"label": "e1", "outline": None}

    def test_a_filter_that_is_not_understood_is_said_never_everything(
        self, client: Client, france: SmallFrance
    ) -> None:
        make_offer(france.e1)
        answer = client.get("/carte/points.json?territoire=epci:zz")
        assert answer.status_code == 400
        assert "territoire" in answer.json()["erreurs"]
        page = client.get("/carte/?territoire=epci:zz")
        assert page.status_code == 400
        assert "data-map-refused" in page.content.decode()

    def test_the_page_counts_those_on_the_map_and_names_the_others(
        self, client: Client, france: SmallFrance
    ) -> None:
        make_offer(france.e1, operator__commune=france.a)
        make_offer(france.e1, operator__name="Sans adresse", operator__slug="sans-adresse-1")
        page = client.get("/carte/").content.decode()
        assert "1 sur la carte, 1 sans adresse connue" in page
        beside = page.split('id="sans-adresse"')[1].split("</section>")[0]
        assert "Sans adresse" in beside and "/operateurs/sans-adresse-1/" in beside

    def test_the_links_of_the_search_stay_on_the_map(
        self, client: Client, france: SmallFrance
    ) -> None:
        make_offer(france.e1, operator__commune=france.a)
        context = client.get("/carte/?territoire=epci:e1&etape=emergence").context
        search = context["search"]
        assert {chip.remove_url.split("?")[0] for chip in search.chips} == {"/carte/"}
        assert search.list_url == "/carte/"
        assert context["plain_list_url"].startswith("/operateurs/?")

    def test_the_page_costs_a_constant_number_of_queries(
        self, client: Client, france: SmallFrance
    ) -> None:
        counts = []
        for number in (1, 50):
            for _ in range(number):
                make_offer(france.e1)
            assert current().sets.depth
            with CaptureQueriesContext(connection) as queries:
                client.get("/carte/?territoire=epci:e1")
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 9

    def test_a_card_gives_the_zone_in_words_and_outlines(
        self, client: Client, france: SmallFrance
    ) -> None:
        Outline.objects.create(territory=france.e1, geometry=SQUARE)
        offer = make_offer(france.e1, operator__slug="un", operator__commune=france.a)
        covers(offer.operator, france.b, excluded=True)
        by_slug = client.get("/carte/operateurs/un.json").json()
        assert by_slug == client.get(f"/carte/points/{offer.operator.pk}.json").json()
        assert by_slug["url"] == "/operateurs/un/"
        assert by_slug["coverage"] == [
            {
                "label": "Intervient sur e1",
                "excluded": False,
                "country": False,
                "outline": "/contours/epci/e1.geojson",
            },
            {"label": "Sauf Commune b", "excluded": True, "country": False, "outline": None},
        ]

    def test_beyond_some_points_the_names_wait_and_are_given_by_the_dozen(
        self, client: Client, france: SmallFrance, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("directory.views.map.NAMED_POINTS", 1)
        pks = [
            make_offer(france.e1, operator__name=name, operator__commune=france.a).operator.pk
            for name in ("Un", "Deux")
        ]
        draft = OperatorFactory(publication="brouillon")
        answer = client.get("/carte/points.json").json()
        assert answer["name"] is None
        assert keys(answer) == set(pks)
        names = client.get(f"/carte/noms.json?o={pks[0]},{pks[1]},{draft.pk},999999999").json()
        assert names == {str(pks[0]): "Un", str(pks[1]): "Deux"}

    @pytest.mark.parametrize("asked", ["", "?o=", "?o=a", "?o=1,", "?o=" + ",".join("1" * 201)])
    def test_names_of_what_is_no_list_of_operators_are_refused_in_words(
        self, client: Client, france: SmallFrance, asked: str
    ) -> None:
        answer = client.get(f"/carte/noms.json{asked}")
        assert answer.status_code == 400
        assert "o" in answer.json()["erreurs"]

    def test_a_draft_has_no_card(self, client: Client, france: SmallFrance) -> None:
        draft = OperatorFactory(publication="brouillon", slug="brouillon")
        OfferFactory(operator=draft)
        assert client.get("/carte/operateurs/brouillon.json").status_code == 404
        assert client.get(f"/carte/points/{draft.pk}.json").status_code == 404

    def test_a_departement_seen_closer_has_what_shares_a_commune_with_it(
        self, client: Client, france: SmallFrance
    ) -> None:
        for place in (france.e1, france.e2, france.e3, france.p1):
            Outline.objects.create(territory=place, geometry=SQUARE)
        found = client.get("/carte/contours/d1.json").json()
        shown = {one["properties"]["key"] for one in found["territories"]["features"]}
        assert shown == {"epci:e1", "epci:e2", "pays:p1"}
        assert sorted(found["communes"]["name"]) == [f"Commune {name}" for name in "abce"]
        assert client.get("/carte/contours/zz.json").status_code == 404

    def test_the_payload_leaves_compressed_and_is_not_made_twice(
        self, client: Client, france: SmallFrance
    ) -> None:
        make_offer(france.e1, operator__commune=france.a)
        first = client.get("/carte/points.json", headers={"accept-encoding": "br"})
        assert first["Content-Encoding"] == "br"
        with CaptureQueriesContext(connection) as queries:
            again = client.get("/carte/points.json", headers={"accept-encoding": "br"})
        assert len(queries) == 1
        assert brotli.decompress(again.content) == brotli.decompress(first.content)

    def test_no_address_of_the_map_is_of_a_third_party_without_a_tile_provider(
        self, client: Client, france: SmallFrance
    ) -> None:
        settings = client.get("/carte/").context["map_settings"]
        settings.pop("names_at_once")
        assert settings.pop("tiles") is None
        assert all(json.dumps(address).startswith('"/') for address in settings.values())
