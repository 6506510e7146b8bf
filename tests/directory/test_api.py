"""The JSON answers say what the pages say."""

from typing import Any

import pytest
from django.test import Client

from directory.api import CommunesOut, PathwayOut
from directory.models import RegionFile, Relay, Stage
from regions.models import PlaceName
from tests.directory.conftest import make_offer as offer
from tests.factories import TODAY, CallEditionFactory, SmallFrance, ThemeFactory, covers


def answer(client: Client, address: str, status: int = 200) -> Any:
    response = client.get(address)
    assert response.status_code == status
    assert response["Content-Type"].startswith("application/json")
    return response.json()


def test_pathway_has_the_promised_shape(france: SmallFrance, client: Client) -> None:
    RegionFile.objects.create(region=france.r1, documented_since=TODAY)
    made = offer(
        france.e1, operator__name="Fabrique", operator__slug="fabrique", operator__commune=france.b
    )
    Relay.objects.create(
        from_operator=made.operator,
        to_label="Suite",
        from_stage=made.stage,
        to_stage=Stage.objects.get(slug="creation"),
        condition="après l’étude",
        source="https://exemple.fr",
    )
    edition = CallEditionFactory(title="Appel", opens_on="2020", closes_on="2020-12")
    covers(edition, france.d1)

    found = answer(client, f"/api/v1/parcours/{france.a.code}")

    PathwayOut.model_validate(found)
    assert found["commune"]["code"] == france.a.code
    assert found["documented"] == "renseigné"
    assert [(place["kind"], place["code"]) for place in found["territories"]] == [
        ("commune", france.a.code),
        ("epci", "e1"),
        ("pays", "p1"),
        ("departement", "d1"),
        ("region", "r1"),
        ("country", "france"),
    ]
    first, second, *_ = found["stages"]
    assert (first["slug"], first["gap"]) == ("emergence", None)
    (line,) = first["offers"]
    assert line["operator"] == {
        "slug": "fabrique",
        "name": "Fabrique",
        "kind": "incubateur",
        "url": "/operateurs/fabrique/",
    }
    assert line["via"] == {"kind": "epci", "code": "e1", "name": "e1"}
    assert line["distance_km"] == pytest.approx(11.1, abs=0.1)
    assert line["verified_on"] is None
    assert line["sources"] == [
        {"label": "exemple.fr", "url": "https://exemple.fr/source", "date": ""}
    ]
    assert line["relays"][0]["to_name"] == "Suite"
    assert line["relays"][0]["condition"] == "après l’étude"
    assert second["slug"] == "creation"
    assert second["gap"]["message"] == "Personne ne couvre l’étape Creation à Commune a."
    assert second["gap"]["nearest"] is None
    (call,) = found["calls"]
    assert (call["status"], call["opens"], call["closes"]) == ("clos", "2020", "2020-12")


def test_profile_and_theme_narrow(france: SmallFrance, client: Client) -> None:
    food = ThemeFactory(slug="alimentation")
    offer(france.a, operator__name="Dédié", entry_modes=["besoin"]).themes.add(food)
    offer(france.a, operator__name="Autre", entry_modes=["structure"])
    found = answer(
        client, f"/api/v1/parcours/{france.a.code}?profil=besoin&thematique=alimentation"
    )
    stage = found["stages"][0]
    assert [line["operator"]["name"] for line in stage["offers"]] == ["Dédié"]
    assert (stage["total"], stage["matching"]) == (2, 1)


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/api/v1/parcours/25", 404, "il en faut un de cinq caractères"),
        ("/api/v1/parcours/99999", 404, "Aucune commune de France ne porte le code 99999"),
        ("/api/v1/parcours/" + "x" * 10_000, 404, "n’est pas un code de commune"),
        ("/api/v1/parcours/01001?profil=inconnu", 400, "Ce profil n’existe pas"),
        ("/api/v1/parcours/01001?thematique=inconnue", 400, "Cette thématique n’existe pas"),
        ("/api/v1/communes?q=" + "x" * 10_000, 400, "Trop long"),
    ],
)
def test_bad_input_says_what_is_wrong(
    france: SmallFrance,
    client: Client,
    address: str,
    status: int,
    says: str,
) -> None:
    (message,) = answer(client, address, status)["erreurs"].values()
    assert says in message


def test_api_describes_itself(france: SmallFrance, client: Client) -> None:
    described = answer(client, "/api/v1/openapi.json")
    assert {"/api/v1/communes", "/api/v1/parcours/{insee}"} <= set(described["paths"])


def test_the_description_of_a_search_names_what_it_takes_and_gives(
    france: SmallFrance, client: Client
) -> None:
    search = answer(client, "/api/v1/openapi.json")["paths"]["/api/v1/communes"]["get"]
    assert [(one["name"], one["in"], one["required"]) for one in search["parameters"]] == [
        ("q", "query", False)
    ]
    content = search["responses"]["200"]["content"]
    assert content["application/json"]["schema"]["$ref"].endswith("/CommunesOut")


def test_a_search_has_the_promised_shape(france: SmallFrance, client: Client) -> None:
    PlaceName.objects.create(
        commune=france.a, label="Ville d’Avant", key="ville d avant", kind="ancienne", code="00999"
    )
    found = answer(client, "/api/v1/communes?q=ville")
    CommunesOut.model_validate(found)
    [commune] = found["communes"]
    assert (commune["code"], commune["ancien_nom"]) == (france.a.code, "Ville d’Avant")
    for address in ("/api/v1/communes", "/api/v1/communes?q=", "/api/v1/communes?q=xyzzy"):
        nothing = answer(client, address)
        CommunesOut.model_validate(nothing)
        assert nothing["communes"] == []
        assert nothing["conseil"]
