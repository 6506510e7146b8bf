"""The search of operators: every filter against a naive computation, and its four views agree."""

import csv
import io
import itertools
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from directory.explore import Exploration, text
from directory.explore.facets import count
from directory.explore.page import SearchPage
from directory.explore.text import Marker, wanted
from directory.models import Network, Offer, Operator, OperatorState, SearchDocument, Synonym
from directory.snapshot import current
from tests.directory.conftest import STAGES, make_offer
from tests.factories import OperatorKindFactory, SmallFrance, ThemeFactory, covers

TODAY = timezone.localdate()


@pytest.fixture
def directory(france: SmallFrance) -> SmallFrance:
    """Twenty-four operators that differ in all that can be filtered."""
    places = [france.a, france.e1, france.e2, france.d1, france.r2, france.france]
    kinds = [OperatorKindFactory(slug="dla", letter="D"), OperatorKindFactory(slug="tag")]
    themes = [ThemeFactory(slug="alimentation"), ThemeFactory(slug="mobilite")]
    network = Network.objects.create(slug="reseau", name="Réseau")
    for number in range(24):
        made = make_offer(
            places[number % 6],
            STAGES[number % 4],
            operator__name=f"Structure {number:02}",
            operator__kind=kinds[number % 2],
            operator__commune=list(france.communes.values())[number % 6],
            operator__verified_on=TODAY - timedelta(days=100 * (number % 8)),
            entry_modes=[["projet"], ["besoin"], []][number % 3],
        )
        if number % 5 < 2:
            made.themes.add(themes[number % 5])
        if number % 7 == 0:
            made.operator.networks.add(network)
        if number % 8 == 0:
            second = Offer.objects.create(
                operator=made.operator,
                stage=made.stage.__class__.objects.get(slug="creation"),
                title="Seconde",
                summary="Autre chose",
                entry_modes=["structure"],
            )
            second.themes.add(themes[1])
    make_offer(france.a, operator__name="Fermée", operator__state=OperatorState.CLOSED)
    return france


def explore(query: str) -> Exploration:
    return Exploration(QueryDict(query), current())


def names(query: str) -> list[str]:
    return [operator.name for operator in explore(query).operators]


# What each filter asks, said the slow way: of an operator, or of one of its offers.
Check = Callable[[Any, SmallFrance], bool]
OF_OFFERS: dict[str, Check] = {
    "etape=creation": lambda o, f: o.stage.slug == "creation",
    "etape=creation&etape=emergence": lambda o, f: o.stage.slug in ("creation", "emergence"),
    "thematique=alimentation": lambda o, f: o.themes.filter(slug="alimentation").exists(),
    "profil=besoin": lambda o, f: not o.entry_modes or "besoin" in o.entry_modes,
    "territoire=commune:01001": lambda o, f: _serves(o, f, "a"),
    "territoire=departement:d1": lambda o, f: _serves(o, f, "abce"),
    "territoire=region:r2&portee=tout": lambda o, f: _serves(o, f, "df", every=True),
}
OF_OPERATORS: dict[str, Check] = {
    "type=dla": lambda o, f: o.kind.slug == "dla",
    "reseau=reseau": lambda o, f: o.networks.filter(slug="reseau").exists(),
    "verifie=1": lambda o, f: (TODAY - o.verified_on).days <= 365,
    "zone=46.9,5.9,47.2,6.1": lambda o, f: o.commune.name in ("Commune a", "Commune b"),
    "q=structure": lambda o, f: True,
    "q=07": lambda o, f: o.name == "Structure 07",
}


def _serves(offer: Offer, france: SmallFrance, communes: str, every: bool = False) -> bool:
    found = [
        offer.pk in current().coverage.serving(current().places.enclosing(place.pk, TODAY))
        for place in (france.communes[name] for name in communes)
    ]
    return all(found) if every else any(found)


def naive(france: SmallFrance, filters: tuple[str, ...]) -> set[str]:
    kept = set()
    for operator in Operator.objects.filter(state=OperatorState.ACTIVE):
        wanted = [OF_OPERATORS[name] for name in filters if name in OF_OPERATORS]
        of_offers = [OF_OFFERS[name] for name in filters if name in OF_OFFERS]
        if all(check(operator, france) for check in wanted) and (
            not of_offers
            or any(all(check(o, france) for check in of_offers) for o in operator.offers.all())
        ):
            kept.add(operator.name)
    return kept


FILTERS = [*OF_OFFERS, *OF_OPERATORS]


@pytest.mark.parametrize("query", FILTERS)
def test_each_filter_alone(directory: SmallFrance, query: str) -> None:
    assert set(names(query)) == naive(directory, (query,))


def test_filters_in_pairs(directory: SmallFrance) -> None:
    for pair in itertools.combinations(FILTERS, 2):
        keys = [part.split("=")[0] for query in pair for part in query.split("&")]
        if keys.count("territoire") > 1:
            continue
        if keys.count("q") > 1 or keys.count("etape") > 2:
            continue
        if pair == ("etape=creation", "etape=creation&etape=emergence"):
            continue  # values of one filter add up, they do not narrow
        assert set(names("&".join(pair))) == naive(directory, pair), pair


def test_stage_and_theme_must_hold_for_the_same_offer(france: SmallFrance) -> None:
    made = make_offer(france.a, "emergence", operator__name="X")
    second = make_offer(None, "creation")
    second.operator = made.operator
    second.save()
    second.themes.add(ThemeFactory(slug="alimentation"))
    assert names("etape=creation&thematique=alimentation") == ["X"]
    assert names("etape=emergence&thematique=alimentation") == []


@pytest.mark.parametrize(
    "query", ["", "etape=creation", "territoire=departement:d1&type=dla", "q=structure&profil=idee"]
)
def test_every_count_is_what_the_option_would_give(directory: SmallFrance, query: str) -> None:
    search = explore(query)
    counts = count(search)
    assert counts.get(("total", ""), 0) == len(names(query))
    for name in ("etape", "type", "thematique", "reseau", "profil"):
        choices = {
            "etape": STAGES,
            "type": ["dla", "tag"],
            "thematique": ["alimentation", "mobilite"],
            "reseau": ["reseau"],
            "profil": ["idee", "besoin", "structure", "financement"],
        }[name]
        others = "&".join(part for part in query.split("&") if not part.startswith(name + "="))
        for value in choices:
            real = len(names(f"{others}&{name}={value}"))
            assert counts.get((name, value), 0) == real, (name, value)


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ("etape=inconnue", "etape", "« inconnue » n’existe pas"),
        ("type=x&type=dla", "type", "n’existe pas"),
        ("territoire=01", "territoire", "n’est pas un territoire"),
        ("territoire=region:zz", "territoire", "Aucun territoire ne porte le code region:zz"),
        ("territoire=galaxie:1", "territoire", "n’est pas un territoire"),
        ("portee=presque&territoire=region:r1", "portee", "n’existe pas"),
        ("zone=1,2,3", "zone", "sud,ouest,nord,est"),
        ("zone=nan,0,1,2", "zone", "sud,ouest,nord,est"),
        ("ordre=hasard", "ordre", "n’existe pas"),
        ("q=" + "x" * 300, "q", "200"),
    ],
)
def test_an_unknown_value_is_said_and_finds_nothing(
    directory: SmallFrance, query: str, field: str, says: str
) -> None:
    search = explore(query)
    assert not search.is_valid
    assert says in " ".join(search.form.errors[field])
    assert list(search.operators) == []


# --- Words -----------------------------------------------------------------------------------


@pytest.fixture
def texts(france: SmallFrance) -> SmallFrance:
    Synonym.objects.create(term="DLA", equivalents=["dispositif local d’accompagnement"])
    make_offer(france.a, operator__name="DLA du Doubs")
    make_offer(france.a, operator__name="Émergences solidaires", operator__description="Épicerie")
    make_offer(
        france.a,
        operator__name="Ligue",
        operator__description="Porte le dispositif local d’accompagnement et des épiceries.",
    )
    return france


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("dla", {"DLA du Doubs", "Ligue"}),
        ("dispositif local d'accompagnement", {"DLA du Doubs", "Ligue"}),
        ("emergence", {"Émergences solidaires"}),
        ("émergences", {"Émergences solidaires"}),
        ("EMERG", {"Émergences solidaires"}),
        ("épicerie", {"Émergences solidaires", "Ligue"}),
        ("epiceries doubs", set()),
        ("emergense", {"Émergences solidaires"}),
        ("xyzzy", set()),
        ("'\"; drop & | ! ( ) <-> :*", set()),
    ],
)
def test_free_text(texts: SmallFrance, typed: str, found: set[str]) -> None:
    query = QueryDict(mutable=True)
    query["q"] = typed
    search = Exploration(query, current())
    assert {operator.name for operator in search.operators} == found


def test_a_text_without_a_word_is_no_filter(texts: SmallFrance) -> None:
    assert len(names("q=%26%7C")) == 3


def test_a_name_counts_more_than_a_description(texts: SmallFrance) -> None:
    make_offer(texts.a, operator__name="Aaa", operator__description="Épicerie et épicerie fine")
    make_offer(texts.a, operator__name="Zzz Épicerie")
    assert names("q=epicerie")[0] == "Zzz Épicerie"


def test_the_words_found_are_marked_and_the_rest_is_escaped(texts: SmallFrance) -> None:
    Operator.objects.filter(name="Ligue").update(description="<b>Épiceries</b> & co")
    rows = SearchPage(explore("q=epicerie"), None).page_obj
    (row,) = [row for row in rows if row.entry.name == "Ligue"]
    assert "&lt;b&gt;<mark>Épiceries</mark>&lt;/b&gt; &amp; co" in str(row.html)


def test_marks_stay_out_of_what_is_kept_in_the_selection(texts: SmallFrance) -> None:
    Operator.objects.filter(name="Ligue").update(name="Ligue & épicerie")
    rows = SearchPage(explore("q=epicerie"), None).page_obj
    (row,) = [row for row in rows if row.entry.name.startswith("Ligue")]
    assert "Ligue &amp; <mark>épicerie</mark></a>" in str(row.html)
    assert 'data-keep-label="Ligue &amp; épicerie"' in str(row.html)


def test_an_operator_deleted_meanwhile_leaves_the_others(texts: SmallFrance) -> None:
    search = explore("q=epicerie")
    known = [entry.pk for entry in search.operators]
    Operator.objects.filter(pk=known[0]).delete()
    assert [row.entry.pk for row in SearchPage(search, None).page_obj] == known[1:]


@pytest.mark.parametrize(
    ("typed", "text", "marked"),
    [
        (
            "dla",
            "Le dispositif local d’accompagnement, ou DLA",
            "dispositif|local|accompagnement|DLA",
        ),
        ("dla", "Un accompagnement local", ""),
        ("emerg solid", "Émergences d’ici, solidaires", "Émergences|solidaires"),
        ("de", "De la terre et des gens", ""),
        ("<script>", "<script>", "script"),
    ],
)
def test_what_is_marked_is_what_was_found(
    texts: SmallFrance, typed: str, text: str, marked: str
) -> None:
    query = wanted(typed, Synonym.objects.all())
    assert query
    html = Marker(query, [text]).marked(text)
    assert "|".join(re.findall("<mark>(.*?)</mark>", html)) == marked
    assert html.replace("<mark>", "").replace("</mark>", "") == escape(text)


@pytest.mark.django_db
def test_a_stem_begins_as_its_word_does() -> None:
    """What spares most words a statement: checked on every word of the real files."""
    files = (settings.BASE_DIR / "fixtures").rglob("*.csv")
    real = {word for file in files for word in text._WORD.findall(file.read_text().lower())}
    known = text.stems_of(real)
    assert sum(map(bool, known.values())) > 3_000
    for word, stems in known.items():
        for stem in stems:
            assert text._beginning(word[:2]).startswith(stem[:2]), (word, stem)


def test_documents_follow_every_kind_of_write(france: SmallFrance) -> None:
    operator = make_offer(france.a, operator__name="Avant").operator
    Operator.objects.filter(pk=operator.pk).update(name="Nouveau")
    assert names("q=avant") == []
    assert names("q=nouveau") == ["Nouveau"]
    operator.aliases.create(name="Pseudonyme")
    operator.hosts.create(name="Porteuse")
    Offer.objects.filter(operator=operator).update(summary="Compagnonnage")
    operator.networks.add(Network.objects.create(slug="r", name="Constellation"))
    for word in ("pseudonyme", "porteuse", "compagnonnage", "constellation"):
        assert names(f"q={word}") == ["Nouveau"], word
    Network.objects.update(name="Galaxie")
    assert names("q=constellation") == []
    operator.delete()
    assert not SearchDocument.objects.exists()


# --- Order, pages, views ---------------------------------------------------------------------


def test_orders_offered_are_those_that_make_sense(directory: SmallFrance) -> None:
    assert explore("").orders == ["nom"]
    assert explore("q=structure").orders == ["pertinence", "nom"]
    assert explore("territoire=region:r1&q=structure").orders == ["pertinence", "proximite", "nom"]
    assert explore("ordre=proximite").order == "nom"


def test_pages_hold_each_operator_once(directory: SmallFrance) -> None:
    for query in ("", "q=structure", "territoire=departement:d1&ordre=proximite"):
        seen = []
        for number in (1, 2):
            page = SearchPage(explore(query), str(number)).page_obj
            if number <= page.paginator.num_pages:
                seen += [row.entry.pk for row in page]
        assert sorted(seen) == sorted(o.pk for o in explore(query).operators)


def test_list_csv_and_geojson_agree(directory: SmallFrance, client: Client) -> None:
    for query in ("", "etape=creation", "territoire=departement:d1&type=dla", "q=structure"):
        found = [operator.slug for operator in explore(query).operators]
        text = client.get(f"/operateurs.csv?{query}").content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
        features = json.loads(client.get(f"/operateurs.geojson?{query}").content)["features"]
        assert [row["identifiant"] for row in rows] == found
        assert [feature["id"] for feature in features] == found
        assert SearchPage(explore(query), None).total == len(found)


def test_a_download_is_safe_to_open_and_says_the_zone_twice(
    france: SmallFrance, client: Client
) -> None:
    made = make_offer(france.d1, operator__name="=cmd|' /C calc'!A0", operator__slug="x")
    covers(made.operator, france.b, excluded=True)
    text = client.get("/operateurs.csv").content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text), delimiter=";")
    assert row["nom"].startswith("'=")
    assert row["zone"] == (
        "Intervient dans le département de d1 ; sauf : Intervient sur la commune de Commune b"
    )
    assert row["zone_codes"] == f"departement:d1 -commune:{france.b.code}"


def test_a_bad_download_says_why(directory: SmallFrance, client: Client) -> None:
    response = client.get("/operateurs.csv?etape=x")
    assert response.status_code == 400
    assert "n’existe pas" in response.content.decode()


def test_the_search_says_itself(directory: SmallFrance) -> None:
    page = SearchPage(explore("territoire=epci:e1&etape=creation&type=dla&q=structure"), None)
    assert page.sentence.startswith("Aucune structure") or "sur e1" in page.sentence
    assert [chip.label for chip in page.chips] == [
        "«\u00a0structure\u00a0»",
        "e1",
        "Creation",
        "dla",
    ]
    assert page.chips[1].remove_url == "/operateurs/?etape=creation&type=dla&q=structure"


def test_an_empty_search_says_what_to_relax(directory: SmallFrance) -> None:
    page = SearchPage(explore("q=07&etape=emergence"), None)
    assert page.total == 0
    assert [(r.label, r.count) for r in page.relaxations] == [
        ("sans les mots", len(names("etape=emergence"))),
        ("à toutes les étapes", 1),
    ]


def test_part_is_never_shown_as_whole(directory: SmallFrance) -> None:
    page = SearchPage(explore("territoire=departement:d1&q=structure"), None).page_obj
    reasons = {row.reason for row in page}
    assert "Intervient sur tout le territoire : d1" in reasons
    assert "Intervient sur 2 communes sur 4 : d1" in reasons
    assert "Intervient sur 1 commune sur 4 : d1" in reasons


@pytest.mark.parametrize("query", ["", "q=structure", "territoire=departement:d1&etape=creation"])
def test_a_search_costs_the_same_queries_whatever_it_finds(
    directory: SmallFrance, client: Client, query: str
) -> None:
    def cost() -> int:
        assert current().sets.depth
        text._STEMS.clear()  # as when no word was ever asked for
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/operateurs/?{query}").status_code == 200
        return len(queries)

    first = cost()
    for number in range(50):
        make_offer(directory.a, "creation", operator__name=f"Structure de plus {number}")
    assert cost() == first <= 8


def test_who_leaves_a_commune_out_is_out_of_it_alone_even_among_many(france: SmallFrance) -> None:
    """Those who serve through one territory are kept for all its communes, but for exceptions."""
    for number in range(20):
        make_offer(france.r1, operator__name=f"Structure {number:02}")
    covers(Operator.objects.get(name="Structure 07"), france.b, excluded=True)
    covers(Operator.objects.get(name="Structure 03"), france.b)
    everyone = [f"Structure {number:02}" for number in range(20)]
    for commune in (france.a, france.b, france.a, france.b):
        found = names(f"territoire=commune:{commune.code}&ordre=nom")
        assert found == [one for one in everyone if commune == france.a or one != "Structure 07"]
    by_rule = explore(f"territoire=commune:{france.b.code}").operators
    assert by_rule[0].name == "Structure 03"  # through the commune itself


def test_a_territory_without_a_point_still_orders_what_it_gives(directory: SmallFrance) -> None:
    search = explore("territoire=region:r1&ordre=proximite")
    assert search.territory is not None
    assert search.territory.latitude is None
    assert len(search.operators) == len(set(search.numbers)) > 0
