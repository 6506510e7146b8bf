"""Pages and bad input: a clear answer in French, never a 5xx, what was typed is kept."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from directory.models import Need
from regions.models import Kind, PlaceName
from tests.directory.conftest import make_offer
from tests.factories import OperatorFactory, SmallFrance, covers, territory

HOSTILE = {
    "long": "x" * 10_000,
    "script": "<script>alert(1)</script>",
    "quotes": "'\"; DROP TABLE regions_territory; --",
    "wildcards": "%_\\",
    "emoji": "🏡",
    "right to left": "\u202e25388",
    "spaces": "   ",
}


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


@pytest.mark.parametrize("typed", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize(
    ("name", "parameter"),
    [("commune_search", "q"), ("home", "profil"), ("api:communes", "q"), ("operator_list", "page")],
)
def test_anything_may_be_typed(
    france: SmallFrance, client: Client, name: str, parameter: str, typed: str
) -> None:
    response = client.get(reverse(name), {parameter: typed})
    assert response.status_code in (200, 400, 404)
    if response["Content-Type"].startswith("text/html"):
        assert b"<script>alert(1)" not in response.content


@pytest.mark.parametrize("typed", [text for text in HOSTILE.values() if text.strip()])
def test_a_pathway_refuses_unknown_filters_and_says_which_exist(
    france: SmallFrance, client: Client, typed: str
) -> None:
    response = client.get(france.a.get_absolute_url(), {"profil": typed})
    assert response.status_code == 400
    assert "profil" in response.content.decode()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/parcours/25/", "il en faut un de cinq caractères"),
        ("/parcours/25-doubs/", "il en faut un de cinq caractères"),
        ("/parcours/99999/", "Aucune commune de France ne porte le code 99999"),
        ("/parcours/abcde-nulle-part/", "n’est pas un code de commune"),
        (f"/parcours/{'9' * 10_000}/", "n’est pas un code de commune"),
        ("/operateurs/personne/", "Aucun opérateur publié"),
        ("/contours/epci/nulle-part.geojson", "contour"),
    ],
)
def test_an_address_that_leads_nowhere_says_why(
    france: SmallFrance, client: Client, address: str, says: str
) -> None:
    assert says in text_of(client, address, 404)


@pytest.mark.parametrize("address", ["/?q=%00", "/parcours/0%001/", "/communes/?q=a%00b"])
def test_a_nul_byte_is_refused(france: SmallFrance, client: Client, address: str) -> None:
    assert client.get(address).status_code in (400, 404)


def test_a_stage_or_the_calls_can_be_listed_in_full(france: SmallFrance, client: Client) -> None:
    for what in ("emergence", "appels"):
        text_of(client, f"{france.a.get_absolute_url()}?tous={what}&profil=idee")
    assert "Cette étape n’existe pas" in text_of(
        client, f"{france.a.get_absolute_url()}?tous=rien", 400
    )


def test_a_bare_code_leads_to_the_address_with_the_name_and_keeps_the_search(
    france: SmallFrance, client: Client
) -> None:
    response = client.get(f"/parcours/{france.a.code}/?profil=idee")
    assert response.status_code == 301
    assert response["Location"] == f"/parcours/{france.a.code}-commune-a/?profil=idee"


@pytest.mark.parametrize("kind", [Kind.FORMER, Kind.ARRONDISSEMENT])
def test_a_former_code_leads_to_the_current_commune(
    france: SmallFrance, client: Client, kind: str
) -> None:
    territory(kind, "01999", name="Jadis", successor=france.b)
    response = client.get("/parcours/01999-jadis/")
    assert (response.status_code, response["Location"]) == (301, france.b.get_absolute_url())


def test_a_current_code_wins_over_a_delegated_commune_of_the_same_code(
    france: SmallFrance, client: Client
) -> None:
    territory(Kind.FORMER, france.a.code, name="Déléguée", successor=france.b)
    assert client.get(france.a.get_absolute_url()).status_code == 200


def test_search_page_lists_communes_and_keeps_what_was_typed(
    france: SmallFrance, client: Client
) -> None:
    PlaceName.objects.create(
        commune=france.a, label="Commune a", key="commune a", kind=Kind.COMMUNE, code=france.a.code
    )
    page = text_of(client, "/communes/?q=Commune+a")
    assert france.a.get_absolute_url() in page
    assert 'value="Commune a"' in page


def test_the_door_chosen_at_home_travels_to_the_pathway(
    france: SmallFrance, client: Client
) -> None:
    PlaceName.objects.create(
        commune=france.a, label="Commune a", key="commune a", kind=Kind.COMMUNE, code=france.a.code
    )
    address = france.a.get_absolute_url()
    assert f'href="{address}"' in text_of(client, "/communes/?q=Commune+a")
    assert f'href="{address}?profil=idee"' in text_of(client, "/communes/?q=Commune+a&profil=idee")


def test_an_empty_search_asks_for_a_name(france: SmallFrance, client: Client) -> None:
    assert "Tapez le nom de votre commune" in text_of(client, "/communes/?q=", 400)


def test_nothing_found_says_what_to_do(france: SmallFrance, client: Client) -> None:
    page = text_of(client, "/communes/?q=xyzzy")
    assert "Aucune commune ne porte ce nom" in page
    assert 'value="xyzzy"' in page


def test_around_me_gives_the_nearest_and_refuses_nonsense(
    france: SmallFrance, client: Client
) -> None:
    found = client.post("/communes/proches/", {"latitude": "47.09", "longitude": "6"}).json()
    assert [place["nom"] for place in found["communes"]][:2] == ["Commune b", "Commune a"]
    assert found["communes"][0]["distance_km"] == pytest.approx(1.1, abs=0.1)
    for position in [
        {},
        {"latitude": "91", "longitude": "0"},
        {"latitude": "nan", "longitude": "x"},
    ]:
        refused = client.post("/communes/proches/", position)
        assert refused.status_code == 400
        assert refused.json()["erreurs"]
    assert client.get("/communes/proches/").status_code == 405


def test_an_operator_page_tells_all_that_is_known(france: SmallFrance, client: Client) -> None:
    made = make_offer(
        france.d1,
        operator__name="Fabrique",
        operator__slug="fabrique",
        operator__caveat="Adresse de 2007.",
        operator__phone="03 81 00 00 00",
    )
    covers(made.operator, france.b, excluded=True)
    made.operator.hosts.create(name="Ligue")
    made.operator.aliases.create(name="Ancien nom")
    made.operator.references.create(source="https://autre.exemple.fr/page")
    page = text_of(client, "/operateurs/fabrique/")
    for said in [
        "Intervient dans le département de d1",
        "Commune b",
        "Ligue",
        "Ancien nom",
        "Adresse de 2007.",
        "03 81 00 00 00",
        "autre.exemple.fr",
        "exemple.fr",
    ]:
        assert said in page, said


def test_an_operator_of_unknown_coverage_says_so(france: SmallFrance, client: Client) -> None:
    OperatorFactory(slug="flou")
    assert "Zone d’intervention inconnue" in text_of(client, "/operateurs/flou/")


def test_a_draft_is_nowhere(france: SmallFrance, client: Client) -> None:
    OperatorFactory(slug="brouillon", name="Brouillon secret", publication="brouillon")
    text_of(client, "/operateurs/brouillon/", 404)
    assert "Brouillon secret" not in text_of(client, "/operateurs/")


def test_a_need_is_reported_for_its_commune_and_stage(france: SmallFrance, client: Client) -> None:
    form = {"commune": france.a.code, "stage": "creation", "message": "Personne ici", "email": ""}
    assert client.post("/besoins/signaler/", form).status_code == 302
    need = Need.objects.get()
    assert (need.commune, need.stage.slug, need.message) == (france.a, "creation", "Personne ici")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"message": ""}, "Dites en quelques mots ce qui vous manque"),
        ({"message": "x" * 2001}, "2000 signes au plus (vous en avez 2001)"),
        ({"email": "pas un courriel"}, "Ce courriel n’est pas complet"),
        ({"stage": "inconnue"}, "Cette étape n’existe pas"),
        ({"website": "http://spam.exemple"}, "Laissez ce champ vide"),
    ],
)
def test_a_wrong_report_says_why_and_loses_nothing(
    france: SmallFrance, client: Client, change: dict[str, str], says: str
) -> None:
    form = {"commune": france.a.code, "message": "Gardez ceci", "email": "", **change}
    response = client.post("/besoins/signaler/", form)
    page = response.content.decode()
    assert response.status_code == 400
    assert says in page
    assert change.get("message", "Gardez ceci") in page
    assert not Need.objects.exists()


@pytest.mark.django_db
def test_triggers_watch_every_public_table() -> None:
    private = {
        "directory_need",
        "directory_revision",
        "directory_loadedrow",
        "directory_searchdocument",
        "directory_officer",
        "directory_callimport",
        "directory_callimportrow",
        "directory_effectivecoverage",
        "directory_effectivefunder",
        "directory_namedcoverage",
        "regions_vintage",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_object_table FROM information_schema.triggers "
            "WHERE trigger_name = 'directory_revision'"
        )
        watched = {row[0] for row in cursor.fetchall()}
    tables = {
        table
        for table in connection.introspection.table_names()
        if table.startswith(("directory_", "regions_"))
    }
    assert tables - private == watched


def test_pages_do_not_set_cookies(france: SmallFrance, client: Client) -> None:
    for address in [
        "/",
        "/communes/?q=a",
        france.a.get_absolute_url(),
        "/operateurs/",
        "/sources/",
    ]:
        assert not client.get(address).cookies, address


def test_a_report_without_its_token_is_refused(france: SmallFrance) -> None:
    form = {"commune": france.a.code, "message": "Personne ici"}
    response = Client(enforce_csrf_checks=True).post("/besoins/signaler/", form)
    assert response.status_code == 403
    assert not Need.objects.exists()
