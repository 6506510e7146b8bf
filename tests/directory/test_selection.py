"""A link that holds codes only gives a roadmap by stage; what it cannot show, it says."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from directory.models import CallEdition, Offer, Operator, Stage
from directory.paging import forget_pages
from directory.selection import LIMIT, Selection, SelectionForm, build_selection, selection_map
from directory.vocabulary import vocabulary
from regions.models import Outline
from tests.directory.conftest import make_offer
from tests.factories import (
    TODAY,
    CallEditionFactory,
    OfferFactory,
    OperatorFactory,
    SmallFrance,
    covers,
)

KEPT = "1\N{NO-BREAK SPACE}structure et 1 appel"


def built(*codes: str) -> Selection:
    """The selection of these codes, written `o:…` and `a:…`."""
    slugs = [code[2:] for code in codes if code.startswith("o:")]
    keys = [code[2:] for code in codes if code.startswith("a:")]
    return build_selection(slugs, keys, TODAY, list(Stage.objects.all()))


def told(selection: Selection) -> dict[str, list[str]]:
    """Stage -> codes of its lines, those told in full first marked with a star."""
    return {
        step.stage.slug if step.stage else "": [
            kept.code + ("" if kept.told_at else "*") for kept in [*step.operators, *step.calls]
        ]
        for step in [*selection.steps, selection.elsewhere]
        if step.total
    }


def at_stages(operator: Operator, *stages: str) -> Operator:
    for stage in stages:
        OfferFactory(operator=operator, stage=Stage.objects.get(slug=stage))
    return operator


def call_at(key: str, *stages: str) -> CallEdition:
    edition = CallEditionFactory(key=key)
    edition.stages.set(Stage.objects.filter(slug__in=stages))
    return edition


class TestRoadmap:
    def test_each_thing_stands_at_its_stages_and_is_told_in_full_at_the_first(
        self, france: SmallFrance
    ) -> None:
        at_stages(OperatorFactory(slug="deux"), "developpement", "emergence")
        at_stages(OperatorFactory(slug="un"), "creation")
        call_at("appel", "creation", "changement-echelle")
        assert told(built("o:un", "o:deux", "a:appel")) == {
            "emergence": ["o:deux*"],
            "creation": ["o:un*", "a:appel*"],
            "developpement": ["o:deux"],
            "changement-echelle": ["a:appel"],
        }

    def test_within_a_stage_the_order_is_the_one_of_the_link(self, france: SmallFrance) -> None:
        for slug in "abc":
            at_stages(OperatorFactory(slug=slug), "emergence")
        assert told(built("o:c", "o:a", "o:b"))["emergence"] == ["o:c*", "o:a*", "o:b*"]
        assert told(built("o:b", "o:c", "o:a"))["emergence"] == ["o:b*", "o:c*", "o:a*"]

    def test_what_has_no_stage_is_told_apart(self, france: SmallFrance) -> None:
        OperatorFactory(slug="sans-offre")
        CallEditionFactory(key="sans-etape")
        assert told(built("o:sans-offre", "a:sans-etape")) == {
            "": ["o:sans-offre*", "a:sans-etape*"]
        }

    def test_an_operator_no_longer_at_work_is_at_no_stage_and_said_to_be_closed(
        self, france: SmallFrance, client: Client
    ) -> None:
        at_stages(OperatorFactory(slug="fini", state="closed"), "emergence")
        assert told(built("o:fini")) == {"": ["o:fini*"]}
        assert "Fermé" in client.get("/selection/?o=fini").content.decode()

    def test_an_offer_that_is_over_puts_its_operator_at_no_stage(self, france: SmallFrance) -> None:
        made = make_offer(france.a, operator__slug="passe")
        Offer.objects.filter(pk=made.pk).update(valid_until=TODAY)
        assert told(built("o:passe")) == {"": ["o:passe*"]}

    def test_several_offers_at_one_stage_make_one_line(self, france: SmallFrance) -> None:
        operator = OperatorFactory(slug="tag")
        for title in ("Idéateur", "Révélateur"):
            OfferFactory(operator=operator, stage=Stage.objects.get(slug="emergence"), title=title)
        (line,) = built("o:tag").steps[0].operators
        assert [offer.title for offer in line.offers] == ["Idéateur", "Révélateur"]


class TestZone:
    def zone(self, slug: str) -> str:
        return built(f"o:{slug}").operators[0].zone.sentence

    def test_one_territory_is_said_as_on_a_pathway(self, france: SmallFrance) -> None:
        make_offer(france.d1, operator__slug="x")
        assert self.zone("x") == "Intervient dans le département de d1"

    def test_several_are_named_widest_first_then_counted(self, france: SmallFrance) -> None:
        made = make_offer(france.a, operator__slug="x")
        for place in (france.d1, france.e1, france.e3, france.c):
            covers(made.operator, place)
        sentence = self.zone("x").replace("\N{NO-BREAK SPACE}", " ")
        assert sentence == "Intervient sur 5 territoires : d1, e1, Commune a et 2 autres"

    def test_what_is_excluded_is_said(self, france: SmallFrance) -> None:
        made = make_offer(france.d1, operator__slug="x")
        covers(made.operator, france.b, excluded=True)
        assert self.zone("x") == "Intervient dans le département de d1, sauf Commune b"

    def test_an_offer_with_its_own_zone_shows_that_one(self, france: SmallFrance) -> None:
        made = make_offer(france.d1, operator__slug="x")
        covers(made, france.e1)
        assert self.zone("x") == "Intervient sur e1"

    def test_no_row_is_unknown_never_everywhere(self, france: SmallFrance) -> None:
        make_offer(None, operator__slug="x")
        assert self.zone("x") == "Territoire inconnu"

    def test_a_zone_that_is_over_is_not_said(self, france: SmallFrance) -> None:
        made = make_offer(france.e1, operator__slug="x")
        covers(made.operator, france.d2, valid_until=TODAY)
        assert self.zone("x") == "Intervient sur e1"


class TestLink:
    def test_the_form_reads_every_value_once_and_refuses_nothing(self) -> None:
        form = SelectionForm(QueryDict("o=x&o=y&o=x&o=&o=+&a=k&b=z"))
        assert form.is_valid()
        assert form.cleaned_data == {"o": ["x", "y"], "a": ["k"]}

    def test_unknown_codes_are_said_and_left_out(self, france: SmallFrance, client: Client) -> None:
        make_offer(france.a, operator__slug="connu", operator__name="Connue")
        response = client.get("/selection/?o=connu&o=perdu&a=jamais")
        page = response.content.decode()
        assert response.status_code == 200
        assert "Connue" in page
        assert "2\N{NO-BREAK SPACE}éléments de ce lien ne sont pas dans l’annuaire" in page
        assert "perdu" in page
        assert "jamais" in page

    def test_a_draft_is_unknown_and_its_name_stays_secret(
        self, france: SmallFrance, client: Client
    ) -> None:
        OperatorFactory(slug="brouillon", name="Nom secret", publication="brouillon")
        CallEditionFactory(key="prive", title="Titre secret", scheme__publication="brouillon")
        page = client.get("/selection/?o=brouillon&a=prive").content.decode()
        assert "secret" not in page
        assert "2\N{NO-BREAK SPACE}éléments de ce lien" in page

    @pytest.mark.parametrize(
        "code",
        [
            "x" * 5_000,
            "<script>alert(1)</script>",
            "'; DROP TABLE directory_operator; --",
            "🏡",
            "%_\\",
        ],
    )
    def test_anything_may_be_in_a_link(
        self, france: SmallFrance, client: Client, code: str
    ) -> None:
        response = client.get("/selection/", {"o": code, "a": code})
        assert response.status_code == 200
        assert b"<script>alert" not in response.content
        assert len(response.content) < 20_000

    def test_the_first_fifty_are_shown_and_the_others_said(
        self, france: SmallFrance, client: Client
    ) -> None:
        slugs = [OperatorFactory().slug for _ in range(LIMIT + 2)]
        CallEditionFactory(key="appel")
        selection = built(*(f"o:{slug}" for slug in slugs), "a:appel")
        assert len(selection.operators) == LIMIT
        assert selection.calls == []
        assert (selection.left_out, selection.unknown) == (3, [])
        page = client.get("/selection/", {"o": slugs}).content.decode()
        assert f"Une sélection compte {LIMIT}\N{NO-BREAK SPACE}éléments au plus." in page
        assert "2\N{NO-BREAK SPACE}derniers de ce lien ne sont pas montrés" in page

    def test_fifty_fit_exactly(self, france: SmallFrance) -> None:
        slugs = [f"o:{OperatorFactory().slug}" for _ in range(LIMIT - 1)]
        CallEditionFactory(key="appel")
        selection = built(*slugs, "a:appel")
        assert (selection.left_out, len(selection.calls)) == (0, 1)

    def test_without_any_code_the_page_says_how_to_begin(
        self, france: SmallFrance, client: Client
    ) -> None:
        response = client.get("/selection/")
        assert response.status_code == 200
        assert "Rien de gardé pour le moment" in response.content.decode()

    def test_no_cookie_and_a_second_reader_costs_one_query(
        self, france: SmallFrance, client: Client
    ) -> None:
        make_offer(france.a, operator__slug="x")
        first = client.get("/selection/?o=x")
        assert not first.cookies
        with CaptureQueriesContext(
            connection,
        ) as queries:
            again = client.get("/selection/?o=x", headers={"if-none-match": first["ETag"]})
        assert again.status_code == 304
        assert len(queries) <= 1

    def test_an_edit_shows_on_the_next_request(self, france: SmallFrance, client: Client) -> None:
        made = make_offer(france.a, operator__slug="x", operator__phone="03 81 00 00 00")
        assert "03 81 00 00 00" in client.get("/selection/?o=x").content.decode()
        Operator.objects.filter(pk=made.operator_id).update(phone="03 81 11 11 11")
        assert "03 81 11 11 11" in client.get("/selection/?o=x").content.decode()


def test_the_page_says_who_they_are_how_to_reach_them_and_how_we_know(
    france: SmallFrance, client: Client
) -> None:
    made = make_offer(
        france.d1,
        operator__slug="fabrique",
        operator__name="La Fabrique",
        operator__phone="03 81 00 00 00",
        operator__email="contact@exemple.fr",
        operator__caveat="Adresse de 2007.",
        operator__verified_on=TODAY,
        conditions="Être deux.",
    )
    made.operator.hosts.create(name="Ligue")
    at_stages(made.operator, "developpement")
    call_at("appel", "creation")
    page = client.get("/selection/?o=fabrique&a=appel").content.decode()
    for said in [
        "La Fabrique",
        "03 81 00 00 00",
        "contact@exemple.fr",
        "Adresse de 2007.",
        "Vérifié le 23/11/2026",
        "Être deux.",
        "Ligue",
        "Intervient dans le département de d1",
        "exemple.fr",
        "Rien n’est gardé pour cette étape",
        KEPT,
    ]:
        assert said in page, said
    assert page.count("03 81 00 00 00") == 1  # told at the first stage only


@pytest.mark.parametrize(("operators", "calls"), [(1, 0), (0, 2), (2, 1)])
def test_the_count_is_said_in_words(france: SmallFrance, operators: int, calls: int) -> None:
    codes = [f"o:{OperatorFactory().slug}" for _ in range(operators)]
    codes += [f"a:{CallEditionFactory().key}" for _ in range(calls)]
    said = built(*codes).sentence.replace("\N{NO-BREAK SPACE}", " ")
    assert (
        said
        == {
            (1, 0): "1 structure",
            (0, 2): "2 appels",
            (2, 1): "2 structures et 1 appel",
        }[operators, calls]
    )


class TestMap:
    def test_each_operator_is_once_with_its_stages_and_its_only_zone(
        self, france: SmallFrance
    ) -> None:
        Outline.objects.create(territory=france.d1, geometry={"type": "Point"})
        operator = make_offer(france.d1, operator__slug="x", operator__commune=france.a).operator
        at_stages(operator, "creation")
        (marker,) = selection_map(built("o:x"))["markers"]
        assert (marker["latitude"], marker["longitude"]) == (47.0, 6.0)
        assert [stage["slug"] for stage in marker["stages"]] == ["emergence", "creation"]
        assert marker["coverage"] == "/contours/departement/d1.geojson"

    def test_a_part_is_never_drawn_as_the_whole(self, france: SmallFrance) -> None:
        for place in (france.d1, france.e3):
            Outline.objects.create(territory=place, geometry={"type": "Point"})
        made = make_offer(france.d1, operator__slug="x")
        covers(made.operator, france.b, excluded=True)
        other = make_offer(france.d1, operator__slug="y")
        covers(other.operator, france.e3)
        markers = selection_map(built("o:x", "o:y"))["markers"]
        assert [marker["coverage"] for marker in markers] == [None, None]

    def test_a_call_has_no_point_but_a_zone_to_point_at(self, france: SmallFrance) -> None:
        Outline.objects.create(territory=france.r1, geometry={"type": "Point"})
        covers(call_at("appel", "creation"), france.r1)
        drawn = selection_map(built("a:appel"))
        (marker,) = drawn["markers"]
        assert (marker["slug"], marker["latitude"]) == ("a:appel", None)
        assert marker["coverage_label"] == "S’applique dans la région r1"
        assert drawn["coverage"] == [{"outline": "/contours/region/r1.geojson", "excluded": False}]

    def test_an_operator_without_a_place_is_said_not_lost(self, france: SmallFrance) -> None:
        OperatorFactory(slug="x")
        selection = built("o:x")
        assert selection_map(selection)["unplaced"] == 1
        assert "1 structure sans adresse connue" in selection.map_caption


def test_queries_are_as_many_for_one_as_for_thirty(france: SmallFrance, client: Client) -> None:
    def queries_of(count: int) -> int:
        slugs, keys = [], []
        for _ in range(count):
            operator = make_offer(france.d1, operator__commune=france.a).operator
            at_stages(operator, "creation")
            operator.hosts.create(name="Ligue")
            covers(operator, france.b, excluded=True)
            slugs.append(operator.slug)
            edition = call_at(f"appel-{operator.slug}", "creation", "developpement")
            covers(edition, france.r1)
            keys.append(edition.key)
        forget_pages()
        vocabulary()  # every page's, kept as long as nothing changes
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/selection/", {"o": slugs[:30], "a": keys[:20]}).status_code == 200
        return len(queries)

    assert queries_of(1) == queries_of(30) <= 8


def test_the_script_keeps_as_many_as_a_link_shows() -> None:
    script = Path(settings.BASE_DIR, "static", "js", "selection.js").read_text(encoding="utf-8")
    assert re.search(r"const LIMIT = (\d+);", script)[1] == str(LIMIT)  # type: ignore[index]
