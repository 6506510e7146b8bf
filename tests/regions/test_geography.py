"""The real geography of France is whole, and neighbours meet."""

import datetime
import itertools
import json
from collections import Counter, defaultdict
from typing import Any

import pytest
from django.db.models import Count, Q

from regions.geography import files, sources
from regions.models import Containment, Kind, Outline, PlaceName, Territory

TODAY = datetime.date(2026, 11, 23)

whole_france = pytest.mark.usefixtures("whole_france")


def get(kind: Kind, code: str) -> Territory:
    return Territory.objects.get(kind=kind, code=code)


def enclosing(code: str, on: datetime.date = TODAY) -> set[str]:
    found = Territory.objects.enclosing(get(Kind.COMMUNE, code), on)
    return {territory.key for territory in found}


@whole_france
def test_no_territory_is_missing() -> None:
    counts = dict(Territory.objects.values_list("kind").annotate(Count("pk")))
    assert counts == {
        "commune": 34_969,
        "arrondissement": 45,
        "ancienne": 4_824,
        "epci": 1_255,
        "ept": 11,
        "pays": 58,
        "departement": 101,
        "region": 18,
        "collectivite": 8,
        "country": 1,
    }


@whole_france
def test_every_commune_has_one_country_and_one_departement_or_collectivity() -> None:
    current = Territory.objects.communes()
    for kinds in (["country"], ["departement", "collectivite"], ["region", "collectivite"]):
        once = current.annotate(
            times=Count("containments", Q(containments__territory__kind__in=kinds))
        )
        assert not once.exclude(times=1).exists(), kinds
    alone = Containment.objects.filter(commune__kind="commune", territory__kind="commune")
    assert alone.count() == 34_969
    assert all(own.commune_id == own.territory_id for own in alone)


@whole_france
def test_the_communes_without_epci_are_the_four_islands_and_those_overseas() -> None:
    without = Territory.objects.communes().exclude(containments__territory__kind="epci")
    at_home = without.exclude(containments__territory__kind="collectivite")
    assert sorted(at_home.values_list("code", flat=True)) == ["22016", "29083", "29155", "85113"]
    assert without.count() - at_home.count() == 94


@whole_france
def test_epci_straddle_departements_and_regions() -> None:
    departements: dict[int, set[str]] = defaultdict(set)
    regions: dict[int, set[int]] = defaultdict(set)
    rows = Containment.objects.filter(territory__kind="epci").values_list(
        "territory_id", "commune__code", "commune_id"
    )
    region_of = dict(
        Containment.objects.filter(territory__kind="region").values_list(
            "commune_id", "territory_id"
        )
    )
    for epci, code, commune in rows:
        departements[epci].add(code[:3] if code.startswith("97") else code[:2])
        regions[epci].add(region_of[commune])
    assert sum(len(found) > 1 for found in departements.values()) == 89
    assert sum(len(found) > 1 for found in regions.values()) == 26


@whole_france
def test_a_commune_knows_what_encloses_it() -> None:
    assert enclosing("25388") == {
        "commune:25388",
        "epci:200065647",
        "departement:25",
        "region:27",
        "country:france",
    }


@whole_france
def test_a_commune_overseas_is_in_its_collectivity_not_in_a_region() -> None:
    assert enclosing("97502") == {"commune:97502", "collectivite:975", "country:france"}


@whole_france
def test_a_pays_holds_the_communes_of_its_epci_in_another_region() -> None:
    redon = get(Kind.PAYS, "BZH-14")
    communes = Territory.objects.within(redon, TODAY)
    epci = Territory.objects.within(get(Kind.EPCI, "243500741"), TODAY)
    assert list(communes) == list(epci)
    assert {commune.code[:2] for commune in communes} == {"35", "44", "56"}
    assert "region:52" in enclosing(communes.filter(code__startswith="44").first().code)  # type: ignore[union-attr]


@whole_france
def test_quimperle_went_from_cornouaille_to_lorient() -> None:
    before, after = datetime.date(2017, 12, 19), datetime.date(2023, 9, 21)
    assert "pays:BZH-07" in enclosing("29233", before)
    assert "pays:BZH-11" not in enclosing("29233", before)
    assert "pays:BZH-11" in enclosing("29233", after)
    assert "pays:BZH-07" not in enclosing("29233", after)
    assert "pays:BZH-11" in enclosing("29233")


@whole_france
def test_islands_without_epci_are_in_the_pays_that_the_region_draws_and_ouessant_in_none() -> None:
    assert "pays:BZH-10" in enclosing("22016")
    assert "pays:BZH-07" in enclosing("29083")
    assert not any(key.startswith("pays:") for key in enclosing("29155"))


@whole_france
def test_a_pays_of_unknown_composition_is_there_without_members() -> None:
    assert get(Kind.PAYS, "PETR-SELESTAT").commune_count == 0
    others = Territory.objects.filter(kind=Kind.PAYS).exclude(code="PETR-SELESTAT")
    assert not others.filter(commune_count=0).exists()


@whole_france
@pytest.mark.parametrize(
    ("kind", "code", "successor"),
    [
        (Kind.ARRONDISSEMENT, "75111", "75056"),
        (Kind.ARRONDISSEMENT, "69381", "69123"),
        (Kind.FORMER, "01340", "01015"),
        (Kind.FORMER, "93059", "93066"),
    ],
)
def test_arrondissements_and_former_communes_lead_to_the_current_commune(
    kind: Kind, code: str, successor: str
) -> None:
    assert get(kind, code).successor == get(Kind.COMMUNE, successor)


@whole_france
def test_all_of_them_lead_somewhere() -> None:
    leading = Territory.objects.filter(kind__in=["arrondissement", "ancienne"])
    assert leading.count() == 45 + 4_824
    assert not leading.exclude(successor__kind="commune").exists()


@whole_france
def test_a_code_can_be_that_of_a_commune_and_of_a_former_one() -> None:
    assert get(Kind.COMMUNE, "01015").name == "Arboys en Bugey"
    assert get(Kind.FORMER, "01015").name == "Arbignieu"


@whole_france
def test_every_commune_answers_to_its_own_name() -> None:
    nameless = Territory.objects.communes().exclude(names__kind="commune")
    assert not nameless.exists()
    assert not PlaceName.objects.filter(key="").exists()


@whole_france
def test_every_commune_but_those_overseas_has_a_point_and_an_outline() -> None:
    blank = Territory.objects.communes().filter(Q(latitude=None) | Q(outline=None))
    assert blank.count() == 94
    assert not blank.exclude(containments__territory__kind="collectivite").exists()
    wider = Territory.objects.filter(
        kind__in=["epci", "ept", "pays", "departement", "region"], outline=None
    )
    assert [territory.code for territory in wider] == ["PETR-SELESTAT"]


@whole_france
def test_a_centre_lies_in_or_near_its_outline() -> None:
    far = []
    rows = Outline.objects.filter(territory__kind="commune").values_list(
        "territory__code", "territory__latitude", "territory__longitude", "geometry"
    )
    for code, latitude, longitude, geometry in rows:
        points = [point for ring in rings(geometry) for point in ring]
        west, east = min(p[0] for p in points), max(p[0] for p in points)
        south, north = min(p[1] for p in points), max(p[1] for p in points)
        margin = 0.02  # a kilometre and the simplification
        if not (
            west - margin <= longitude <= east + margin
            and south - margin <= latitude <= north + margin
        ):
            far.append(code)
    assert far == []


def rings(geometry: dict[str, Any]) -> list[list[tuple[float, float]]]:
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    return [[(x, y) for x, y in ring] for polygon in polygons for ring in polygon]


def edges(geometry: dict[str, Any]) -> Counter[tuple[tuple[float, float], tuple[float, float]]]:
    """The directed edges of an outline."""
    found: Counter[tuple[tuple[float, float], tuple[float, float]]] = Counter()
    for ring in rings(geometry):
        assert ring[0] == ring[-1]
        assert len(ring) >= 4
        found.update(itertools.pairwise(ring))
    return found


@pytest.fixture(scope="module")
def outlines() -> dict[str, dict[str, Any]]:
    found = files.Outlines(files.DEFAULT_DIRECTORY)
    return {f"{kind}:{code}": json.loads(text) for kind, code, text in found.geojson()}


@pytest.mark.parametrize("kind", ["epci", "departement", "region"])
def test_the_outline_of_a_territory_is_what_its_communes_do_not_share(
    outlines: dict[str, dict[str, Any]], kind: str
) -> None:
    """So neighbours meet exactly, at every level: there is one set of borders."""
    whole: dict[str, Counter[Any]] = defaultdict(Counter)
    for row in files.read_territories(files.DEFAULT_DIRECTORY):
        if row.kind == "commune" and (code := getattr(row, kind)):
            whole[f"{kind}:{code}"].update(edges(outlines[f"commune:{row.code}"]))
    assert len(whole) == {"epci": 1_255, "departement": 101, "region": 18}[kind]
    for key, own in whole.items():
        border = {(a, b) for a, b in own if (b, a) not in own}
        assert set(edges(outlines[key])) == border, key


def test_communes_do_not_overlap(outlines: dict[str, dict[str, Any]]) -> None:
    """Each border is walked once in each direction, at most."""
    walked: Counter[Any] = Counter()
    for key, geometry in outlines.items():
        if key.startswith("commune:"):
            walked.update(edges(geometry))
    assert set(walked.values()) == {1}


def test_the_files_stay_small_enough_for_a_repository() -> None:
    total = sum((files.DEFAULT_DIRECTORY / name).stat().st_size for name in files.ALL_FILES)
    assert total < 6_000_000


def test_writing_the_same_territories_gives_the_same_bytes(tmp_path: Any) -> None:
    rows = list(files.read_territories(files.DEFAULT_DIRECTORY))[:2000]
    files.write_territories(tmp_path, reversed(rows))
    written = (tmp_path / files.TERRITORIES).read_bytes()
    # Not compared with the file itself: another liblzma may compress otherwise.
    assert list(files.read_territories(tmp_path)) == rows
    files.write_territories(tmp_path, rows)
    assert (tmp_path / files.TERRITORIES).read_bytes() == written


def test_the_loaded_membership_of_pays_is_the_researched_one_but_for_what_is_dated() -> None:
    researched = {
        (line["code"], f"epci:{code}")
        for line in files.read_pays(files.DEFAULT_DIRECTORY)
        for code in filter(None, line["epci_codes"].split(";"))
    }
    membership = files.read_pays_membership(files.DEFAULT_DIRECTORY)
    current = {
        (part.pays_code, f"{part.member_kind}:{part.member_code}")
        for part in membership
        if part.valid_until is None
    }
    assert current - researched == {("BZH-10", "commune:22016"), ("BZH-07", "commune:29083")}
    assert researched <= current
    dated = [part for part in membership if part.valid_from or part.valid_until]
    assert {part.member_code for part in dated} == {"242900694"}
    assert all("jour exact n’est pas connu" in part.source for part in dated)


def test_partial_compositions_say_so() -> None:
    partial = {
        part.pays_code
        for part in files.read_pays_membership(files.DEFAULT_DIRECTORY)
        if "PARTIEL" in part.source
    }
    assert partial == {"PETR-CR0261", "PETR-CR0264"}


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        ("CC du Nogentais", "Communauté de communes du Nogentais"),
        ("CA Pays de Montbéliard Agglomération", "Pays de Montbéliard Agglomération"),
        ("CA Quimperlé Communauté", "Quimperlé Communauté"),
        ("CU d'Arras", "Communauté urbaine d'Arras"),
        ("CA de Nîmes Métropole", "Communauté d’agglomération de Nîmes Métropole"),
        ("CA de Blois ''Agglopolys''", "Communauté d’agglomération de Blois Agglopolys"),
        ('CA "Saintes - Grandes Rives - L\'Agglo"', "Saintes - Grandes Rives - L'Agglo"),
        ("Métropole du Grand Paris", "Métropole du Grand Paris"),
    ],
)
def test_an_epci_is_named_in_full_words(published: str, shown: str) -> None:
    assert sources.epci_name(published) == shown
