"""The three Régions of the source article, as the data that ships lets one read them."""

import datetime
import re

import pytest
from django.test import Client
from django.utils import timezone

from directory.policy.page import RegionPage, region_page
from regions.models import Kind, Territory
from tests.directory.conftest import fresh

THEN = datetime.date(2017, 12, 19)
AU = "?au=2017-12-19"


def region(code: str, on: datetime.date | None = None) -> RegionPage:
    place = Territory.objects.get(kind=Kind.REGION, code=code)
    return region_page(fresh(on or timezone.localdate()), place)


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_grand_est_its_fabriques_and_its_call_for_territorial_initiatives(
    filled: None, client: Client
) -> None:
    page = region("44")
    money = {series.name: series for series in page.money}
    fabriques = money["Fabriques à projets d’utilité sociale"].amounts
    assert [(one.year, int(one.amount), one.nature) for one in fabriques] == [
        (2017, 100_000, ""),
        (2018, 200_000, "prevu"),
    ]
    (initiatives,) = money["Initiatives territoriales"].amounts
    assert (int(initiatives.amount), initiatives.nature) == (408_040, "attribue")
    agir = money["Agir en Meurthe-et-Moselle"].amounts
    assert {(int(one.amount), one.who) for one in agir if not one.is_envelope} == {
        (150_000, "Région Grand Est"),
        (100_000, "Département de Meurthe-et-Moselle"),
    }
    found = text_of(client, "/regions/44-grand-est/")
    for words in (
        "3 fabriques",
        "15 dossiers",
        "La Région lance l’appel à manifestation d’intérêt « Initiatives territoriales »",
        "attestée pour la dernière fois en 2019, à vérifier",
        "Aucune convention n’est connue",
    ):
        assert words in found, words


def test_bourgogne_franche_comte_its_generateur(filled: None, client: Client) -> None:
    page = region("27")
    generateur = page.collectives[0]
    assert generateur.operator.slug == "generateur-bfc"
    assert [len(group.members) for group in generateur.groups] == [6]
    figures = {group.label: group.measures for group in generateur.figures}
    actors = figures["Acteurs qui animent le Générateur"]
    assert [(int(one.indicator.value), one.line.as_of_label) for one in actors] == [
        (7, "19 décembre 2017"),
        (6, "24 novembre 2022"),
        (6, "novembre 2023"),
        (6, ""),
    ]
    assert int(figures["Partenaires mobilisés par le Générateur"][0].indicator.value) == 60
    assert [line.step.position for line in generateur.steps] == [1, 2, 3]
    assert len(generateur.born) == 3
    assert {one.operator.slug for one in page.collectives if one.state_label} == {
        "le-transfo",
        "grais",
    }
    leads = {
        (one.relay.from_name, one.relay.to_stage.slug)
        for one in page.relays
        if one.relay.from_operator and one.relay.from_operator.slug == "generateur-bfc"
    }
    assert {stage for _, stage in leads} == {"creation", "developpement"}
    assert "générateur-bfc" not in {end.actor.slug for end in page.dead_ends}
    found = text_of(client, "/regions/27-bourgogne-franche-comte/")
    for words in ("280 000 €", "60 partenaires", "Garage solidaire à Montbéliard", "2 incubateurs"):
        assert words in found, words


def test_bretagne_its_poles_tags_and_agreements(filled: None, client: Client) -> None:
    page = region("53")
    measures = {group.label: group for group in page.figures.coverage}
    pays = measures["Pays bretons dotés d’un pôle ESS"]
    assert [one.line.value_label for one in pays.measures] == ["18 sur 21 pays", "21 sur 21 pays"]
    assert pays.counted and pays.counted.label == "13 pays sur 21"
    assert len(pays.counted.lacking) == 8
    poles = measures["Pôles ESS bretons créés"]
    assert [int(one.indicator.value) for one in poles.measures] == [15, 19, 21, 19]
    assert [line.agreement.name for line in page.agreements.lines] == [
        "Morlaix Communauté",
        "Concarneau Cornouaille Agglomération",
    ]
    assert (page.agreements.with_line, page.agreements.total) == (2, "59")
    assert page.agreements.lines[0].agreement.pole
    assert [int(level.total) for level in page.served[0].levels] == [4, 21, 60, 1202]
    found = text_of(client, "/regions/53-bretagne/")
    for words in ("41 sur 59 conventions (signées)", "plus de 300 personnes", "Les 3 qui n’en ont"):
        assert words in found, words


def test_bretagne_as_known_the_day_of_the_article(filled: None, client: Client) -> None:
    page = region("53", THEN)
    measures = {group.label: group for group in page.figures.coverage}
    pays = measures["Pays bretons dotés d’un pôle ESS"].measures
    assert [one.line.value_label for one in pays] == ["18 sur 21 pays"]
    assert [line.agreement.name for line in page.agreements.lines] == ["Morlaix Communauté"]
    assert {"tag22", "tag29", "tag35", "tag56"} <= {actor.slug for actor in page.actors}
    assert "adesk" not in {actor.slug for actor in page.actors}  # opened in February 2018
    assert [year.label for year in page.years] == ["Avant 2017", "2017"]
    assert "fiso-bretagne-appel-2020" not in {call.edition.key for call in page.calls}
    assert "fiso-bretagne-appel-2020" in {call.edition.key for call in region("53").calls}


def test_quimperle_moves_from_one_pays_to_another(filled: None, client: Client) -> None:
    now = text_of(client, "/parcours/29233-quimperle/")
    then = text_of(client, f"/parcours/29233-quimperle/{AU}")
    assert "Pays de Lorient" in now and "Pays de Cornouaille" not in now
    assert "Pays de Cornouaille" in then and "Pays de Lorient" not in then
    pole = b'href="/operateurs/adess-cornouaille/"'
    assert pole in client.get(f"/parcours/29233-quimperle/{AU}").content
    assert pole not in client.get("/parcours/29233-quimperle/").content
    pays = "/territoires/pays/BZH-07-pays-de-cornouaille/"
    assert "Quimperlé" in text_of(client, pays + AU)
    assert "Quimperlé" not in text_of(client, pays)


@pytest.mark.parametrize("code", ["11", "94", "06"])
def test_a_region_without_a_policy_known_still_says_what_is(
    filled: None, client: Client, code: str
) -> None:
    place = Territory.objects.get(kind=Kind.REGION, code=code)
    found = text_of(client, f"/regions/{code}-{place.slug}/")
    assert "Annuaire en cours" in found
    assert "Aucune convention n’est connue" in found
    assert "communes" in found
