"""Cells as people type them, and what is answered to those that cannot be read."""

import pytest

from directory.importing.cells import amount, date, write_date
from directory.importing.rights import Agent
from directory.importing.vocabulary import Vocabulary
from directory.models import FundingScheme
from regions.models import Kind
from tests.directory.importing.conftest import call, errors, preview, table
from tests.factories import SmallFrance, compose, territory

NO_WORDS: Vocabulary = None  # type: ignore[assignment]  # dates and amounts ask for none


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("15/09/2026", "2026-09-15"),
        ("5/9/2026", "2026-09-05"),
        ("15-09-2026", "2026-09-15"),
        ("15.09.2026", "2026-09-15"),
        ("2026-09-15", "2026-09-15"),
        ("2026-09", "2026-09"),
        ("2026", "2026"),
        ("09/2026", "2026-09"),
        ("septembre 2026", "2026-09"),
        ("Sept. 2026", "2026-09"),
        ("15 septembre 2026", "2026-09-15"),
        ("1er août 2026", "2026-08-01"),
        ("29 FÉVRIER 2028", "2028-02-29"),
        ("", None),
    ],
)
def test_a_date_as_people_write_it(typed: str, value: str | None) -> None:
    assert date(typed, NO_WORDS) == value
    if value:
        assert date(write_date(value, NO_WORDS), NO_WORDS) == value


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("31/02/2026", "ce mois-là a 28 jours"),
        ("09/15/2026", "il n’y a pas de mois 15"),
        ("2026-13", "n’est pas une date"),
        ("01/02/26", "écrivez l’année avec quatre chiffres"),
        ("46280", "numéro de jour d’Excel"),
        ("à la rentrée", "n’est pas une date. Écrivez 15/09/2026"),
        ("0/0/0000", "n’existe pas"),
        ("15/09/1026", "l’année 1026 n’est pas plausible"),
        ("x" * 5000, "n’est pas une date"),
    ],
)
def test_a_date_that_is_none_is_told_what_would_be(typed: str, says: str) -> None:
    with pytest.raises(ValueError) as wrong:
        date(typed, NO_WORDS)
    assert says in str(wrong.value).replace("\xa0", " ")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("120000", "120000"),
        ("120 000 €", "120000"),
        ("120\u202f000\u00a0euros", "120000"),
        ("1234,50", "1234.5"),
        ("1234.5", "1234.5"),
        ("2,4 M€", "2400000"),
        ("120 k€", "120000"),
        ("0", "0"),
        ("", None),
    ],
)
def test_an_amount_as_people_write_it(typed: str, value: str | None) -> None:
    assert amount(typed, NO_WORDS) == value


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("cent mille euros", "n’est pas un montant. Écrivez-le en chiffres"),
        ("1.500.000", "se lit de deux façons"),
        ("1,500", "se lit de deux façons"),
        ("-5", "ne peut pas être négatif"),
        ("9" * 20, "mille milliards"),
        ("1e5", "n’est pas un montant"),
        ("NaN", "n’est pas un montant"),
        ("١٢", "n’est pas un montant"),
        ("10 $", "n’est pas un montant"),
    ],
)
def test_an_amount_that_is_none_is_told_what_would_be(typed: str, says: str) -> None:
    with pytest.raises(ValueError) as wrong:
        amount(typed, NO_WORDS)
    assert says in str(wrong.value).replace("\xa0", " ")


WRONG = {
    "unknown territory": ({"Territoires": "Bretange"}, "Vouliez-vous dire region:53 (Bretagne)"),
    "code of another level": (
        {"Territoires": "region:29"},
        "n’est pas le code d’un territoire de niveau « région », mais celui de departement:29",
    ),
    "a bare code": ({"Territoires": "53"}, "departement:53 (Mayenne) ou region:53 (Bretagne)"),
    "namesakes": ({"Territoires": "Saint-Denis"}, "désigne plusieurs territoires"),
    "impossible date": ({"Clôture": "31/02/2026"}, "n’existe pas"),
    "amount in words": ({"Enveloppe": "cent mille"}, "n’est pas un montant"),
    "closing before opening": (
        {"Ouverture": "02/06/2026", "Clôture": "mai 2026"},
        "La clôture (mai 2026) précède l’ouverture (2 juin 2026)",
    ),
    "kind": ({"Type": "appel d’offres"}, "On peut écrire : appel à projets"),
    "another kind than the series'": ({"Type": "concours"}, "est de type « appel à projets »"),
    "stage": ({"Étapes": "Emergance"}, "Vouliez-vous dire « Emergence »"),
    "theme": ({"Thématiques": "sport"}, "n’est pas une thématique. On peut écrire : Numérique"),
    "entry mode": ({"On répond avec": "rien"}, "n’est pas une façon de répondre"),
    "publication": ({"Publication": "peut-être"}, "On peut écrire : brouillon, publié"),
    "nature": ({"Nature de l’enveloppe": "sûr"}, "annoncé, prévu, voté"),
    "funder": ({"Financeurs": "Region R3"}, "Vouliez-vous dire « Région R"),
    "funder twice": ({"Financeurs": "region-r1 : 5 ; Région R1"}, "figure deux fois"),
    "funder's amount": ({"Financeurs": "Région R1 : beaucoup"}, "n’est pas une nature"),
    "year": ({"Année": "26"}, "n’est pas une année"),
    "number": ({"Dossiers reçus": "douze"}, "n’est pas un nombre entier"),
    "address": ({"Page de l’appel": "exemple.fr"}, "Elle commence par https://"),
    "script as an address": ({"Page de l’appel": "javascript:alert(1)"}, "adresse complète"),
    "e-mail": ({"Courriel": "pas un courriel"}, "n’est pas un courriel"),
    "key": ({"Clé": "Fonds 2026 !"}, "ne peut pas être une clé"),
    "too long": ({"Titre": "x" * 251}, "251 signes ; 250 au plus"),
    "no title": ({"Titre": ""}, "ne peut pas être vide"),
    "no source": ({"Source": ""}, "ne peut pas être vide"),
    "no series": ({"Série": ""}, "ne peut pas être vide"),
    "a new series without kind": ({"Série": "Neuve"}, "dites son type"),
    "only excluded": ({"Territoires exclus": "region:53"}, "de quoi ceux-ci sont exclus"),
    "in and out": (
        {"Territoires": "region:53", "Territoires exclus": "Bretagne"},
        "à la fois dedans et dehors",
    ),
}


@pytest.fixture
def bretagne(world: SmallFrance) -> SmallFrance:
    for kind, code, name in [
        (Kind.REGION, "53", "Bretagne"),
        (Kind.DEPARTEMENT, "29", "Finistère"),
        (Kind.DEPARTEMENT, "53", "Mayenne"),
        (Kind.COMMUNE, "93066", "Saint-Denis"),
        (Kind.COMMUNE, "97411", "Saint-Denis"),
    ]:
        compose(territory(kind, code, name), [world.a])
    return world


@pytest.mark.parametrize(("cells", "says"), WRONG.values(), ids=WRONG)
def test_a_wrong_cell_is_told_with_its_line_its_column_and_what_would_do(
    bretagne: SmallFrance, admin: Agent, cells: dict[str, str], says: str
) -> None:
    shown = preview(admin, table(call("bonne-2026"), {**call(), **cells}))
    [(line, column, message)] = errors(shown)
    assert line == 3
    assert column.split(" (")[0] in [*cells, "Type"]
    assert says in message.replace("\xa0", " ")
    assert shown.wrong == 1


def test_every_wrong_cell_of_a_row_is_told_at_once(world: SmallFrance, admin: Agent) -> None:
    shown = preview(admin, table(call(Clôture="jamais", Enveloppe="peu", Étapes="zéro")))
    assert {column for _, column, _ in errors(shown)} == {"Clôture", "Enveloppe (€)", "Étapes"}


def test_a_key_twice_in_the_file_names_the_other_line(world: SmallFrance, admin: Agent) -> None:
    shown = preview(admin, table(call(), call("autre"), call()))
    assert errors(shown) == [(4, "Clé", "La ligne 2 porte déjà la clé «\xa0fonds-r1-2026\xa0».")]


def test_an_edition_never_changes_series(world: SmallFrance, admin: Agent) -> None:
    from tests.factories import CallEditionFactory

    CallEditionFactory(key="k", scheme=FundingScheme.objects.get(slug="fonds-r2"))
    [(_, column, message)] = errors(preview(admin, table(call("k"))))
    assert (column, "ne change pas de série" in message.replace("\xa0", " ")) == ("Série", True)


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("Bretagne", ["region:53"]),
        ("région bretagne", ["region:53"]),
        ("Département du Finistère ; region:53", ["departement:29", "region:53"]),
        ("departement : 29", ["departement:29"]),
        ("commune de Commune a", ["commune:01001"]),
        ("France entière", ["country:france"]),
        ("", []),
    ],
)
def test_a_territory_by_its_name_or_its_level_and_code(
    bretagne: SmallFrance, typed: str, keys: list[str]
) -> None:
    from directory.importing.cells import territories

    assert territories(typed, Vocabulary()) == keys


@pytest.mark.parametrize(
    ("headings", "says"),
    [
        ("a;b", "On ne reconnaît pas les titres"),
        ("Titre;Source", "au moins « Clé » ou « Série »"),
        ("Clé;Série;clé externe", "Deux colonnes disent « Clé »"),
    ],
)
def test_headings_that_are_not_those_of_calls(
    world: SmallFrance, admin: Agent, headings: str, says: str
) -> None:
    shown = preview(admin, f"{headings}\r\nx;y\r\n".encode())
    assert shown.state == "refuse"
    assert says in shown.message.replace("\xa0", " ")


def test_unknown_headings_are_left_aside_and_said(world: SmallFrance, admin: Agent) -> None:
    assert preview(admin, table(call(Couleur="bleu"))).ignored_headings == ["Couleur"]
