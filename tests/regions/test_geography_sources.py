"""From the published packages to the rows of the compact file."""

import math
import struct

from regions.geography import sources
from regions.geography.files import TerritoryRow
from regions.geography.sources import Division

PLACE = {"typeLiaison": 0, "zone": "metro", "departement": "01", "region": "84"}
DIVISION = Division(
    communes=[
        {
            **PLACE,
            "type": "commune-actuelle",
            "code": "01015",
            "nom": "Arboys en Bugey",
            "codesPostaux": ["01300"],
            "population": 710,
            "anciensCodes": ["01340", "01999"],
        },
        {
            "type": "commune-actuelle",
            "code": "97502",
            "nom": "Saint-Pierre",
            "zone": "com",
            "departement": "975",
            "region": "975",
        },
        {
            **PLACE,
            "type": "commune-deleguee",
            "code": "01015",
            "nom": "Arbignieu",
            "chefLieu": "01015",
        },
        {
            **PLACE,
            "type": "arrondissement-municipal",
            "code": "75111",
            "nom": "Paris 11e Arrondissement",
            "commune": "75056",
            "codesPostaux": ["75011"],
            "population": 142583,
        },
    ],
    epci=[{"code": "e1", "nom": "CC Bugey Sud", "membres": [{"code": "01015"}]}],
    ept=[],
    departements=[
        {**PLACE, "code": "01", "nom": "Ain"},
        {**PLACE, "code": "975", "nom": "Saint-Pierre-et-Miquelon", "zone": "com"},
    ],
    regions=[
        {**PLACE, "code": "84", "nom": "Auvergne-Rhône-Alpes"},
        {**PLACE, "code": "975", "nom": "Saint-Pierre-et-Miquelon", "zone": "com"},
    ],
)
HISTORY = [
    {"code": "01340", "nom": "Saint-Bois", "id": "b", "dateDebut": "1943-01-01"},
    {"code": "01999", "nom": "Premier nom", "id": "a", "dateDebut": "1943-01-01"},
    {"code": "01999", "nom": "Dernier nom", "id": "c", "dateDebut": "1950-01-01"},
    {"code": "01015", "nom": "Arbignieu", "id": "d"},
]


def rows() -> dict[tuple[str, str], TerritoryRow]:
    points = {("commune", "01015"): (45.72863, 5.650594)}
    return {(row.kind, row.code): row for row in sources.territory_rows(DIVISION, HISTORY, points)}


def test_a_commune_carries_the_codes_of_what_encloses_it_and_its_point() -> None:
    row = rows()["commune", "01015"]
    assert (row.epci, row.departement, row.region, row.collectivity) == ("e1", "01", "84", "")
    assert (row.latitude, row.longitude) == ("45.72863", "5.65059")
    assert row.former_names == ["Arbignieu"]


def test_an_overseas_collectivity_is_there_once_and_encloses_without_region() -> None:
    found = rows()
    assert ("collectivite", "975") in found
    assert ("departement", "975") not in found
    assert ("region", "975") not in found
    row = found["commune", "97502"]
    assert (row.collectivity, row.departement, row.region, row.latitude) == ("975", "", "", "")


def test_a_former_commune_bears_its_last_name_and_leads_to_the_current_one() -> None:
    row = rows()["ancienne", "01999"]
    assert (row.name, row.former_names, row.successor) == (
        "Dernier nom",
        ["Premier nom"],
        "01015",
    )
    assert rows()["ancienne", "01015"].name == "Arbignieu"


def test_an_arrondissement_leads_to_its_city() -> None:
    assert rows()["arrondissement", "75111"].successor == "75056"


def test_an_empty_point_is_no_point() -> None:
    def wkb(x: float, y: float) -> bytes:
        return b"\x01" + struct.pack("<Idd", 1, x, y)

    assert sources._point(wkb(5.65, 45.73)) == (45.73, 5.65)
    assert sources._point(wkb(math.nan, math.nan)) is None
    assert sources._point(None) is None
