"""The page of a Région: its address, each of its sections on small data, and its JSON."""

import datetime
import itertools
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from directory.models import Claim, Indicator, Membership, Network, Operator, Relay, Stage
from directory.policy.lookup import region_url
from directory.policy.page import RegionPage, region_page
from directory.policy.relays import DeadEnd
from regions.models import Kind, Territory
from tests.directory.conftest import STAGES, fresh, make_offer
from tests.factories import (
    TODAY,
    AgreementFactory,
    BornProjectFactory,
    CallEditionFactory,
    FunderFactory,
    FundingFactory,
    FundingSchemeFactory,
    MethodStepFactory,
    MilestoneFactory,
    OperatorFactory,
    OperatorKindFactory,
    ResourceFactory,
    SmallFrance,
    compose,
    covers,
    territory,
)


def page_of(region: Territory, on: datetime.date = TODAY) -> RegionPage:
    return region_page(fresh(on), region)


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, (address, response.status_code)
    return " ".join(response.content.decode().replace("\u00a0", " ").split())


def relay(start: str, end: str, **fields: Any) -> Relay:
    """A relay from a stage to a stage; who hands over to whom in `fields`."""
    stages = {"from_stage": start, "to_stage": end}
    found = {name: Stage.objects.get(slug=slug) for name, slug in stages.items()}
    return Relay.objects.create(**found, source="https://exemple.fr/relais", **fields)


def figure(place: Territory, value: int, **fields: Any) -> Indicator:
    given = {"slug": "mesure", "label": "Mesure", "source": "https://exemple.fr/chiffre"}
    return Indicator.objects.create(territory=place, value=value, **{**given, **fields})


class TestAddress:
    def test_a_region_has_its_page(self, documented: SmallFrance, client: Client) -> None:
        assert "<h1>r1</h1>" in text_of(client, "/regions/r1-r1/")

    def test_an_overseas_collectivity_too(self, documented: SmallFrance, client: Client) -> None:
        place = compose(territory(Kind.COLLECTIVITY, "975"), [documented.a])
        text_of(client, region_url(place))

    @pytest.mark.parametrize("address", ["/regions/r1/", "/regions/r1-autre/"])
    def test_a_bare_code_or_another_name_leads_to_it_and_keeps_the_day(
        self, documented: SmallFrance, client: Client, address: str
    ) -> None:
        response = client.get(address + "?au=2017-12-19")
        assert response.status_code == 301
        assert response["Location"] == "/regions/r1-r1/?au=2017-12-19"

    @pytest.mark.parametrize("address", ["/regions/99/", "/regions/99-nulle-part/", "/regions/d1/"])
    def test_an_unknown_code_says_so(
        self, documented: SmallFrance, client: Client, address: str
    ) -> None:
        assert "Aucune région ne porte le code" in text_of(client, address, 404)

    def test_the_list_leads_to_each(self, documented: SmallFrance, client: Client) -> None:
        found = text_of(client, "/regions/")
        assert 'href="/regions/r1-r1/"' in found and 'href="/regions/r2-r2/"' in found

    def test_every_page_leads_to_the_list_and_a_territory_to_its_policy(
        self, documented: SmallFrance, client: Client
    ) -> None:
        assert 'href="/regions/"' in text_of(client, "/sources/")
        assert 'href="/regions/r1-r1/"' in text_of(client, "/territoires/region/r1-r1/")
        pathway = text_of(client, documented.a.get_absolute_url())
        assert 'href="/regions/r1-r1/">La politique de votre région</a>' in pathway
        assert 'href="/regions/r1-r1/">r1</a>' in text_of(client, "/")
        assert 'href="/territoires/region/r1-r1/"' in text_of(client, "/regions/r1-r1/")

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_it_is_only_read(self, documented: SmallFrance, client: Client, method: str) -> None:
        assert getattr(client, method)("/regions/r1-r1/").status_code == 405


class TestBare:
    def test_a_region_of_which_nothing_is_known_says_so_in_each_part(
        self, documented: SmallFrance, client: Client
    ) -> None:
        found = text_of(client, "/regions/r2-r2/")
        for sentence in (
            "Aucune structure de la région n’est encore connue",
            "Aucun passage de relais n’est décrit",
            "Aucun montant connu",
            "Aucun appel connu de cette région",
            "Aucune source lue ne donne de mesure",
            "Aucune convention n’est connue",
            "Aucun collectif n’est décrit",
            "pas encore de lecture à conseiller",
            "Aucun fait daté n’est connu",
            "Pas encore d’annuaire",
        ):
            assert sentence in found, sentence
        assert '<svg class="chain-graph__drawing"' not in found


class TestStages:
    def test_local_operators_by_kind_networks_and_schemes(
        self, documented: SmallFrance, client: Client
    ) -> None:
        network = Network.objects.create(slug="n", name="Un réseau")
        pole = OperatorKindFactory(slug="pole", name="Pôle", plural="Pôles", letter="P")
        for place in (documented.e1, documented.e2, documented.d1, documented.a):
            offer = make_offer(place, operator__kind=pole)
            offer.operator.networks.add(network)
        make_offer(documented.france, operator__name="National")
        funder = FunderFactory(territory=documented.r1)
        call = CallEditionFactory(scheme=FundingSchemeFactory(name="Série du Conseil"), year=2026)
        call.scheme.funders.add(funder)
        call.stages.add(Stage.objects.get(slug="emergence"))
        chain = page_of(documented.r1).chain
        assert [(group.label, len(group.actors)) for group in chain[0].kinds] == [("Pôles", 4)]
        assert (chain[0].local_count, chain[0].national_count) == (4, 1)
        assert [(one.network.name, one.count) for one in chain[0].networks] == [("Un réseau", 4)]
        assert [call.edition.scheme.name for call in chain[0].schemes] == ["Série du Conseil"]
        assert chain[1].kinds == [] and chain[1].schemes == []
        found = text_of(client, "/regions/r1-r1/")
        assert "et 1 autre" in found
        assert 'href="/operateurs/?territoire=region:r1&amp;etape=emergence"' in found
        assert ">Série du Conseil</a>" in found

    def test_an_operator_of_another_region_is_not_there(self, documented: SmallFrance) -> None:
        make_offer(documented.e3)
        assert page_of(documented.r1).actors == []


def naive_dead_ends(
    operators: list[Operator], page: RegionPage, region_communes: list[Territory]
) -> dict[str, int]:
    """Slug -> communes without a way on, asked commune by commune of each relay by itself."""
    last = STAGES[-1]

    def fits(operator: Operator, place: Territory | None) -> bool:
        """Who is only named by kind covers no more than the relay's territory."""
        widest = operator.coverage.get().territory.commune_count
        return place is None or widest <= place.commune_count

    served = {
        (actor.slug, stage.slug, commune.pk)
        for actor in page.actors
        for stage in [at.stage for at in page.gaps]
        for commune in region_communes
        if stage.pk in actor.stages and commune.pk in actor.stages[stage.pk]
    }
    found = {}
    for operator in operators:
        stages = {stage for slug, stage, _ in served if slug == operator.slug}
        if not stages or last in stages:
            continue
        communes = {pk for slug, _, pk in served if slug == operator.slug}
        stuck = 0
        for pk in communes:
            leads = False
            for one in Relay.objects.filter(is_internal=False):
                place = one.territory
                holds = place is None or place.members.filter(commune=pk).exists()
                gives = one.from_operator == operator or (
                    one.from_kind == operator.kind
                    and fits(operator, place)
                    and any(
                        (operator.slug, one.from_stage.slug, other.pk) in served
                        and (place is None or place.members.filter(commune=other).exists())
                        for other in region_communes
                    )
                )
                takes = one.to_kind is None or any(
                    (other.slug, one.to_stage.slug, pk) in served and fits(other, place)
                    for other in operators
                    if other.kind == one.to_kind and other != operator
                )
                leads |= holds and gives and takes and one.to_operator != operator
            stuck += not leads
        if stuck:
            found[operator.slug] = stuck
    return found


class TestRelays:
    @pytest.fixture
    def kinds(self, documented: SmallFrance) -> dict[str, Any]:
        return {
            slug: OperatorKindFactory(slug=slug, name=slug, plural=f"{slug}s", letter="X")
            for slug in ("pole", "incubateur", "dla")
        }

    def test_an_end_that_names_a_kind_becomes_those_of_the_place(
        self, documented: SmallFrance, kinds: dict[str, Any], client: Client
    ) -> None:
        pole = make_offer(documented.e1, operator__kind=kinds["pole"]).operator
        there = make_offer(documented.d1, "creation", operator__kind=kinds["incubateur"]).operator
        make_offer(documented.france, "creation", operator__kind=kinds["incubateur"])
        make_offer(documented.d1, "emergence", operator__kind=kinds["incubateur"])
        relay(
            "emergence", "creation", from_kind=kinds["pole"], to_kind=kinds["incubateur"],
            territory=documented.r1, condition="Quand le projet avance",
        )  # fmt: skip
        (one,) = page_of(documented.r1).relays
        assert [actor.slug for actor in one.givers] == [pole.slug]
        assert [actor.slug for actor in one.takers] == [there.slug]
        found = text_of(client, "/regions/r1-r1/")
        assert "Quand le projet avance." in found
        assert "1 passage de relais qu’une source décrit" in found

    def test_a_relay_of_elsewhere_is_not_there(
        self, documented: SmallFrance, kinds: dict[str, Any]
    ) -> None:
        make_offer(documented.e1, operator__kind=kinds["pole"])
        relay(
            "emergence", "creation", from_kind=kinds["pole"], to_label="Ailleurs",
            territory=documented.e3,
        )  # fmt: skip
        assert page_of(documented.r1).relays == []

    def test_a_relay_to_a_kind_that_nobody_there_is_of_leads_nowhere(
        self, documented: SmallFrance, kinds: dict[str, Any], client: Client
    ) -> None:
        pole = make_offer(documented.e1, operator__kind=kinds["pole"]).operator
        relay("emergence", "developpement", from_operator=pole, to_kind=kinds["dla"])
        page = page_of(documented.r1)
        assert page.relays[0].leads_to_nobody_known
        assert [(end.actor.slug, end.is_whole) for end in page.dead_ends] == [(pole.slug, True)]
        assert "ne connaît personne au bout de ce relais" in text_of(client, "/regions/r1-r1/")

    @pytest.mark.parametrize(
        ("stages", "relays", "is_dead_end"),
        [
            (["emergence"], [], True),
            (["changement-echelle"], [], False),
            (["emergence", "changement-echelle"], [], False),
            (["emergence"], ["out"], False),
            (["emergence"], ["internal"], True),
            (["emergence"], ["internal to the last"], False),
            (["emergence"], ["to itself"], True),
            (["emergence", "creation"], ["out"], False),
        ],
    )
    def test_what_a_dead_end_is(
        self, documented: SmallFrance, stages: list[str], relays: list[str], is_dead_end: bool
    ) -> None:
        operator = OperatorFactory()
        covers(operator, documented.e1)
        for slug in stages:
            operator.offers.create(stage=Stage.objects.get(slug=slug), summary="x")
        for one in relays:
            if one == "out":
                relay("emergence", "creation", from_operator=operator, to_label="Un autre")
            else:
                relay(
                    "emergence",
                    STAGES[-1] if "last" in one else "creation",
                    from_operator=operator,
                    to_operator=operator,
                    is_internal="internal" in one,
                )
        found = page_of(documented.r1).dead_ends
        assert [end.actor.slug for end in found] == ([operator.slug] if is_dead_end else [])

    def test_dead_ends_are_those_of_a_naive_count(
        self, documented: SmallFrance, kinds: dict[str, Any]
    ) -> None:
        places = [documented.a, documented.e1, documented.e2, documented.d1, documented.r1]
        operators = []
        for number, (place, kind, stage) in enumerate(
            itertools.product(places, kinds.values(), STAGES)
        ):
            if number % 4 != 3:
                operators.append(make_offer(place, stage, operator__kind=kind).operator)
        relay(
            "emergence", "creation", from_kind=kinds["pole"], to_kind=kinds["incubateur"],
            territory=documented.e1,
        )  # fmt: skip
        relay("creation", "developpement", from_kind=kinds["incubateur"], to_kind=kinds["dla"])
        relay("developpement", "developpement", from_kind=kinds["dla"], to_label="Un autre",
              territory=documented.d1)  # fmt: skip
        relay("emergence", "creation", from_operator=operators[0], to_operator=operators[1])
        wide = make_offer(documented.d1, operator__kind=kinds["pole"]).operator
        relay("emergence", "creation", from_operator=wide, to_label="x", territory=documented.e1)
        operators.append(wide)
        page = page_of(documented.r1)
        communes = [documented.a, documented.b, documented.c, documented.e]
        found = {end.actor.slug: end.lacking for end in page.dead_ends}
        assert found == naive_dead_ends(operators, page, communes)
        assert found
        assert len({end.is_whole for end in page.dead_ends}) == 2

    def test_kinds_are_told_out_of_how_many(
        self, documented: SmallFrance, kinds: dict[str, Any], client: Client
    ) -> None:
        offers = [make_offer(documented.e1, operator__kind=kinds["pole"]) for _ in range(3)]
        relay("emergence", "creation", from_operator=offers[0].operator, to_label="Un autre")
        (group,) = page_of(documented.r1).dead_ends_by_kind
        assert (len(group.whole), group.total) == (2, 3)
        assert "2 sur 3 sans suite connue" in text_of(client, "/regions/r1-r1/")

    def test_the_last_stage_is_that_of_its_own_next_step(self, documented: SmallFrance) -> None:
        offer = make_offer(documented.e1)
        relay(
            "emergence", "creation", from_operator=offer.operator, to_operator=offer.operator,
            is_internal=True,
        )  # fmt: skip
        ends: list[DeadEnd] = page_of(documented.r1).dead_ends
        assert [end.stage.slug for end in ends] == ["creation"]


class TestGraph:
    def test_a_box_per_kind_a_line_per_pair_and_the_list_says_the_same(
        self, documented: SmallFrance
    ) -> None:
        pole = OperatorKindFactory(slug="pole", name="Pôle", plural="Pôles", letter="P")
        tag = OperatorKindFactory(slug="tag", name="TAg", plural="TAg", letter="T")
        poles = [make_offer(documented.e1, operator__kind=pole).operator for _ in range(2)]
        make_offer(documented.d1, "creation", operator__kind=tag, operator__name="TAg seul")
        relay("emergence", "creation", from_kind=pole, to_kind=tag)
        relay("emergence", "creation", from_operator=poles[0], to_kind=tag)
        relay("emergence", "developpement", from_kind=pole, to_label="quelqu’un d’ailleurs")
        page = page_of(documented.r1)
        boxes = {
            (column.stage.slug, node.lines[0], node.note)
            for column in page.graph.columns
            for node in column.nodes
        }
        assert boxes == {
            ("emergence", "Pôles", "2 structures"),
            ("creation", "TAg seul", "TAg"),
            ("developpement", "quelqu’un d’ailleurs", "non précisé par la source"),
        }
        assert len(page.graph.edges) == 2  # the two relays between the same boxes are one line
        assert len(page.relays) == 3
        creation = page.graph.columns[1].nodes[0]
        assert creation.dead == "sans suite connue"

    def test_boxes_do_not_overlap_and_stay_in_the_drawing(self, documented: SmallFrance) -> None:
        for number, slug in enumerate(["b", "c", "d", "e", "f", "g"]):
            kind = OperatorKindFactory(slug=slug, name=f"Type {slug} " * 4, plural=slug, letter="X")
            for stage in STAGES:
                make_offer(documented.e1, stage, operator__kind=kind)
            relay(STAGES[number % 3], STAGES[number % 3 + 1], from_kind=kind, to_label="x" * 90)
        graph = page_of(documented.r1).graph
        for column in graph.columns:
            for above, below in itertools.pairwise(column.nodes):
                assert above.y + above.height < below.y
            for node in column.nodes:
                assert node.right <= graph.width and node.y + node.height <= graph.height

    def test_it_has_no_style_of_its_own_and_a_name(
        self, documented: SmallFrance, client: Client
    ) -> None:
        make_offer(documented.e1)
        found = text_of(client, "/regions/r1-r1/")
        svg = re.search(r'<svg class="chain-graph__drawing".*?</svg>', found)
        assert svg and "style" not in svg.group()
        assert 'role="img" aria-labelledby="graphe-titre"' in svg.group()


class TestMoney:
    @pytest.fixture
    def region(self, documented: SmallFrance) -> Any:
        return FunderFactory(slug="region-r1", name="Région r1", territory=documented.r1)

    def test_years_side_by_side_each_with_its_nature(
        self, documented: SmallFrance, region: Any, client: Client
    ) -> None:
        scheme = FundingSchemeFactory(name="Fabriques", slug="fabriques")
        scheme.funders.add(region)
        CallEditionFactory(scheme=scheme, year=2017, envelope=100_000, title="Fabriques 2017")
        CallEditionFactory(
            scheme=scheme, year=2018, envelope=200_000, envelope_nature="prevu", title="F 2018"
        )
        CallEditionFactory(scheme=scheme, year=2019, title="F 2019")
        page = page_of(documented.r1)
        (series,) = page.money
        assert [(one.year, one.amount, one.certainty) for one in series.amounts] == [
            (2017, 100_000, "unsaid"),
            (2018, 200_000, "unsure"),
        ]
        assert series.bars[1].width == 2 * series.bars[0].width
        assert series.years_without == [2019]
        assert page.calls_without_money == 1
        found = text_of(client, "/regions/r1-r1/")
        assert "2017 : 100 000 € (nature non précisée) ; 2018 : 200 000 € (prévu)" in found
        assert "Montant non connu : 2019" in found
        assert 'href="/appels/fabriques/2018/"' in found

    def test_each_funder_apart_and_the_same_money_once(
        self, documented: SmallFrance, region: Any
    ) -> None:
        other = FunderFactory(name="Département", kind="departement")
        shared = CallEditionFactory(year=2025, envelope=250_000, envelope_nature="annonce")
        FundingFactory(edition=shared, funder=region, amount=150_000, nature="vote")
        FundingFactory(edition=shared, funder=other, amount=100_000, nature="verse")
        alone = CallEditionFactory(year=2024, envelope=5, envelope_nature="prevu")
        FundingFactory(edition=alone, funder=region, amount=5, nature="prevu")
        series = {one.amounts[0].year: one for one in page_of(documented.r1).money}
        assert [
            (one.amount, one.nature_label, one.is_envelope) for one in series[2025].amounts
        ] == [(250_000, "annoncé", True), (150_000, "voté", False), (100_000, "versé", False)]
        assert [(one.amount, one.is_envelope) for one in series[2024].amounts] == [(5, False)]

    def test_calls_open_to_come_and_past_those_of_the_country_elsewhere(
        self, documented: SmallFrance, region: Any, client: Client
    ) -> None:
        for title, fields in {
            "Ouvert": {"closes_on": "2099"},
            "Bientôt": {"opens_on": "2099", "source_date": "2018"},
            "Fini": {"closes_on": "2018"},
        }.items():
            covers(CallEditionFactory(title=title, year=2018, **fields).scheme, documented.e1)
        covers(CallEditionFactory(title="De toute la France").scheme, documented.france)
        draft = CallEditionFactory(title="Brouillon", publication="brouillon")
        covers(draft.scheme, documented.e1)
        page = page_of(documented.r1)
        assert {
            group.title: [call.line.title for call in group.calls] for group in page.call_groups
        } == {"Ouverts": ["Ouvert"], "À venir": ["Bientôt"]}
        assert [call.line.title for call in page.past_calls] == ["Fini"]
        found = text_of(client, "/regions/r1-r1/")
        assert "De toute la France" not in found and "Brouillon" not in found

    def test_what_sources_say_differently_is_said(
        self, documented: SmallFrance, region: Any, client: Client
    ) -> None:
        call = CallEditionFactory(year=2020)
        call.scheme.funders.add(region)
        for day in ("3 juillet", "8 juillet"):
            Claim.objects.create(
                scheme=call.scheme, edition=call, subject="lancement", statement=day, source=day
            )
        found = text_of(client, "/regions/r1-r1/")
        assert "Lancement : 3 juillet" in found and "Lancement : 8 juillet" in found

    def test_a_figure_that_a_call_tells_already_is_not_told_twice(
        self, documented: SmallFrance, region: Any
    ) -> None:
        call = CallEditionFactory(year=2017, envelope=100)
        call.scheme.funders.add(region)
        figure(documented.r1, 100, as_of="2017", subject="moyens", slug="a")
        figure(documented.r1, 100, as_of="2018", subject="moyens", slug="b", label="B")
        assert [group.label for group in page_of(documented.r1).money_figures] == ["B"]


class TestCoverage:
    def test_contradictions_side_by_side_beside_what_the_directory_counts(
        self, documented: SmallFrance, client: Client
    ) -> None:
        pole = OperatorKindFactory(slug="pole", name="Pôle", plural="Pôles", letter="P")
        second = compose(territory(Kind.PAYS, "p2", "Pays deux"), [documented.c, documented.e])
        make_offer(documented.p1, operator__kind=pole)
        counting = {
            "slug": "pays", "label": "Pays dotés", "subject": "couverture",
            "counted_kind": pole, "counted_level": "pays", "denominator": 3, "unit": "pays",
        }  # fmt: skip
        figure(documented.r1, 2, as_of="2017-12-19", **counting)
        figure(documented.r1, 3, as_of="2018-07-18", **counting)
        (group,) = page_of(documented.r1).figures.coverage
        assert [one.line.value_label for one in group.measures] == ["2 sur 3 pays", "3 sur 3 pays"]
        assert group.differ
        assert group.counted and group.counted.label == "1 pays sur 2"
        assert [place.pk for place in group.counted.lacking] == [second.pk]
        found = text_of(client, "/regions/r1-r1/")
        assert "2 chiffres publiés, qui diffèrent" in found
        assert "Le seul qui n’en a pas n’est pas nommé par nos sources" in found
        assert "Sans aucun qui soit connu : <a" in found

    def test_a_pays_served_in_part_is_said_to_be(self, documented: SmallFrance) -> None:
        pole = OperatorKindFactory(slug="pole", name="Pôle", plural="Pôles", letter="P")
        make_offer(documented.a, operator__kind=pole)
        figure(documented.r1, 1, subject="couverture", counted_kind=pole, counted_level="pays")
        (group,) = page_of(documented.r1).figures.coverage
        assert group.counted
        assert [place.code for place in group.counted.partly] == ["p1"]

    def test_the_territories_that_an_offer_near_serves(self, documented: SmallFrance) -> None:
        make_offer(documented.e1)
        make_offer(documented.c)
        make_offer(documented.r1, "creation")
        first, second = page_of(documented.r1).served[:2]
        assert [(one.label, one.whole, one.partly, one.total) for one in first.levels] == [
            ("départements", 0, 1, 1),
            ("pays", 1, 0, 1),
            ("intercommunalités", 1, 0, 1),
            ("communes", 3, 0, 4),
        ]
        assert [one.whole for one in second.levels] == [0, 0, 0, 0]

    def test_an_undated_figure_says_so(self, documented: SmallFrance, client: Client) -> None:
        figure(documented.r1, 6, subject="activite")
        assert "Non daté" in text_of(client, "/regions/r1-r1/")


class TestAgreements:
    def test_how_many_of_how_many(self, documented: SmallFrance, client: Client) -> None:
        pole = OperatorFactory(name="Pôle associé")
        AgreementFactory(
            region=documented.r1, name="Agglo", territory=documented.e1, signed_on="2017-07-12",
            ends_on="2021", has_ess_line=True, pole=pole, contact="Service économie",
        )  # fmt: skip
        AgreementFactory(region=documented.r1, has_ess_line=False, signed_on="2018")
        AgreementFactory(region=documented.r1, has_ess_line=None)
        AgreementFactory(region=documented.r2, has_ess_line=True)
        figure(
            documented.r1, 41, denominator=59, unit="conventions", qualifier="signées",
            subject="conventions",
        )  # fmt: skip
        agreements = page_of(documented.r1).agreements
        assert (agreements.with_line, agreements.without_line, agreements.unknown_line) == (1, 1, 1)
        assert agreements.total == "59"
        found = text_of(client, "/regions/r1-r1/")
        assert "3 conventions connues une par une, sur 59" in found
        assert "oui pour 1, non pour 1, non connu pour 1" in found
        assert "41 sur 59 conventions (signées)" in found
        for words in ("12 juillet 2017", "Échue", "Service économie", ">Pôle associé</a>"):
            assert words in found, words

    def test_one_signed_later_is_not_there_on_the_day(self, documented: SmallFrance) -> None:
        AgreementFactory(region=documented.r1, signed_on="2018-02-08")
        assert page_of(documented.r1, datetime.date(2017, 12, 19)).agreements.lines == []


class TestCollectives:
    def test_members_by_source_method_and_projects_born(
        self, documented: SmallFrance, client: Client
    ) -> None:
        operator = OperatorFactory(name="Générateur", region=documented.r1)
        for source, names in {"https://a.fr/": "AB", "https://b.fr/": "CDE"}.items():
            for name in names:
                Membership.objects.create(collective=operator, name=name, source=source)
        MethodStepFactory(operator=operator, title="Des besoins à l’idée")
        BornProjectFactory(
            operator=operator, name="Garage solidaire", commune=documented.a, financed_by="FA"
        )
        figure(documented.r1, 7, operator=operator, as_of="2017", slug="acteurs", label="Acteurs")
        figure(documented.r1, 6, operator=operator, as_of="2022", slug="acteurs", label="Acteurs")
        (one,) = page_of(documented.r1).collectives
        assert [len(group.members) for group in one.groups] == [2, 3]
        assert [measure.indicator.value for measure in one.figures[0].measures] == [7, 6]
        found = text_of(client, "/regions/r1-r1/")
        for words in (
            "Des besoins à l’idée",
            "Garage solidaire",
            "Ce qu’il est devenu : non connu",
        ):
            assert words in found, words

    def test_one_that_is_closed_says_so_and_comes_last(self, documented: SmallFrance) -> None:
        for name, fields in {
            "A": {"state": "closed", "closed_on": "2018"},
            "B": {},
        }.items():
            operator = OperatorFactory(name=name, region=documented.r1, **fields)
            Membership.objects.create(collective=operator, name="X", source="s")
        found = page_of(documented.r1).collectives
        assert [(one.operator.name, one.state_label) for one in found] == [
            ("B", ""),
            ("A", "fermé (2018)"),
        ]

    def test_a_draft_is_not_shown(self, documented: SmallFrance) -> None:
        operator = OperatorFactory(region=documented.r1, publication="brouillon")
        Membership.objects.create(collective=operator, name="X", source="s")
        assert page_of(documented.r1).collectives == []


class TestReadings:
    def test_a_lost_address_is_said_to_be(self, documented: SmallFrance, client: Client) -> None:
        ResourceFactory(region=documented.r1, title="Lettre", published_on="2017-11")
        ResourceFactory(region=documented.r1, title="Article", url="https://exemple.fr/article")
        found = text_of(client, "/regions/r1-r1/")
        assert "Lettre <span" in found and "Adresse non trouvée" in found
        assert "novembre 2017" in found
        assert '<a href="https://exemple.fr/article" rel="noopener external">Article</a>' in found


class TestTimeline:
    def test_by_year_from_2017_to_today_what_came_before_together(
        self, documented: SmallFrance, client: Client
    ) -> None:
        MilestoneFactory(region=documented.r1, title="Avant tout", happened_on="2007")
        MilestoneFactory(region=documented.r1, title="En décembre", happened_on="2017-12-19")
        AgreementFactory(region=documented.r1, name="Agglo", signed_on="2018-02-08")
        OperatorFactory(region=documented.r1, name="Né en 2020", opened_on="2020")
        call = CallEditionFactory(title="Appel de 2019", year=2019)
        covers(call.scheme, documented.e1)
        figure(documented.r1, 19, as_of="2021-04-30")
        years = page_of(documented.r1).years
        assert [year.label for year in years] == [
            "Avant 2017", *(str(number) for number in range(2017, TODAY.year + 1))
        ]  # fmt: skip
        told = {
            year.label: [event.title for event in [*year.events, *year.figures]] for year in years
        }
        assert {label: titles for label, titles in told.items() if titles} == {
            "Avant 2017": ["Avant tout"],
            "2017": ["En décembre"],
            "2018": ["Convention avec Agglo"],
            "2019": ["Appel de 2019"],
            "2020": ["Création\u00a0: Né en 2020"],
            "2021": ["Mesure\u00a0: 19"],
        }
        found = text_of(client, "/regions/r1-r1/")
        assert 'href="#annee-2017"' in found and 'id="annee-2017"' in found
        assert '2022<span class="visually-hidden">, rien de connu' in found

    def test_what_a_milestone_tells_is_not_told_again(self, documented: SmallFrance) -> None:
        call = CallEditionFactory(title="Appel", year=2017)
        covers(call.scheme, documented.e1)
        MilestoneFactory(
            region=documented.r1, scheme=call.scheme, happened_on="2017", title="La Région lance"
        )
        MilestoneFactory(
            region=documented.r1, happened_on="2018-02-08", title="Signature", source="même"
        )
        AgreementFactory(region=documented.r1, signed_on="2018-02-08", source="même")
        years = page_of(documented.r1).years
        titles = [event.title for year in years for event in year.events]
        assert titles == ["La Région lance", "Signature"]
        assert years[0].events[0].url == f"/appels/{call.scheme.slug}/2017/"


def test_queries_do_not_depend_on_how_much_there_is(
    documented: SmallFrance, client: Client
) -> None:
    """One for each sort of fact that only this page reads: see `region_page`."""
    kind = OperatorKindFactory(slug="pole", name="Pôle", plural="Pôles", letter="P")
    funder = FunderFactory(territory=documented.r1)

    def fill(times: int) -> None:
        for number in range(times):
            offer = make_offer(
                documented.e1, STAGES[number % 4], operator__kind=kind,
                operator__region=documented.r1, operator__opened_on="2017",
            )  # fmt: skip
            operator = offer.operator
            relay("emergence", "creation", from_operator=operator, to_kind=kind)
            call = CallEditionFactory(year=2017, envelope=10)
            call.stages.add(Stage.objects.get(slug=STAGES[number % 4]))
            FundingFactory(edition=call, funder=funder, amount=5)
            Claim.objects.create(
                scheme=call.scheme, edition=call, subject="s", statement="x", source="s"
            )
            covers(call.scheme, documented.e1)
            name = f"m{operator.pk}"
            figure(documented.r1, operator.pk, slug=name, subject="couverture", counted_kind=kind)
            figure(documented.r1, operator.pk, slug=name, operator=operator)
            AgreementFactory(region=documented.r1, territory=documented.e1, pole=operator)
            Membership.objects.create(collective=operator, name="X", member=operator, source="s")
            MethodStepFactory(operator=operator)
            BornProjectFactory(operator=operator, commune=documented.a)
            ResourceFactory(region=documented.r1)
            MilestoneFactory(region=documented.r1, operator=operator)

    def queries() -> int:
        fresh_page = client.get("/regions/r1-r1/?rien=1")  # fills the snapshot, not the cache
        assert fresh_page.status_code == 200
        with CaptureQueriesContext(connection) as found:
            client.get("/regions/r1-r1/?rien=1")
        return len(found)

    fill(1)
    few = queries()
    fill(49)
    many = queries()
    assert few == many == 8


class TestJson:
    def test_the_same_content_in_brief(self, documented: SmallFrance, client: Client) -> None:
        offer = make_offer(documented.e1, operator__name="Pôle")
        relay("emergence", "creation", from_operator=offer.operator, to_label="Un autre")
        figure(documented.r1, 18, denominator=21, as_of="2017-12-19", subject="couverture")
        AgreementFactory(region=documented.r1, name="Agglo", signed_on="2017-07-12")
        found = client.get("/api/v1/regions/r1").json()
        assert found["region"] == {"kind": "region", "code": "r1", "name": "r1"}
        assert found["stages"][0]["kinds"][0]["operators"][0]["name"] == "Pôle"
        assert found["stages"][0]["near_communes"] == 2
        assert found["relays"][0]["to_name"] == "Un autre"
        assert found["dead_ends"] == []
        assert found["coverage"][0]["figures"][0]["denominator"] == 21
        assert found["agreements"][0]["has_ess_line"] is None
        assert {event["kind"] for event in found["timeline"]} == {"Convention", "Chiffre"}

    def test_the_day_is_asked_the_same_way(self, documented: SmallFrance, client: Client) -> None:
        make_offer(documented.e1, operator__opened_on="2020")
        assert client.get("/api/v1/regions/r1").json()["stages"][0]["local"] == 1
        then = client.get("/api/v1/regions/r1?au=2017-12-19").json()
        assert (then["on"], then["stages"][0]["local"]) == ("2017-12-19", 0)

    @pytest.mark.parametrize(
        ("address", "status", "says"),
        [
            ("/api/v1/regions/99", 404, "Aucune région ne porte le code"),
            ("/api/v1/regions/r1?au=hier", 400, "n’est pas une date"),
        ],
    )
    def test_what_is_wrong_is_said_in_json(
        self, documented: SmallFrance, client: Client, address: str, status: int, says: str
    ) -> None:
        response = client.get(address)
        assert response.status_code == status
        assert says in str(response.json()["erreurs"])
