"""The search of calls: every filter against a naive computation, and its views agree."""

import csv
import datetime
import io
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from directory.calls.page import CallsPage
from directory.calls.search import CallSearch
from directory.models import CallEdition, CallStatus, FundingKind, Publication, Revision, Stage
from directory.paging import forget_pages
from directory.snapshot import current, snapshot
from tests.directory.conftest import STAGES
from tests.factories import (
    CallEditionFactory,
    FunderFactory,
    FundingFactory,
    FundingSchemeFactory,
    LaureateFactory,
    SmallFrance,
    ThemeFactory,
    covers,
)

TODAY = timezone.localdate()


def day(offset: int) -> str:
    return (TODAY + datetime.timedelta(days=offset)).isoformat()


#: Opening and closing, in days from today, and the year from this one.
DATES = [
    (-30, 3, 0),
    (-30, 90, 0),
    (20, 60, 0),
    (-300, -200, -1),
    (None, None, -2),
    (None, None, None),
]


@pytest.fixture
def calls(france: SmallFrance) -> SmallFrance:
    """Twenty-four calls that differ in all that can be filtered."""
    places = [france.a, france.e1, france.d1, france.r2, france.france]
    funders = [FunderFactory(slug="region"), FunderFactory(slug="etat")]
    themes = [ThemeFactory(slug="alimentation"), ThemeFactory(slug="mobilite")]
    kinds = ["aap", "ami", "concours"]
    for number in range(24):
        opens, closes, year = DATES[number % 6]
        scheme = FundingSchemeFactory(
            slug=f"serie-{number}",
            name=f"Série {number}",
            kind="dispositif" if number in (5, 11) else kinds[number % 3],
        )
        if number % 4:
            scheme.funders.add(funders[number % 2])
        made = CallEditionFactory(
            scheme=scheme,
            key=f"appel-{number}",
            title=f"Appel numéro {number:02}",
            year=None if year is None else TODAY.year + year,
            opens_on=None if opens is None else day(opens),
            closes_on=None if closes is None else day(closes),
            envelope=None if number % 3 else 1000 * number,
            entry_modes=[["projet"], ["besoin"], []][number % 3],
        )
        if number % 8 == 0:
            FundingFactory(edition=made, funder=funders[0])
        made.stages.add(Stage.objects.get(slug=STAGES[number % 4]))
        if number % 5 < 2:
            made.themes.add(themes[number % 5])
        if number == 9:
            LaureateFactory(edition=made)
        covers(scheme, places[number % 5])
        if number == 2:
            covers(scheme, france.c, excluded=True)
    FundingSchemeFactory(slug="brouillon", publication=Publication.DRAFT)
    CallEditionFactory(key="brouillon", publication=Publication.DRAFT, year=TODAY.year)
    return france


def search(query: str) -> CallSearch:
    return CallSearch(QueryDict(query), current())


def keys(query: str) -> list[str]:
    found = search(query)
    return [edition.key for edition in found.editions(found.ordered)]


def _statuses(*wanted: CallStatus) -> Callable[[CallEdition, SmallFrance], bool]:
    return lambda edition, france: edition.status(TODAY) in wanted


def _paid_by(edition: CallEdition, slug: str) -> bool:
    own = [funding.funder.slug for funding in edition.fundings.all()]
    return slug in (own or [funder.slug for funder in edition.scheme.funders.all()])


def _serves(edition: CallEdition, france: SmallFrance, communes: str) -> bool:
    """Commune by commune, over the rows of the series."""
    served = set()
    for row in edition.scheme.coverage.filter(excluded=False):
        served |= set(row.territory.members.values_list("commune", flat=True))
    for row in edition.scheme.coverage.filter(excluded=True):
        served -= set(row.territory.members.values_list("commune", flat=True))
    return any(france.communes[name].pk in served for name in communes)


# What each filter asks, said the slow way.
CHECKS: dict[str, Callable[[Any, SmallFrance], bool]] = {
    "statut=ferme-bientot": _statuses(CallStatus.CLOSING),
    "statut=ouvert": _statuses(CallStatus.CLOSING, CallStatus.OPEN),
    "statut=a-venir": _statuses(CallStatus.COMING),
    "statut=permanent": _statuses(CallStatus.STANDING),
    "statut=inconnu": _statuses(CallStatus.UNKNOWN),
    "statut=clos": _statuses(CallStatus.CLOSED, CallStatus.AWARDED),
    "statut=laureats": _statuses(CallStatus.AWARDED),
    f"annee={TODAY.year}": lambda e, f: e.year == TODAY.year,
    "annee=sans": lambda e, f: e.year is None,
    "annee=2099": lambda e, f: False,
    "etape=creation": lambda e, f: e.stages.filter(slug="creation").exists(),
    "etape=creation&etape=emergence": lambda e, f: e.stages.filter(
        slug__in=["creation", "emergence"]
    ).exists(),
    "type=concours": lambda e, f: e.scheme.kind == "concours",
    "financeur=region": lambda e, f: _paid_by(e, "region"),
    "thematique=alimentation": lambda e, f: e.themes.filter(slug="alimentation").exists(),
    "profil=besoin": lambda e, f: not e.entry_modes or "besoin" in e.entry_modes,
    "territoire=commune:01003": lambda e, f: _serves(e, f, "c"),
    "territoire=epci:e1": lambda e, f: _serves(e, f, "ab"),
    "territoire=region:r2": lambda e, f: _serves(e, f, "df"),
    "q=07": lambda e, f: e.key == "appel-7",
    "q=numeros": lambda e, f: True,
}


def naive(france: SmallFrance, filters: tuple[str, ...]) -> set[str]:
    editions = CallEdition.objects.filter(publication="publie", scheme__publication="publie")
    return {
        edition.key
        for edition in editions
        if all(CHECKS[name](edition, france) for name in filters)
    }


@pytest.mark.parametrize("query", CHECKS)
def test_each_filter_alone(calls: SmallFrance, query: str) -> None:
    assert set(keys(query)) == naive(calls, (query,))


def test_filters_in_pairs(calls: SmallFrance) -> None:
    alone = {query: naive(calls, (query,)) for query in CHECKS}
    for pair in itertools.combinations(CHECKS, 2):
        names = [{part.split("=")[0] for part in query.split("&")} for query in pair]
        if names[0] & names[1]:
            continue  # values of one filter add up, they do not narrow
        assert set(keys("&".join(pair))) == alone[pair[0]] & alone[pair[1]], pair


def test_what_is_found_is_not_always_everything_or_nothing(calls: SmallFrance) -> None:
    """The checks above say something: most of them keep some calls and leave some out."""
    telling = [query for query in CHECKS if 0 < len(naive(calls, (query,))) < 24]
    assert len(telling) >= len(CHECKS) - 4


def test_values_of_one_filter_add_up(calls: SmallFrance) -> None:
    both = set(keys("statut=a-venir&statut=permanent"))
    assert both == set(keys("statut=a-venir")) | set(keys("statut=permanent"))


@pytest.mark.parametrize(
    "query", ["", "etape=creation", "territoire=region:r1&statut=ouvert", "q=numero&type=aap"]
)
def test_every_count_is_what_the_option_would_give(calls: SmallFrance, query: str) -> None:
    page = CallsPage(search(query), None)
    assert page.total == len(keys(query))
    counted = 0
    for facet in page.facets:
        others = "&".join(part for part in query.split("&") if not part.startswith(facet.name))
        for option in facet.options:
            real = len(keys(f"{others}&{facet.name}={option.value}"))
            assert option.number == real, (facet.name, option.value)
            counted += 1
    assert counted >= 25


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ("statut=presque", "statut", "« presque » n’existe pas"),
        ("annee=20x5", "annee", "« 20x5 » n’est pas une année"),
        ("annee=0", "annee", "n’est pas une année"),
        ("etape=inconnue", "etape", "n’existe pas"),
        ("type=x&type=aap", "type", "n’existe pas"),
        ("financeur=personne", "financeur", "n’existe pas"),
        ("thematique=x", "thematique", "n’existe pas"),
        ("profil=financement", "profil", "n’existe pas"),
        ("territoire=01", "territoire", "n’est pas un territoire"),
        ("territoire=region:zz", "territoire", "Aucun territoire ne porte le code region:zz"),
        ("ordre=hasard", "ordre", "n’existe pas"),
        ("q=" + "x" * 300, "q", "200"),
    ],
)
def test_an_unknown_value_is_said_and_finds_nothing(
    calls: SmallFrance, client: Client, query: str, field: str, says: str
) -> None:
    found = search(query)
    assert not found.is_valid
    assert says in " ".join(str(error) for error in found.form.errors[field])
    assert found.ordered == []
    for address in ("/appels/", "/appels.csv", "/appels/calendrier.ics", "/appels/flux.atom"):
        response = client.get(f"{address}?{query}")
        assert response.status_code == 400, address
        assert says in response.content.decode(), address


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("jardin", {"a"}),
        ("jardins", {"a"}),
        ("JARD", {"a"}),
        ("fondation", {"b"}),
        ("guichets", {"c"}),
        ("jardim", {"a"}),
        ("xyzzy", set()),
        ("'\"; drop & | ! ( ) <-> :*", set()),
    ],
)
def test_free_text(france: SmallFrance, typed: str, found: set[str]) -> None:
    CallEditionFactory(key="a", title="Jardin partagé")
    second = CallEditionFactory(key="b", title="Deuxième")
    FundingFactory(edition=second, funder__name="Fondation du Lac")
    CallEditionFactory(key="c", title="Troisième", note="Un guichet ouvert à toutes et tous.")
    query = QueryDict(mutable=True)
    query["q"] = typed
    made = CallSearch(query, current())
    assert {edition.key for edition in made.editions(made.ordered)} == found


# --- Order and pages -------------------------------------------------------------------------


def test_the_most_urgent_first_and_the_past_last(calls: SmallFrance) -> None:
    ordered = [CallEdition.objects.get(key=key) for key in keys("")]
    ranks = [edition.status(TODAY).rank for edition in ordered]
    assert ranks == sorted(ranks)
    open_ones = [one for one in ordered if one.status(TODAY) == CallStatus.OPEN]
    assert [one.closes_on for one in open_ones] == sorted(one.closes_on for one in open_ones)


def test_other_orders(calls: SmallFrance) -> None:
    of = {edition.key: edition for edition in CallEdition.objects.all()}
    years = [of[key].year or 0 for key in keys("ordre=annee")]
    assert years == sorted(years, reverse=True)
    amounts = [of[key].envelope for key in keys("ordre=montant")]
    known = [amount for amount in amounts if amount is not None]
    assert amounts[: len(known)] == sorted(known, reverse=True)
    titles = [of[key].title for key in keys("ordre=nom")]
    assert titles == sorted(titles)


def test_an_order_never_changes_by_itself(calls: SmallFrance) -> None:
    for order in ("", "annee", "montant", "nom"):
        first = keys(f"ordre={order}")
        CallEdition.objects.filter(key="appel-3").update(note="Autre chose")
        assert keys(f"ordre={order}") == first


def test_pages_hold_each_call_once_and_keep_the_search(calls: SmallFrance, client: Client) -> None:
    seen = [row.line.edition.key for n in (1, 2) for row in CallsPage(search(""), str(n)).page_obj]
    assert seen == keys("")
    page = client.get("/appels/?ordre=nom&q=numero").content.decode()
    assert "?q=numero&amp;ordre=nom&amp;page=2" in page
    assert client.get("/appels/?page=99").status_code == 200
    assert client.get("/appels/?page=abc").status_code == 200


def test_list_and_table_agree(calls: SmallFrance, client: Client) -> None:
    for query in ("", "etape=creation", "territoire=departement:d1&statut=ouvert", "q=numero"):
        text = client.get(f"/appels.csv?{query}").content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
        assert [row["cle"] for row in rows] == keys(query)


def test_a_table_is_safe_to_open(france: SmallFrance, client: Client) -> None:
    covers(CallEditionFactory(title="=cmd|' /C calc'!A0", note="+33"), france.d1)
    text = client.get("/appels.csv?territoire=region:r1").content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text), delimiter=";")
    assert (row["titre"], row["a_savoir"]) == ("'=cmd|' /C calc'!A0", "'+33")
    assert row["territoire"] == "Valable sur tout le territoire\u00a0: r1"


# --- Words -----------------------------------------------------------------------------------


def test_the_search_says_itself(calls: SmallFrance) -> None:
    page = CallsPage(
        search(f"territoire=epci:e1&statut=ouvert&etape=creation&annee={TODAY.year}&q=numero"), None
    )
    said = page.sentence.split(", ")
    assert said[0].endswith(" sur e1")
    assert said[1:] == [
        "ouverts" if page.total > 1 else "ouvert",
        f"de {TODAY.year}",
        "à l’étape Creation",
        "avec «\u00a0numero\u00a0»",
    ]
    assert [chip.label for chip in page.chips] == [
        "«\u00a0numero\u00a0»",
        "e1",
        "Ouvert",
        str(TODAY.year),
        "Creation",
    ]
    assert "territoire" not in page.chips[1].remove_url
    assert "statut=ouvert" in page.chips[1].remove_url


def test_an_empty_search_says_what_to_relax(calls: SmallFrance) -> None:
    page = CallsPage(search("q=07&etape=emergence"), None)
    assert page.sentence.startswith("Aucun appel ni aide")
    assert [(r.label, r.count) for r in page.relaxations] == [
        ("sans les mots", len(keys("etape=emergence"))),
        ("à toutes les étapes", 1),
    ]


def test_part_is_never_shown_as_whole(calls: SmallFrance) -> None:
    reasons = {row.reason for row in CallsPage(search("territoire=departement:d1"), None).page_obj}
    assert "Valable sur tout le territoire\u00a0: d1" in reasons
    assert "Valable pour 2 communes sur 4\u00a0: d1" in reasons
    assert "Valable pour 3 communes sur 4\u00a0: d1" in reasons  # d1 without c
    assert "Valable pour 1 commune sur 4\u00a0: d1" in reasons


def test_a_commune_is_told_the_territory_that_includes_it(calls: SmallFrance) -> None:
    rows = CallsPage(search("territoire=commune:01001"), None).page_obj
    assert {row.reason for row in rows} == {
        "Valable sur la commune de Commune a",
        "Valable sur e1",
        "Valable dans le département de d1",
        "Valable dans toute la France",
    }


def test_every_kind_can_be_asked_for(calls: SmallFrance) -> None:
    facet = next(one for one in CallsPage(search(""), None).facets if one.name == "type")
    assert [option.value for option in facet.options] == FundingKind.values


# --- What it costs, and when it changes ------------------------------------------------------


@pytest.mark.parametrize(
    "query", ["", "q=numero", "territoire=region:r1&statut=ouvert", "q=zzz&statut=clos"]
)
@pytest.mark.parametrize("address", ["/appels/", "/appels.csv", "/appels/calendrier.ics"])
def test_a_search_costs_the_same_queries_whatever_it_finds(
    calls: SmallFrance, client: Client, address: str, query: str
) -> None:
    def cost() -> int:
        client.get("/appels/?etape=creation")  # the directory is in memory
        forget_pages()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{address}?{query}").status_code == 200
        return len(queries)

    CallEdition.objects.exclude(key="appel-0").delete()
    first = cost()
    for number in range(49):
        covers(CallEditionFactory(title=f"Appel numéro {number}", closes_on=day(9)), calls.a)
    assert cost() == first <= 8


@pytest.mark.parametrize(
    "closing", [datetime.date(2026, 1, 15), datetime.date(2026, 7, 15)], ids=["winter", "summer"]
)
def test_a_call_closes_at_midnight_in_paris(
    france: SmallFrance, client: Client, monkeypatch: pytest.MonkeyPatch, closing: datetime.date
) -> None:
    covers(CallEditionFactory(title="Appel d’hiver", closes_on=closing.isoformat()), france.a)
    offset = 1 if closing.month == 1 else 2

    def at(hour: int, minute: int) -> str:
        """The page at that time of the closing day in Paris; hour 24 is the midnight after."""
        begin = datetime.datetime.combine(closing, datetime.time(), datetime.UTC)
        now = begin + datetime.timedelta(hours=hour - offset, minutes=minute)
        monkeypatch.setattr(timezone, "now", lambda: now)
        return client.get("/appels/").content.decode()

    assert "Ferme aujourd’hui" in at(0, 0)
    assert "Ferme aujourd’hui" in at(23, 59)
    after = at(24, 0)
    assert "Ferme aujourd’hui" not in after
    assert "Clos depuis le" in after


def test_an_edit_shows_on_the_next_request(calls: SmallFrance, client: Client) -> None:
    assert "Nouveau titre" not in client.get("/appels/").content.decode()
    CallEdition.objects.filter(key="appel-0").update(title="Nouveau titre")
    assert "Nouveau titre" in client.get("/appels/").content.decode()


def test_a_draft_is_nowhere(calls: SmallFrance, client: Client) -> None:
    assert "brouillon" not in keys("")
    assert client.get("/appels/brouillon/").status_code == 404
    for address in ("/appels.csv", "/appels/calendrier.ics", "/appels/flux.atom"):
        assert "brouillon" not in client.get(address).content.decode()


def test_a_day_of_the_past_can_be_asked_for(calls: SmallFrance) -> None:
    then = TODAY - datetime.timedelta(days=250)
    found = CallSearch(QueryDict("statut=ouvert"), snapshot(Revision.current(), then))
    assert {edition.key for edition in found.editions(found.ordered)} >= {"appel-3"}
