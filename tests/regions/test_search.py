"""What people type finds their commune: on the real geography."""

import math
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regions.atlas import Atlas, atlas
from regions.models import Territory
from regions.search import CommuneSearch, nearest_communes, search_communes

pytestmark = pytest.mark.usefixtures("whole_france")


def places() -> Atlas:
    return atlas("the whole of France, as the tests of the search read it")


def codes(found: CommuneSearch) -> list[str]:
    return [hit.commune.code for hit in found.hits]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Montbéliard", "25388"),
        ("montbeliard", "25388"),
        ("MONTBELIARD", "25388"),
        ("montbelliard", "25388"),  # a typo
        ("montbé", "25388"),  # still typing
        ("st etienne", "42218"),
        ("Saint-Étienne", "42218"),
        ("L'Haÿ", "94038"),
        ("l’hay les roses", "94038"),
        ("hay les roses", "94038"),
        ("havre", "76351"),
        ("le havre", "76351"),
        ("la r", "17300"),
        ("bourg en bresse", "01053"),
        ("le bourg en bresse", "01053"),
        ("bresse bourg", "01053"),  # words in any order
        ("marseile", "13055"),
        ("25200 Montbéliard", "25388"),
        ("Montbéliard (25200)", "25388"),
        ("Saint-Denis 93", "93066"),
        ("st denis reunion", "97411"),
        ("saint denis la réunion", "97411"),
        ("montbelliard doubs", "25388"),  # a typo and a département
        ("Rennes CEDEX 7", "35238"),
        ("35042 Rennes CEDEX", "35238"),
        ("25388", "25388"),
        ("2a004", "2A004"),
        ("saint-pierre 975", "97502"),
    ],
)
def test_the_first_answer_is_the_right_one(typed: str, code: str) -> None:
    assert codes(search_communes(places(), typed))[0] == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Montbliard", "25388"),  # a letter is missing
        ("Marrseille", "13055"),  # too many
        ("Bordeaix", "33063"),  # changed
        ("Strasbuorg", "67482"),  # exchanged with the next
        ("Grneoble", "38185"),
        ("SaintEtienne", "42218"),  # a space is missing
        ("Mont beliard", "25388"),  # too many
        ("Saintaetienne", "42218"),  # a letter instead
        ("Bourg-en-Brese", "01053"),  # in one of the words
        ("Boulogne-sur-Mre", "62160"),
        ("Bourg en Brsese ain", "01053"),  # and with the département
        ("Saint-Germain-en-Lay", "78551"),
        ("Bllan", "81032"),  # before others of as many slips
    ],
)
def test_a_slip_is_forgiven_without_asking_the_database(typed: str, code: str) -> None:
    places().names.with_slips("read"), places().arrondissements
    with CaptureQueriesContext(connection) as queries:
        found = codes(search_communes(places(), typed))
    assert found[0] == code
    assert len(queries) == 0


@pytest.mark.parametrize("typed", ["s", "saint", "le", "le h", "l hay", "la roche sur", "paris 1"])
def test_what_is_or_begins_with_a_name_holds_its_words(typed: str) -> None:
    found = places().names.named(typed)
    assert found.whole | found.beginning <= found.words
    for one in places().names.with_slips(typed + "x"):
        assert one.whole | one.beginning <= one.words


@pytest.mark.parametrize(
    "typed",
    ["marseile", "Chatelerault", "pua", "sait denis", "lyonn", "pouily", "chalon sur soane"],
)
def test_the_limit_does_not_change_the_order_of_slips(typed: str) -> None:
    whole = codes(search_communes(places(), typed, limit=500))
    assert len(set(whole)) == len(whole) > 0
    assert codes(search_communes(places(), typed, limit=3)) == whole[:3]
    assert search_communes(places(), typed, limit=1).total == len(whole)


def test_two_slips_in_a_word_are_looked_for_among_the_look_alikes() -> None:
    assert codes(search_communes(places(), "montbelllliard"))[0] == "25388"


def test_homonyms_come_the_more_populous_first() -> None:
    found = search_communes(places(), "saint-denis")
    assert codes(found)[:2] == ["97411", "93066"]
    exact = [hit for hit in found.hits if hit.commune.name == "Saint-Denis"]
    populations = [hit.commune.population or 0 for hit in exact if hit.matched_name is None]
    assert populations == sorted(populations, reverse=True)
    assert len(populations) == len(exact) >= 4


def test_the_whole_name_goes_before_longer_ones_however_small() -> None:
    hits = search_communes(places(), "bresse").hits
    assert hits[0].commune.name == "La Bresse"
    assert "Bourg-en-Bresse" in [hit.commune.name for hit in hits]


@pytest.mark.parametrize("limit", [1, 5, 20])
def test_the_limit_holds_and_the_total_is_that_of_all(limit: int) -> None:
    found = search_communes(places(), "saint-denis", limit=limit)
    assert len(found.hits) == limit
    assert codes(found) == codes(search_communes(places(), "saint-denis", limit=50))[:limit]
    assert found.total == len(search_communes(places(), "saint-denis", limit=200).hits) > 50


def test_a_shared_postcode_lists_every_commune() -> None:
    found = search_communes(places(), "51300", limit=5)
    assert found.kind == "postcode"
    assert found.total == len(found.hits) == 46
    assert all("51300" in hit.commune.postcodes and hit.postcode == "51300" for hit in found.hits)
    assert found.hits[0].commune.name == "Vitry-le-François"


@pytest.mark.parametrize("start", ["25", "252", "2520"])
def test_the_beginning_of_a_postcode_is_enough(start: str) -> None:
    found = search_communes(places(), start, limit=5)
    expected = Territory.objects.communes().order_by("-population", "code")
    matching = [
        commune.code
        for commune in expected.exclude(population=None)
        if any(postcode.startswith(start) for postcode in commune.postcodes)
    ]
    assert codes(found) == matching[:5]
    assert found.total == len(matching)


def test_a_former_commune_leads_to_the_present_one_and_is_named() -> None:
    hit = search_communes(places(), "Arbignieu").hits[0]
    assert (hit.commune.code, hit.matched_name, hit.matched_kind) == (
        "01015",
        "Arbignieu",
        "ancienne",
    )


@pytest.mark.parametrize("typed", ["paris 11", "Paris 11e", "paris 11ème arrondissement", "75111"])
def test_an_arrondissement_leads_to_its_city_once(typed: str) -> None:
    hits = search_communes(places(), typed).hits
    assert [(hit.commune.code, hit.matched_name) for hit in hits] == [
        ("75056", "Paris 11e Arrondissement")
    ]


def test_the_postcode_of_an_arrondissement_names_it() -> None:
    [hit] = search_communes(places(), "75011").hits
    assert (hit.commune.name, hit.matched_name) == ("Paris", "Paris 11e Arrondissement")


@pytest.mark.parametrize("typed", ["saint", "villeneuve", "paris", "sainte marie", "beaulieu"])
def test_a_commune_is_listed_once(typed: str) -> None:
    found = codes(search_communes(places(), typed, limit=50))
    assert len(found) == len(set(found))


@pytest.mark.parametrize("typed", ["Saint-Pierre 975", "Ajaccio", "Cayenne", "Paris", "Rennes"])
def test_a_hit_says_its_departement_without_another_query(typed: str) -> None:
    hits = search_communes(places(), typed).hits
    with CaptureQueriesContext(connection) as queries:
        described = [
            (hit.departement_name, hit.departement_code, hit.commune.name, hit.commune.population)
            for hit in hits
        ]
    assert len(queries) == 0
    assert all(name and code for name, code, *_ in described)


def test_nothing_found_says_what_to_try() -> None:
    found = search_communes(places(), "xyzzy")
    assert found.hits == []
    assert found.total == 0
    assert "code postal" in found.hint


def test_a_number_that_is_no_postcode_speaks_of_cedex() -> None:
    found = search_communes(places(), "35999")
    assert found.hits == []
    assert "CEDEX" in found.hint
    assert "359" in found.hint


def test_an_insee_code_typed_as_a_postcode_is_named_as_such() -> None:
    found = search_communes(places(), "35042")  # Rennes CEDEX, and the Insee code of a village
    assert codes(found) == ["35042"]
    assert "code Insee de Brielles" in found.hint
    assert "CEDEX" in found.hint


@pytest.mark.parametrize("typed", ["", "   ", "\0", "%", "%_\\", "🏡", "'", "--", "5", "&|!:*"])
def test_what_says_nothing_finds_nothing_and_does_not_fail(typed: str) -> None:
    found = search_communes(places(), typed)
    assert found.hits == []
    assert found.total == 0
    assert found.hint


@pytest.mark.parametrize(
    "typed",
    ["a" * 10_000, "saint " * 2_000, "\0" * 10_000, "9" * 10_000, "é%" * 5_000, "' & | ! :* ( )"],
)
def test_a_very_long_or_odd_text_does_no_harm(typed: str) -> None:
    found = search_communes(places(), typed)
    assert len(found.query) <= 60
    assert len(found.hits) <= 20


@pytest.mark.parametrize(
    "typed",
    [
        "saint",
        "montbeliard",
        "montbelliard",
        "st denis reunion",
        "saint-denis 93",
        "51300",
        "xyzzy",
    ],
)
def test_a_search_takes_two_statements_at_most_and_usually_none(typed: str) -> None:
    places().names.named("a"), places().arrondissements
    with CaptureQueriesContext(connection) as queries:
        found = search_communes(places(), typed)
    assert len(queries) <= 2
    if typed in {"saint", "montbeliard", "montbelliard", "51300"}:
        assert len(queries) == 0
    with CaptureQueriesContext(connection) as queries:
        assert found.total >= len(found.hits)
    assert len(queries) == 0


def test_the_nearest_communes_are_those_of_a_brute_force_search() -> None:
    centres = list(
        Territory.objects.communes()
        .exclude(latitude=None)
        .values_list("code", "latitude", "longitude")
    )

    def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
        (a, b), (c, d) = (map(math.radians, point) for point in (one, other))
        return 6371 * math.acos(
            min(1.0, math.sin(a) * math.sin(c) + math.cos(a) * math.cos(c) * math.cos(b - d))
        )

    chance = random.Random(2026)
    points = [(chance.uniform(42.5, 50.5), chance.uniform(-4.5, 8)) for _ in range(6)]
    # Far from everything, an island, overseas, and across the antimeridian.
    points += [(51.5, -0.1), (48.45, -5.1), (-21.1, 55.5), (4.9, -52.3), (0.0, 180.0)]
    for point in points:
        expected = sorted((distance(point, (lat, lon)), code) for code, lat, lon in centres)[:5]
        found = nearest_communes(places(), *point)
        assert [hit.distance_km for hit in found] == pytest.approx(
            [km for km, _ in expected], abs=0.05
        )
        assert {hit.commune.code for hit in found} == {code for _, code in expected}


@pytest.mark.parametrize(
    "point", [(91, 0), (-91, 0), (0, 181), (0, -181), (math.nan, 0), (0, math.inf)]
)
def test_a_point_that_is_not_on_earth_is_refused(point: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="Earth"):
        nearest_communes(places(), *point)
