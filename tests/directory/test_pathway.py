"""The pathway: order, reasons, gaps told apart from ignorance, relays, narrowing, cost."""

import datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from directory.doors import door_of
from directory.models import (
    EntryMode,
    Network,
    Operator,
    OperatorState,
    Publication,
    RegionFile,
    Relay,
    Service,
    Stage,
)
from directory.pathway import Pathway, Step, build_pathway
from regions.models import Territory
from tests.directory.conftest import STAGES, fresh
from tests.directory.conftest import make_offer as offer
from tests.factories import (
    TODAY,
    CallEditionFactory,
    OfferFactory,
    OperatorFactory,
    OperatorKindFactory,
    SmallFrance,
    ThemeFactory,
    covers,
)


def pathway(commune: Territory, **options: Any) -> Pathway:
    now = fresh(options.pop("on", TODAY))
    return build_pathway(now, now.place(commune.pk), **options)


def step(commune: Territory, slug: str = "emergence", **options: Any) -> Step:
    return next(s for s in pathway(commune, **options).steps if s.stage.slug == slug)


def names(found: Step) -> list[str]:
    return [match.name for match in [*found.matches, *found.others]]


# --- Order and reasons -----------------------------------------------------------------------


def test_stages_come_in_their_order(france: SmallFrance) -> None:
    assert [s.stage.slug for s in pathway(france.a).steps] == STAGES


def test_narrowest_territory_first_then_distance_then_name(france: SmallFrance) -> None:
    offer(france.france, operator__name="A national")
    offer(france.e1, operator__name="Z local loin", operator__commune=france.d)
    offer(france.e1, operator__name="Y local près", operator__commune=france.b)
    offer(france.e1, operator__name="B local sans adresse")
    offer(france.e1, operator__name="A local sans adresse")
    offer(france.d1, operator__name="C départemental", operator__commune=france.a)
    assert names(step(france.a)) == [
        "Y local près",
        "Z local loin",
        "A local sans adresse",
        "B local sans adresse",
        "C départemental",
        "A national",
    ]


def test_fit_comes_before_the_narrowest_territory(france: SmallFrance) -> None:
    offer(france.a, operator__name="Ne dit rien")
    offer(france.france, operator__name="Dit oui", entry_modes=[EntryMode.NEED])
    assert names(step(france.a, door=door_of("besoin"))) == ["Dit oui", "Ne dit rien"]


def test_every_match_says_why_it_is_there(france: SmallFrance) -> None:
    offer(france.d1, operator__commune=france.b)
    match = step(france.a).matches[0]
    assert match.via == france.d1
    assert match.distance_km == pytest.approx(11.1, abs=0.1)
    assert match.reason == "Intervient dans le département de d1 · à 11\u00a0km"


def test_an_operator_of_the_commune_is_there_not_at_a_distance(france: SmallFrance) -> None:
    offer(france.d1, operator__commune=france.a)
    assert step(france.a).matches[0].distance_label == "dans la commune"


def test_its_own_point_is_nearer_the_truth_than_its_commune(france: SmallFrance) -> None:
    offer(france.e1, operator__commune=france.d, operator__latitude=47.0, operator__longitude=6.0)
    assert step(france.a).matches[0].distance_km == pytest.approx(0, abs=0.01)


def test_the_first_contact_receives_people_can_be_reached_and_is_not_nation_wide(
    france: SmallFrance,
) -> None:
    portal = OperatorKindFactory(slug="reseau", letter="R", is_desk=False)
    here = {"operator__website": "https://exemple.fr"}
    offer(france.a, operator__name="Portail", operator__kind=portal, **here)
    offer(france.a, operator__name="Sans coordonnées")
    offer(france.d1, operator__name="Guichet", **here)
    offer(france.r1, operator__name="Autre guichet", **here)
    offer(france.a, "creation", operator__name="Injoignable")
    offer(france.france, "creation", operator__name="National", **here)
    found = pathway(france.a)
    marked = [[match.name for match in s.matches if match.is_first_contact] for s in found.steps]
    assert marked == [["Guichet"], [], [], []]


# --- Who is not offered ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"operator__publication": Publication.DRAFT},
        {"operator__state": OperatorState.CLOSED},
        {"operator__state": OperatorState.CLOSED, "operator__closed_on": "2018"},
        {"operator__state": OperatorState.PLANNED},
        {"operator__opened_on": "2027"},
        {"valid_until": TODAY},
        {"valid_from": TODAY + datetime.timedelta(days=1)},
    ],
    ids=lambda fields: ",".join(f"{name}={value}" for name, value in fields.items()),
)
def test_not_offered_to_holders(france: SmallFrance, fields: dict[str, Any]) -> None:
    offer(france.a, **fields)
    assert names(step(france.a)) == []


def test_a_closed_operator_was_offered_while_it_was_open(france: SmallFrance) -> None:
    offer(france.a, operator__state=OperatorState.CLOSED, operator__closed_on="2018")
    assert len(names(step(france.a, on=datetime.date(2017, 12, 19)))) == 1


# --- Gaps and ignorance ----------------------------------------------------------------------


def test_a_gap_names_the_nearest_and_the_regional_fallback(documented: SmallFrance) -> None:
    france = documented
    fallback = OperatorFactory(name="Recours")
    RegionFile.objects.update(fallback=fallback)
    offer(france.r2, operator__name="Loin", operator__commune=france.d)
    offer(france.e2, operator__name="Près", operator__commune=france.c)
    gap = step(france.a).gap
    assert gap and gap.nearest and gap.fallback
    assert (gap.nearest.operator_name, gap.nearest.distance_label) == ("Près", "à 56\u00a0km")
    assert gap.fallback.operator_name == "Recours"
    assert gap.report_url == f"/besoins/signaler/?commune={france.a.code}&etape=emergence"


def test_no_gap_where_someone_serves(documented: SmallFrance) -> None:
    offer(documented.d1)
    assert step(documented.a).gap is None


@pytest.mark.parametrize("has_rows", [True, False])
def test_an_empty_stage_of_a_region_not_documented_is_no_gap(
    france: SmallFrance, has_rows: bool
) -> None:
    if has_rows:
        OperatorFactory(region=france.r2)
    found = pathway(france.f)
    assert found.documentation.label == ("en cours" if has_rows else "pas encore")
    assert [s.gap for s in found.steps] == [None] * 4
    assert "ne veut pas dire que personne n’y répond" in found.steps[0].notice


def test_a_filter_makes_no_gap(documented: SmallFrance) -> None:
    offer(documented.a, entry_modes=[EntryMode.STRUCTURE])
    found = step(documented.a, door=door_of("idee"))
    assert found.gap is None
    assert (found.total, found.fitting, found.narrowed_out) == (1, 0, 1)
    assert "sans ce filtre, une offre répond ici" in found.notice


# --- Doors and themes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("door", "kept"),
    [
        ("idee", {"projet", "rien"}),
        ("besoin", {"besoin", "rien"}),
        ("structure", {"structure", "rien"}),
        ("financement", {"argent", "projet", "besoin", "structure", "rien"}),
    ],
)
def test_a_door_leaves_out_only_those_who_say_otherwise(
    france: SmallFrance, door: str, kept: set[str]
) -> None:
    offer(france.a, operator__name="projet", entry_modes=[EntryMode.PROJECT])
    offer(france.a, operator__name="besoin", entry_modes=[EntryMode.NEED])
    offer(france.a, operator__name="structure", entry_modes=[EntryMode.STRUCTURE])
    offer(france.a, operator__name="rien")
    offer(
        france.a,
        operator__name="argent",
        entry_modes=[EntryMode.STRUCTURE] if door != "structure" else [EntryMode.PROJECT],
        services=[Service.FUNDING],
    )
    assert set(names(step(france.a, door=door_of(door)))) == kept


def test_a_theme_keeps_the_devoted_first_and_the_generalists(france: SmallFrance) -> None:
    food, mobility = ThemeFactory(slug="alimentation"), ThemeFactory(slug="mobilite")
    offer(france.a, operator__name="généraliste")
    offer(france.france, operator__name="dédié").themes.add(food)
    offer(france.a, operator__name="ailleurs").themes.add(mobility)
    found = pathway(france.a, theme=food)
    assert names(found.steps[0]) == ["dédié", "généraliste"]
    assert found.filter_sentence == "Thème Alimentation"


# --- Relays ----------------------------------------------------------------------------------


def relay(**ends: Any) -> Relay:
    return Relay.objects.create(
        from_stage=Stage.objects.get(slug=ends.pop("from_stage", "emergence")),
        to_stage=Stage.objects.get(slug=ends.pop("to_stage", "developpement")),
        source="https://exemple.fr/relais",
        **ends,
    )


@pytest.mark.parametrize("label", ["", "En toutes lettres"])
@pytest.mark.parametrize("end", ["operator", "kind", "network", "kind and network", "label only"])
def test_where_a_relay_leads_is_called_the_same_in_python_and_in_sql(
    france: SmallFrance, end: str, label: str
) -> None:
    made = offer(france.a).operator
    kind = OperatorKindFactory(slug="dla", name="DLA", letter="D")
    network = Network.objects.create(slug="reseau", name="Réseau")
    ends = {
        "operator": {"to_operator": made},
        "kind": {"to_kind": kind},
        "network": {"to_network": network},
        "kind and network": {"to_kind": kind, "to_network": network},
        "label only": {"to_label": "Seulement un nom"},
    }[end]
    one = relay(from_operator=made, **{"to_label": label, **ends})
    read = Relay.objects.with_destination().get(pk=one.pk)
    slug = made.slug if end == "operator" else ""
    assert (read.destination, read.destination_slug) == (one.to_name, slug)


def test_a_relay_to_a_kind_becomes_the_operator_of_that_kind_that_serves(
    france: SmallFrance,
) -> None:
    dla = OperatorKindFactory(slug="dla", letter="D")
    here = offer(france.d1, "developpement", operator__kind=dla, operator__name="DLA d1")
    offer(france.d2, "developpement", operator__kind=dla, operator__name="DLA d2")
    generator = offer(france.france)
    relay(from_operator=generator.operator, to_kind=dla, condition="si vous employez déjà")
    (line,) = step(france.a).matches[0].relays
    assert (line.to_name, line.to_url) == ("DLA d1", here.operator.get_absolute_url())
    assert (line.to_anchor, line.condition) == ("#developpement", "si vous employez déjà")


def test_a_relay_to_a_kind_nobody_represents_keeps_its_name_without_link(
    france: SmallFrance,
) -> None:
    dla = OperatorKindFactory(slug="dla", letter="D")
    relay(from_operator=offer(france.a).operator, to_kind=dla, to_label="Le DLA du département")
    (line,) = step(france.a).matches[0].relays
    assert (line.to_name, line.to_url) == ("Le DLA du département", None)


def test_a_relay_within_a_territory_does_not_lead_to_who_covers_more(france: SmallFrance) -> None:
    incubator = OperatorKindFactory(slug="incubateur")
    offer(france.france, "creation", operator__kind=incubator, operator__name="National")
    start = offer(france.r1, operator__kind=OperatorKindFactory(slug="generateur", letter="G"))
    ends = {"from_operator": start.operator, "to_kind": incubator, "to_stage": "creation"}
    relay(**ends, territory=france.r1, to_label="Un incubateur de la région")
    assert [line.to_name for line in step(france.a).matches[0].relays] == [
        "Un incubateur de la région"
    ]
    offer(france.d1, "creation", operator__kind=incubator, operator__name="Régional")
    assert [line.to_name for line in step(france.a).matches[0].relays] == ["Régional"]


def test_a_filter_does_not_hide_where_a_relay_leads(france: SmallFrance) -> None:
    dla = OperatorKindFactory(slug="dla", letter="D")
    start = offer(france.a, entry_modes=[EntryMode.NEED])
    there = offer(france.d1, "developpement", operator__kind=dla, entry_modes=[EntryMode.STRUCTURE])
    relay(from_operator=start.operator, to_kind=dla)
    found = pathway(france.a, door=door_of("besoin"))
    assert found.steps[0].matches[0].relays[0].to_name == there.operator.name
    assert names(found.steps[2]) == []


def test_a_destination_named_twice_is_shown_once(france: SmallFrance) -> None:
    start, end = offer(france.a), offer(france.a, "developpement")
    for condition in ("une raison", "une autre"):
        relay(from_operator=start.operator, to_operator=end.operator, condition=condition)
    assert len(step(france.a).matches[0].relays) == 1


def test_a_relay_from_a_network_leaves_from_its_members_only(france: SmallFrance) -> None:
    network = Network.objects.create(slug="poles", name="Pôles")
    member, other = offer(france.a, operator__name="membre"), offer(france.e1)
    member.operator.networks.add(network)
    relay(from_network=network, to_label="TAg")
    assert {m.name: len(m.relays) for m in step(france.a).matches} == {
        "membre": 1,
        other.operator.name: 0,
    }


def test_a_relay_holds_on_its_territory_only(france: SmallFrance) -> None:
    relay(from_operator=offer(france.france).operator, to_label="Suite", territory=france.r1)
    assert len(step(france.a).matches[0].relays) == 1
    assert step(france.f).matches[0].relays == []


def test_a_relay_leaves_from_its_own_stage(france: SmallFrance) -> None:
    operator = OperatorFactory()
    covers(operator, france.a)
    for slug in ("emergence", "creation"):
        OfferFactory(operator=operator, stage=Stage.objects.get(slug=slug))
    relay(from_operator=operator, to_label="Suite", from_stage="creation")
    assert step(france.a, "emergence").matches[0].relays == []
    assert len(step(france.a, "creation").matches[0].relays) == 1


# --- Calls -----------------------------------------------------------------------------------


def test_calls_open_first_and_of_a_series_that_is_over_the_last_edition(
    france: SmallFrance,
) -> None:
    old = CallEditionFactory(title="2024", year=2024, closes_on="2024-05")
    CallEditionFactory(title="2025", year=2025, closes_on="2025-05", scheme=old.scheme)
    soon = CallEditionFactory(title="bientôt", opens_on="2026-12-01")
    now = CallEditionFactory(title="ouvert", opens_on="2026-11-01", closes_on="2026-11-23")
    elsewhere = CallEditionFactory(title="ailleurs", opens_on="2026-11-01")
    for edition in (old, soon, now):
        covers(edition.scheme, france.d1)
    covers(elsewhere, france.f)
    calls = pathway(france.a).calls
    assert [(call.title, call.status) for call in calls] == [
        ("ouvert", "ferme bientôt"),
        ("bientôt", "à venir"),
        ("2025", "clos"),
    ]
    assert calls[0].status_label == "Ouvert jusqu’au 23 novembre 2026"


def test_many_calls_are_listed_in_full_only_when_asked(france: SmallFrance) -> None:
    for number in range(20):
        covers(CallEditionFactory(title=f"appel {number}", opens_on="2026-11-01"), france.d1)
    few, all_of_them = pathway(france.a), pathway(france.a, in_full="appels")
    assert (len(few.current_calls), few.hidden_calls_count) == (15, 5)
    assert few.all_calls_url.endswith("?tous=appels#appels")
    assert (len(all_of_them.current_calls), all_of_them.hidden_calls_count) == (20, 0)


def test_a_long_stage_is_listed_in_full_only_when_asked(france: SmallFrance) -> None:
    for _ in range(20):
        offer(france.a)
    few, all_of_them = step(france.a), step(france.a, in_full="emergence")
    assert (len(names(few)), few.total, few.beyond_count) == (10, 20, 10)
    assert few.more_url.endswith("?tous=emergence#emergence")
    assert (len(names(all_of_them)), all_of_them.beyond_count) == (20, 0)


# --- What it costs ---------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 50])
@pytest.mark.parametrize("with_gap", [True, False])
def test_page_costs_the_same_queries_whatever_the_number_of_operators(
    documented: SmallFrance,
    client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    count: int,
    with_gap: bool,
) -> None:
    stages = STAGES[: 3 if with_gap else 4]
    for number in range(count):
        for slug in stages:
            made = offer(documented.d1, slug, operator__name=f"{slug} {number}")
            relay(from_operator=made.operator, to_label="Suite", from_stage=slug)
    address = documented.a.get_absolute_url()
    client.get(f"{address}?thematique=")  # the vocabulary is kept apart from the page
    cache_key_change = "?profil="
    with django_assert_max_num_queries(8) as queries:
        assert client.get(address + cache_key_change).status_code == 200
    assert len(queries) == 1  # the revision: the rest was read for another page


def test_a_page_already_made_costs_one_query(
    documented: SmallFrance, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = documented.a.get_absolute_url()
    first = client.get(address)
    with django_assert_num_queries(1):
        again = client.get(address)
    assert again.content == first.content
    with django_assert_num_queries(1):
        assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 304


def test_an_edit_is_seen_on_the_next_request(documented: SmallFrance, client: Client) -> None:
    made = offer(documented.a, operator__name="Avant")
    address = documented.a.get_absolute_url()
    assert b"Avant" in client.get(address).content
    Operator.objects.filter(pk=made.operator.pk).update(name="Après")  # a bulk write, no signal
    page = client.get(address).content.decode()
    assert "Après" in page
    assert "Avant" not in page
