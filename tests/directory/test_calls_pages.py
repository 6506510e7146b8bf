"""The page of a call and of its series: what is known, what is not, what sources say."""

import datetime
import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from directory.calls.series import amounts_of, chart, habits, per_inhabitant, period
from directory.models import (
    Audience,
    CallEdition,
    Claim,
    EditionDocument,
    EntryMode,
    Funding,
    FundingScheme,
    Publication,
    Stage,
)
from directory.paging import forget_pages
from regions.models import Kind, Outline, Territory
from tests.directory.conftest import make_offer
from tests.factories import (
    TODAY,
    CallEditionFactory,
    FunderFactory,
    FundingFactory,
    FundingSchemeFactory,
    LaureateFactory,
    SmallFrance,
    ThemeFactory,
    compose,
    covers,
    territory,
)


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day of the tests' facts, at noon in Paris."""
    noon = datetime.datetime.combine(TODAY, datetime.time(11), datetime.UTC)
    monkeypatch.setattr(timezone, "now", lambda: noon)


def text(client: Client, address: str) -> str:
    """What the page says, without tags, on one line."""
    response = client.get(address)
    assert response.status_code == 200, address
    main = response.content.decode().split("<main")[1].split("</main>")[0]
    plain = re.sub(r"<[^>]+>", " ", main).replace("&nbsp;", "\u00a0")
    return re.sub(r"\s+", " ", plain.replace("\u00a0", " ").replace("\u202f", " "))


# --- Addresses -------------------------------------------------------------------------------


def test_each_year_and_each_series_has_its_address(france: SmallFrance, client: Client) -> None:
    scheme = FundingSchemeFactory(slug="prix", name="Le prix")
    CallEditionFactory(scheme=scheme, title="Le prix 2024", year=2024)
    CallEditionFactory(scheme=scheme, title="Le prix 2025", year=2025)
    assert "Le prix 2024" in text(client, "/appels/prix/2024/")
    series = text(client, "/appels/prix/")
    assert "l’édition 2025, la plus actuelle" in series
    assert "Les 2 éditions connues" in series
    response = client.get("/appels/prix/2023/")
    assert response.status_code == 404
    assert "Aucune édition 2023" in response.content.decode()
    assert client.get("/appels/autre/").status_code == 404


def test_an_edition_without_year_is_on_the_page_of_its_series(
    france: SmallFrance, client: Client
) -> None:
    made = CallEditionFactory(scheme__slug="aide", title="Aide", year=None)
    assert made.get_absolute_url() == "/appels/aide/"
    assert "Aide" in text(client, "/appels/aide/")


def test_two_editions_of_one_year_are_both_on_its_page(france: SmallFrance, client: Client) -> None:
    scheme = FundingSchemeFactory(slug="prix", name="Le prix")
    for name in ("métropole", "outre-mer"):
        CallEditionFactory(scheme=scheme, key=f"prix-{name[:3]}", title=f"Prix {name}", year=2025)
    page = text(client, "/appels/prix/2025/")
    assert "Le prix 2025" in page
    assert "Prix métropole" in page
    assert "Prix outre-mer" in page


def test_drafts_are_not_shown_and_not_counted(france: SmallFrance, client: Client) -> None:
    scheme = FundingSchemeFactory(slug="prix")
    CallEditionFactory(scheme=scheme, year=2024, title="Publiée")
    CallEditionFactory(scheme=scheme, year=2027, title="Secrète", publication=Publication.DRAFT)
    assert client.get("/appels/prix/2027/").status_code == 404
    page = text(client, "/appels/prix/")
    assert "Secrète" not in page
    assert "2027" not in page


# --- Everything known ------------------------------------------------------------------------


@pytest.fixture
def rich(france: SmallFrance) -> CallEdition:
    """An edition of which much is known."""
    scheme = FundingSchemeFactory(slug="fabriques", name="Fabriques", description="Le dispositif.")
    made = CallEditionFactory(
        scheme=scheme,
        key="fabriques-2026",
        title="Fabriques 2026",
        year=2026,
        opens_on="2026-09",
        closes_on="2026-12-01",
        envelope=Decimal(300000),
        envelope_nature="prevu",
        entry_modes=[EntryMode.NEED],
        note="Trois fabriques au plus.",
        link="https://exemple.fr/page",
        contact="Service économie",
        contact_email="ess@exemple.fr",
        applicants=40,
        selected=3,
        source_date="2026-08",
    )
    made.stages.add(Stage.objects.get(slug="emergence"))
    made.themes.add(ThemeFactory(name="Alimentation"))
    made.audiences.add(Audience.objects.create(slug="associations", name="Associations"))
    region = FunderFactory(name="Région R")
    FundingFactory(edition=made, funder=region, amount=200000, nature="vote")
    FundingFactory(edition=made, funder__name="État", amount=50000, nature="vote")
    FundingFactory(edition=made, funder__name="Mutuelle", amount=None, note="en nature")
    EditionDocument.objects.create(edition=made, title="Règlement", url="https://exemple.fr/r.pdf")
    covers(made, france.d1)
    covers(made, france.b, excluded=True)
    for source, said in (("https://a.fr", "onze"), ("https://b.fr", "dix")):
        Claim.objects.create(
            scheme=scheme, edition=made, subject="dossiers", statement=said, source=source
        )
    operator = make_offer(france.a, operator__name="La Fabrique", operator__slug="la-fabrique")
    LaureateFactory(
        edition=made,
        name="La Fabrique",
        operator=operator.operator,
        commune=france.a,
        amount=15000,
        project="Une cantine",
    )
    return made


def test_everything_known_is_on_the_page(rich: CallEdition, client: Client) -> None:
    page = text(client, rich.get_absolute_url())
    for said in [
        "Ferme dans 8 jours",
        "Ouvert jusqu’au 1er décembre 2026",
        "septembre 2026 (le jour n’est pas connu)",
        "Emergence",
        "un besoin repéré sur un territoire",
        "Associations",
        "Alimentation",
        "Trois fabriques au plus.",
        "Règlement",
        "Service économie",
        "ess@exemple.fr",
        "Enveloppe, tous financeurs réunis : 300 000 € (prévue)",
        "Région R 200 000 € voté",
        "Mutuelle non connu",
        "Somme de ce qui est connu 250 000 € voté",
        "ne sont pas la même chose",
        "Dans le département de d1 (4 communes)",
        "Sauf sur la commune de Commune b",
        "3 lauréats, dont 1 nommé ici",
        "La Fabrique Commune a 15 000 €",
        "Une cantine",
        "Les sources diffèrent",
        "Onze",
        "Dix",
    ]:
        assert said in page, said
    html = client.get(rich.get_absolute_url()).content.decode()
    assert 'href="/operateurs/la-fabrique/"' in html
    assert 'href="https://exemple.fr/page"' in html
    assert 'data-keep="a:fabriques-2026"' in html
    assert '.svg#status-open"' in html


def test_the_map_shows_what_one_view_can_hold(rich: CallEdition, client: Client) -> None:
    """The outline of a département; nothing for all of France, nor for places oceans apart."""

    def has_map() -> bool:
        return "data-pathway-map" in client.get(rich.get_absolute_url()).content.decode()

    d1 = rich.own_coverage.get(excluded=False).territory
    square = [[[6.0, 47.0], [6.1, 47.0], [6.1, 47.1], [6.0, 47.0]]]
    assert not has_map()  # its outline is not known
    Outline.objects.create(territory=d1, geometry={"type": "Polygon", "coordinates": square})
    assert has_map()
    island = territory(Kind.COMMUNE, "97411")
    compose(island, [island])
    far = covers(rich, compose(territory(Kind.DEPARTEMENT, "974"), [island]))
    assert not has_map()
    far.delete()
    covers(rich, Territory.objects.get(kind=Kind.COUNTRY))
    assert not has_map()


def test_what_is_not_known_is_said_to_be(france: SmallFrance, client: Client) -> None:
    CallEditionFactory(scheme__slug="peu", year=2024)
    page = text(client, "/appels/peu/2024/")
    for said in [
        "Ouverture Non connue",
        "Clôture Non connue",
        "Étapes Non précisées",
        "Pour qui Non précisé",
        "Contact Non connu",
        "Enveloppe non connue",
        "Financeurs non connus",
        "Territoires éligibles inconnus.",
        "Nous n’avons pas trouvé qui a été retenu",
        "Les dates de l’édition 2024 ne sont pas connues",
    ]:
        assert said in page, said


def test_a_standing_aid_last_attested_long_ago_says_so(france: SmallFrance, client: Client) -> None:
    CallEditionFactory(
        scheme__slug="aide", scheme__kind="dispositif", year=2019, source_date="2019-08-02"
    )
    page = text(client, "/appels/aide/2019/")
    assert "Aide permanente, attestée pour la dernière fois en 2019, à vérifier" in page
    assert "Clôture" not in page


def test_only_published_operators_are_linked(france: SmallFrance, client: Client) -> None:
    hidden = make_offer(
        france.a, operator__slug="cachee", operator__publication=Publication.DRAFT
    ).operator
    made = CallEditionFactory(scheme__slug="prix", year=2025)
    LaureateFactory(edition=made, name="Cachée", operator=hidden)
    html = client.get("/appels/prix/2025/").content.decode()
    assert "Cachée" in html
    assert "/operateurs/cachee/" not in html


def test_an_operator_says_what_it_was_selected_by(rich: CallEdition, client: Client) -> None:
    page = client.get("/operateurs/la-fabrique/").content.decode()
    assert 'href="/appels/fabriques/2026/"' in page
    CallEdition.objects.update(publication=Publication.DRAFT)
    assert "/appels/fabriques/" not in client.get("/operateurs/la-fabrique/").content.decode()


@pytest.mark.parametrize("address", ["/parcours/01001-{slug}/", "/territoires/region/r1-r1/"])
def test_a_place_leads_to_its_calls_and_to_their_search(
    rich: CallEdition, france: SmallFrance, client: Client, address: str
) -> None:
    page = client.get(address.format(slug=france.a.slug), follow=True).content.decode()
    assert 'href="/appels/fabriques/2026/"' in page
    assert re.search(r'href="/appels/\?territoire=(commune:01001|region:r1)"', page)


def test_the_page_costs_the_same_queries_whatever_hangs_on_it(
    rich: CallEdition, client: Client
) -> None:
    def cost() -> int:
        client.get("/appels/")
        forget_pages()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(rich.get_absolute_url()).status_code == 200
        return len(queries)

    first = cost()
    for number in range(50):
        other = CallEditionFactory(scheme=rich.scheme, year=1970 + number, envelope=number)
        FundingFactory(edition=other, amount=number)
        LaureateFactory(edition=rich)
        FundingFactory(edition=rich, amount=number)
    assert cost() == first <= 8


# --- Habits ----------------------------------------------------------------------------------


def editions(*facts: tuple[int | None, str | None, str | None], kind: str = "aap") -> list[Any]:
    scheme = FundingSchemeFactory(kind=kind)
    for year, opens, closes in facts:
        CallEditionFactory(scheme=scheme, year=year, opens_on=opens, closes_on=closes)
    return list(CallEdition.objects.filter(scheme=scheme).with_status(TODAY))


def said(*facts: tuple[int | None, str | None, str | None], kind: str = "aap") -> list[str]:
    made = editions(*facts, kind=kind)
    return [
        sentence.replace("\u00a0", " ").replace("\u202f", " ")
        for sentence in habits(made[0].scheme, made, TODAY)
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "sentences"),
    [
        (
            [(2024, "2024-06-03", "2024-09-13"), (2025, "2025-06-02", "2025-09-15")],
            [
                (
                    "L’édition 2025 était ouverte du 2 juin au 15 septembre ; "
                    "l’édition 2026 n’est pas encore publiée."
                ),
                "Renouvelé chaque année de 2024 à 2025.",
            ],
        ),
        (
            [(2017, None, "2017-11"), (2019, "2019", "2019"), (2020, None, None)],
            [
                "L’édition 2019 était ouverte en 2019 ; aucune édition n’est connue depuis 2020.",
                (
                    "Éditions connues : 2017, 2019 et 2020. Nous n’avons rien pour 2018 : "
                    "cela ne veut pas dire qu’il n’y a pas eu d’appel."
                ),
            ],
        ),
        (
            [(2025, "2024-12-17", "2025-02-06"), (2026, "2026-11-02", "2026-12-18")],
            [
                "L’édition 2025 était ouverte du 17 décembre 2024 au 6 février.",
                "Renouvelé chaque année de 2025 à 2026.",
            ],
        ),
        (
            [(2026, "2026-02", "2026-10")],
            [
                (
                    "L’édition 2026 était ouverte de février à octobre ; "
                    "l’édition 2027 n’est pas encore publiée."
                ),
                "Une seule édition est connue : rien ne dit si elle a été renouvelée.",
            ],
        ),
        ([(None, None, None)], ["L’année de cet appel n’est pas connue."]),
    ],
)
def test_a_series_knows_its_habits(
    facts: list[tuple[int | None, str | None, str | None]], sentences: list[str]
) -> None:
    assert said(*facts) == sentences


@pytest.mark.django_db
def test_a_standing_aid_waits_for_no_edition() -> None:
    assert said((2019, None, None), (2021, None, None), kind="dispositif") == [
        "On peut déposer une demande toute l’année, tant que le dispositif existe.",
        "Nos sources en parlent pour 2019 et 2021.",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("opens", "closes", "words"),
    [
        (None, "2025-09-15", "jusqu’au 15 septembre"),
        (None, "2025-09", "jusqu’en septembre"),
        ("2025-06-01", None, "à partir du 1er juin"),
        ("2025-08", None, "à partir d’août"),
        ("2025-03", "2025-03", "en mars"),
        ("2025-10-01", "2026-01-15", "du 1er octobre au 15 janvier 2026"),
    ],
)
def test_a_period_says_no_more_than_is_known(
    opens: str | None, closes: str | None, words: str
) -> None:
    (made,) = editions((2025, opens, closes))
    assert period(made) == words


# --- Money -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_voted_and_planned_are_never_added_up() -> None:
    made = CallEditionFactory(year=2025)
    for amount, nature in ((10, "vote"), (5, "vote"), (100, "prevu"), (None, "vote")):
        FundingFactory(edition=made, amount=amount, nature=nature)
    found = amounts_of(made, list(Funding.objects.all()))
    assert sorted((int(amount), nature) for amount, nature, _ in found) == [
        (15, "vote"),
        (100, "prevu"),
    ]


@pytest.mark.django_db
def test_the_envelope_is_not_said_twice() -> None:
    made = CallEditionFactory(year=2025, envelope=Decimal(100), envelope_nature="annonce")
    FundingFactory(edition=made, amount=100, nature="annonce")
    FundingFactory(edition=made, amount=80, nature="verse")
    found = amounts_of(made, list(Funding.objects.all()))
    assert [(int(amount), nature) for amount, nature, _ in found] == [
        (100, "annonce"),
        (80, "verse"),
    ]


@pytest.mark.django_db
def test_the_chart_keeps_the_years_without_amount_and_its_bars_keep_proportions() -> None:
    scheme = FundingSchemeFactory()
    for year, envelope in ((2023, 100), (2024, None), (2025, 50), (None, 10)):
        CallEditionFactory(scheme=scheme, year=year, envelope=envelope)
    drawn = chart(list(CallEdition.objects.all()), [], 200)
    assert [(one.label, one.amount_label) for one in drawn.amounts] == [
        ("2023", "100\u00a0€"),
        ("2024", ""),
        ("2025", "50\u00a0€"),
    ]
    widths = [float(one.width.rstrip("%")) for one in drawn.amounts]
    assert widths[1] == 0
    assert widths[0] == 2 * widths[2]
    assert [one.per_inhabitant for one in drawn.amounts] == ["0,5\u00a0€", "", "0,25\u00a0€"]
    assert drawn.is_telling


def test_per_inhabitant_says_when_it_is_next_to_nothing() -> None:
    assert per_inhabitant(Decimal(10), 68_000_000) == "moins de 0,01\u00a0€"
    assert per_inhabitant(Decimal(10), None) == ""
    assert per_inhabitant(None, 10) == ""


def test_inhabitants_are_those_of_the_communes_that_may_answer(
    rich: CallEdition, client: Client
) -> None:
    """d1 without b: three communes of a hundred inhabitants."""
    page = text(client, rich.get_absolute_url())
    assert "Par habitant du territoire éligible, 300 habitants aujourd’hui." in page
    assert "1 000 €" in page  # 300 000 € for 300


def test_the_chart_needs_no_style_attribute(rich: CallEdition, client: Client) -> None:
    html = client.get(rich.get_absolute_url()).content.decode()
    assert "amounts__bar" in html
    assert " style=" not in html


# --- JSON ------------------------------------------------------------------------------------


def test_the_same_calls_as_json(rich: CallEdition, client: Client) -> None:
    found = client.get("/api/v1/appels?annee=2026&statut=ouvert&etape=emergence").json()
    (call,) = found["appels"]
    assert (found["total"], found["page"], found["pages"]) == (1, 1, 1)
    assert call["key"] == "fabriques-2026"
    assert call["closes"] == "2026-12-01"
    assert call["page"] == "/appels/fabriques/2026/"
    assert client.get("/api/v1/appels?annee=2025").json()["total"] == 0
    part = client.get("/api/v1/appels?territoire=region:r1").json()["appels"][0]["concerne"]
    assert part == "Valable pour 3 communes sur 4\u00a0: r1"


def test_a_call_as_json(rich: CallEdition, client: Client) -> None:
    found = client.get("/api/v1/appels/fabriques/2026").json()
    (edition,) = found["editions"]
    assert edition["envelope_eur"] == 300000
    assert {
        "financeur": "Région R",
        "montant_eur": 200000,
        "nature": "voté",
        "note": "",
    } in edition["financements"]
    assert edition["laureats"][0]["url"] == "/operateurs/la-fabrique/"
    assert {zone["code"]: zone["exclu"] for zone in edition["territoires"]} == {
        "d1": False,
        rich.own_coverage.get(excluded=True).territory.code: True,
    }
    assert [one["annee"] for one in found["serie"]] == [2026]
    assert client.get("/api/v1/appels/fabriques").json() == found


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/api/v1/appels?statut=presque", 400, "« presque » n’existe pas"),
        ("/api/v1/appels?territoire=ici", 400, "n’est pas un territoire"),
        ("/api/v1/appels?page=0", 400, "page"),
        ("/api/v1/appels?page=x", 400, "page"),
        ("/api/v1/appels/rien/2026", 404, "Aucun appel publié"),
        ("/api/v1/appels/rien/abc", 400, "annee"),
        ("/appels/rien/99999999999999999999/", 404, "Aucun appel publié"),
        ("/appels/fabriques/99999999999999999999/", 404, "Aucune édition"),
    ],
)
def test_bad_input_says_what_is_wrong(
    rich: CallEdition, client: Client, address: str, status: int, says: str
) -> None:
    response = client.get(address)
    assert response.status_code == status
    said = response.content.decode()
    if response["Content-Type"].startswith("application/json"):
        said = json.dumps(response.json(), ensure_ascii=False)
    assert says in said


def test_series_without_any_public_edition_is_nowhere(france: SmallFrance, client: Client) -> None:
    FundingSchemeFactory(slug="vide")
    assert FundingScheme.objects.filter(slug="vide").exists()
    assert client.get("/appels/vide/").status_code == 404
