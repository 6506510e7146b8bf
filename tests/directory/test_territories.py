"""The pages of territories: what they say, where they lead, and what they refuse."""

import csv
import io
import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from directory.models import Indicator, RegionFile, Stage
from directory.territory.cells import snapped
from directory.territory.listing import safe
from directory.territory.lookup import territory_url
from regions.models import Kind, Outline, Territory
from tests.directory.conftest import STAGES, make_offer
from tests.factories import (
    TODAY,
    CallEditionFactory,
    FundingSchemeFactory,
    SmallFrance,
    compose,
    covers,
    territory,
)

SQUARE = [[[6.0, 47.0], [6.02, 47.0], [6.02, 47.02], [6.0, 47.02], [6.0, 47.0]]]


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, (address, response.status_code)
    return " ".join(response.content.decode().split())


class TestAddress:
    @pytest.mark.parametrize("place", ["a", "e1", "p1", "d1", "r1"])
    def test_every_level_has_its_page(
        self, documented: SmallFrance, client: Client, place: str
    ) -> None:
        found = getattr(documented, place)
        assert f"<h1>{found.label}</h1>" in text_of(client, territory_url(found))

    @pytest.mark.parametrize("kind", [Kind.EPT, Kind.COLLECTIVITY])
    def test_ept_and_overseas_collectivities_too(
        self, documented: SmallFrance, client: Client, kind: str
    ) -> None:
        place = compose(territory(kind, "975"), [documented.a])
        text_of(client, place.get_absolute_url())

    @pytest.mark.parametrize(
        "address", ["/territoires/epci/e1/", "/territoires/epci/e1-autre-nom/?etape=creation"]
    )
    def test_another_name_leads_to_the_right_one_and_keeps_the_choices(
        self, documented: SmallFrance, client: Client, address: str
    ) -> None:
        response = client.get(address)
        query = f"?{address.partition('?')[2]}" if "?" in address else ""
        assert response.status_code == 301
        assert response["Location"] == territory_url(documented.e1) + query

    def test_a_code_may_hold_hyphens(self, documented: SmallFrance, client: Client) -> None:
        place = compose(
            territory(Kind.PAYS, "BZH-04", "Pays d’ici", slug="pays-d-ici"), [documented.a]
        )
        other = compose(territory(Kind.PAYS, "BZH", "Autre pays", slug="autre"), [documented.b])
        assert "Pays d’ici" in text_of(client, territory_url(place))
        for address in ("/territoires/pays/BZH-04/", "/territoires/pays/BZH-04-faux/"):
            assert client.get(address)["Location"] == territory_url(place)
        assert "Autre pays" in text_of(client, territory_url(other))

    @pytest.mark.parametrize("kind", [Kind.FORMER, Kind.ARRONDISSEMENT, Kind.COMMUNE])
    def test_a_former_commune_leads_to_the_current_one(
        self, documented: SmallFrance, client: Client, kind: str
    ) -> None:
        former = Kind.FORMER if kind == Kind.COMMUNE else kind
        territory(former, "01999", successor=documented.b)
        response = client.get(f"/territoires/{kind}/01999-ancienne/")
        assert (response.status_code, response["Location"]) == (301, territory_url(documented.b))

    @pytest.mark.parametrize(
        ("address", "sentence"),
        [
            ("/territoires/canton/01-x/", "n’est pas un niveau de territoire"),
            ("/territoires/region/99-x/", "ne porte le code « 99 »"),
            ("/territoires/departement/r1-x/", "ne porte le code « r1 »"),
            ("/territoires/region/99/communes.geojson", "ne porte le code"),
            ("/territoires/region/99-x/zones-blanches.csv", "ne porte le code"),
        ],
    )
    def test_an_address_that_leads_nowhere_says_why(
        self, documented: SmallFrance, client: Client, address: str, sentence: str
    ) -> None:
        assert sentence in text_of(client, address, 404)

    def test_the_country_is_the_way_in(self, documented: SmallFrance, client: Client) -> None:
        for address in ("/territoires/country/france/", "/territoires/country/france-france/"):
            assert client.get(address)["Location"] == "/territoires/"

    def test_a_model_knows_its_page(self, france: SmallFrance) -> None:
        assert france.r1.get_absolute_url() == "/territoires/region/r1-r1/"
        assert france.a.get_absolute_url().startswith("/parcours/")
        assert france.france.get_absolute_url() == "/territoires/"


class TestPage:
    def test_part_is_said_as_part_and_whole_as_whole(
        self, documented: SmallFrance, client: Client
    ) -> None:
        make_offer(documented.e1, operator__name="Seulement là")
        make_offer(documented.d1, operator__name="Partout ici")
        page = text_of(client, territory_url(documented.r1))
        assert page.index("Partout ici") < page.index("Seulement là")
        assert "<b>Tout le territoire</b>" in page
        assert "2 communes sur 4" in page

    def test_an_operator_with_two_offers_at_a_stage_is_one_line_with_both(
        self, documented: SmallFrance, client: Client
    ) -> None:
        first = make_offer(None, operator__name="Deux offres")
        covers(first, documented.a)
        second = type(first).objects.create(
            operator=first.operator, stage=first.stage, title="B", summary="…"
        )
        covers(second, documented.c)
        page = text_of(client, territory_url(documented.r1))
        assert page.count("Deux offres") == 1
        assert "2 communes sur 4" in page

    def test_the_first_are_named_and_the_others_are_one_click_away(
        self, documented: SmallFrance, client: Client
    ) -> None:
        for _ in range(11):
            make_offer(documented.d1)
        page = text_of(client, territory_url(documented.r1))
        assert page.count("/operateurs/operateur-") == 8
        assert (
            '<a class="arrow-link" href="/operateurs/?territoire=region:r1&amp;etape=emergence"'
            in page
        )
        assert "Voir les 3 autres" in page

    def test_national_regional_and_near_are_told_apart(
        self, documented: SmallFrance, client: Client
    ) -> None:
        make_offer(documented.france, operator__name="Nationale")
        make_offer(documented.r1, operator__name="Régionale")
        make_offer(documented.a, operator__name="Voisine")
        page = text_of(client, territory_url(documented.r1))
        assert page.index("Voisine") < page.index("Régionale") < page.index("Nationale")
        assert "<b>Toute la France</b>" in page
        assert "<b>Toute la région</b>" in page
        assert "3 opérateurs, dont 1 national" in page

    def test_gaps_are_listed_only_where_documented(
        self, documented: SmallFrance, client: Client
    ) -> None:
        known = text_of(client, territory_url(documented.r1))
        assert "Où personne ne répond" in known
        assert "À l’étape Emergence, personne ne répond dans 4 communes, 400 habitants." in known
        unknown = text_of(client, territory_url(documented.r2))
        assert "Où personne ne répond" not in unknown
        assert "Pas encore d’annuaire" in unknown
        assert "zones-blanches.csv" not in unknown
        assert "Non documenté" in unknown

    def test_a_straddling_territory_says_so_on_both_sides(
        self, documented: SmallFrance, client: Client
    ) -> None:
        own = text_of(client, territory_url(documented.e2))
        assert "à cheval sur 2 départements, à cheval sur 2 régions" in own
        assert "(1 de ses 2 communes)" in own
        assert "à cheval : 1 de ses 2 communes sont ici" in text_of(
            client, territory_url(documented.r1)
        )

    def test_a_commune_leads_to_its_pathway(self, documented: SmallFrance, client: Client) -> None:
        page = text_of(client, territory_url(documented.a))
        assert f'href="{documented.a.get_absolute_url()}">Voir le parcours' in page
        assert "zones-blanches" not in page

    def test_a_territory_links_to_what_encloses_it_and_to_what_it_holds(
        self, documented: SmallFrance, client: Client
    ) -> None:
        page = text_of(client, territory_url(documented.d1))
        for place in (documented.r1, documented.e1, documented.e2, documented.p1, documented.a):
            assert f'href="{place.get_absolute_url()}"' in page

    def test_contradictory_figures_stand_side_by_side_with_their_sources(
        self, documented: SmallFrance, client: Client
    ) -> None:
        for value, source in ((18, "Rapport A"), (21, "Rapport B")):
            Indicator.objects.create(
                slug="poles", label="Pôles", value=value, as_of="2021", source=source,
                territory=documented.r1,
            )  # fmt: skip
        page = text_of(client, territory_url(documented.r1))
        for words in ("2 chiffres publiés", ">18<", ">21<", "Rapport A", "Rapport B"):
            assert words in page

    def test_only_calls_that_are_not_over_are_listed_with_their_part(
        self, documented: SmallFrance, client: Client
    ) -> None:
        current = CallEditionFactory(title="Toujours là", closes_on="2099", opens_on="2020")
        covers(current.scheme, documented.e1)
        over = CallEditionFactory(title="Fini", closes_on="2019")
        covers(over.scheme, documented.r1)
        draft = FundingSchemeFactory(publication="brouillon")
        covers(draft, documented.r1)
        CallEditionFactory(title="Brouillon", scheme=draft)
        page = text_of(client, territory_url(documented.r1))
        assert "Toujours là" in page
        assert "Sur ce territoire : 2 communes sur 4." in page
        assert "Fini" not in page
        assert "Brouillon" not in page

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ("etape=xyz", "Cette étape n’existe pas : « xyz »."),
            ("offres=xyz", "« xyz » ne dit pas quelles offres compter."),
        ],
    )
    def test_an_unknown_choice_is_an_error_that_says_what_exists(
        self, documented: SmallFrance, client: Client, query: str, sentence: str
    ) -> None:
        page = text_of(client, f"{territory_url(documented.r1)}?{query}", 400)
        assert sentence in page
        assert "Valeurs possibles" in page

    def test_an_edit_is_seen_on_the_next_request(
        self, documented: SmallFrance, client: Client
    ) -> None:
        address = territory_url(documented.r1)
        assert "Nouvelle venue" not in text_of(client, address)
        make_offer(documented.a, operator__name="Nouvelle venue")
        assert "Nouvelle venue" in text_of(client, address)

    def test_the_number_of_queries_does_not_follow_the_number_of_rows(
        self, documented: SmallFrance, client: Client
    ) -> None:
        def queries() -> list[int]:
            counts = []
            for place in (documented.a, documented.e2, documented.d1, documented.r1):
                with CaptureQueriesContext(
                    connection,
                ) as found:
                    text_of(client, territory_url(place))
                counts.append(len(found))
            return counts

        def fill(times: int) -> None:
            for number in range(times):
                make_offer(documented.everywhere[number % 15], stage=STAGES[number % 4])
                edition = CallEditionFactory(closes_on="2099")
                covers(edition.scheme, documented.everywhere[number % 15])

        fill(15)
        text_of(client, "/territoires/")
        few = queries()
        fill(50)
        text_of(client, "/territoires/")
        many = queries()
        assert max(many) <= max(few)
        assert min(many[1:]) == max(many[1:])


class TestFile:
    def read(self, client: Client, address: str) -> list[dict[str, str]]:
        response = client.get(address)
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        content = response.content.decode("utf-8")
        assert content.startswith("\ufeff")
        return list(csv.DictReader(io.StringIO(content[1:]), delimiter=";"))

    def test_the_file_holds_exactly_the_communes_nobody_serves(
        self, documented: SmallFrance, client: Client
    ) -> None:
        make_offer(documented.e1)
        make_offer(documented.r1, stage="creation")  # another stage changes nothing
        rows = self.read(
            client, territory_url(documented.r1) + "zones-blanches.csv?etape=emergence"
        )
        assert [row["commune"] for row in rows] == ["Commune c", "Commune e"]
        assert {row["situation"] for row in rows} == {"Personne"}
        assert [row["code_insee"] for row in rows] == ["01003", "01005"]

    def test_without_a_stage_it_holds_them_all(
        self, documented: SmallFrance, client: Client
    ) -> None:
        rows = self.read(client, territory_url(documented.r1) + "zones-blanches.csv")
        assert len(rows) == 4 * 4

    @pytest.mark.parametrize(
        ("counting", "expected"), [("toutes", ""), ("locales", "ce"), ("proximite", "bce")]
    )
    def test_offers_that_are_far_may_be_left_out(
        self, documented: SmallFrance, client: Client, counting: str, expected: str
    ) -> None:
        make_offer(documented.france)
        regional = make_offer(documented.r1)
        covers(regional.operator, documented.c, excluded=True)
        covers(regional.operator, documented.e, excluded=True)
        make_offer(documented.a)
        address = territory_url(documented.r1) + "zones-blanches.csv?etape=emergence"
        rows = self.read(client, f"{address}&offres={counting}")
        assert "".join(row["commune"][-1] for row in rows) == expected

    def test_an_undocumented_region_has_an_empty_file(
        self, documented: SmallFrance, client: Client
    ) -> None:
        assert self.read(client, territory_url(documented.r2) + "zones-blanches.csv") == []

    @pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1"])
    def test_no_cell_can_be_run_as_a_formula(self, text: str) -> None:
        assert safe(text) == f"'{text}"

    def test_an_unknown_stage_is_refused(self, documented: SmallFrance, client: Client) -> None:
        address = territory_url(documented.r1) + "zones-blanches.csv?etape=xyz"
        assert "Cette étape n’existe pas" in text_of(client, address, 400)


class TestMap:
    def cells(self, client: Client, kind: str, code: str) -> dict[str, str]:
        content = json.loads(client.get(f"/territoires/{kind}/{code}/communes.geojson").content)
        return {
            feature["properties"]["nom"]: feature["properties"]["c"]
            for feature in content["features"]
        }

    def outlines(self, *places: Territory) -> None:
        for place in places:
            Outline.objects.create(
                territory=place, geometry={"type": "Polygon", "coordinates": SQUARE}
            )

    def test_each_commune_has_its_class_by_way_of_counting_and_by_stage(
        self, documented: SmallFrance, client: Client
    ) -> None:
        self.outlines(*documented.communes.values())
        make_offer(documented.a)
        make_offer(documented.r1, stage="creation")
        make_offer(documented.france, stage="developpement")
        # Stages answered: near, then regional too, then all; then each stage.
        assert self.cells(client, "region", "r1") == {
            "Commune a": "123lrn0",
            "Commune b": "0120rn0",
            "Commune c": "0120rn0",
            "Commune e": "0120rn0",
        }
        assert self.cells(client, "region", "r2") == {
            "Commune d": "uu1uunu",
            "Commune f": "uu1uunu",
        }

    def test_a_large_territory_is_drawn_by_epci(
        self, documented: SmallFrance, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("directory.territory.cells.MOST_COMMUNES", 2)
        self.outlines(documented.e1, documented.e2, documented.e)
        make_offer(documented.a)
        make_offer(documented.c)
        cells = self.cells(client, "region", "r1")
        # e2 only counts for its commune of r1; e, alone without EPCI, is drawn itself.
        assert {name: classes[3] for name, classes in cells.items()} == {
            "e1": "p",
            "e2": "l",
            "Commune e": "0",
        }

    def test_the_legend_counts_what_the_map_draws(
        self, documented: SmallFrance, client: Client
    ) -> None:
        make_offer(documented.e1)
        page = text_of(client, territory_url(documented.r1) + "?etape=emergence")
        assert 'Une offre de proximité <span class="muted">(2)</span>' in page
        assert 'Personne <span class="muted">(2)</span>' in page

    def test_neighbours_still_touch_once_snapped(self) -> None:
        left = {
            "type": "Polygon",
            "coordinates": [[[0, 0], [1.0013, 0], [1.0013, 1], [0, 1], [0, 0]]],
        }
        right = {
            "type": "Polygon",
            "coordinates": [[[1.0013, 0], [2, 0], [2, 1], [1.0013, 1], [1.0013, 0]]],
        }
        shared = [
            {tuple(point) for point in snapped(shape, 0.005)["coordinates"][0]}
            for shape in (left, right)
        ]
        assert shared[0] & shared[1] == {(1.0, 0), (1.0, 1)}

    def test_an_island_smaller_than_the_grid_is_kept(self) -> None:
        ring = [[0.001, 0.001], [0.002, 0.001], [0.002, 0.002], [0.001, 0.001]]
        kept = snapped({"type": "Polygon", "coordinates": [ring]}, 0.01)
        assert len(kept["coordinates"][0]) == 4


class TestComparison:
    def test_two_to_four_of_the_same_kind_stand_side_by_side(
        self, documented: SmallFrance, client: Client
    ) -> None:
        make_offer(documented.e1)
        page = text_of(client, "/territoires/comparer/?t=region:r1&t=region:r2")
        assert "50 %" in page
        assert "Renseigné" in page
        assert "Pas encore" in page
        assert f"<h1>{documented.r1.label} et {documented.r2.label}</h1>" in page

    def test_the_widest_difference_is_said_in_words(
        self, documented: SmallFrance, client: Client
    ) -> None:
        RegionFile.objects.create(region=documented.r2, documented_since=TODAY)
        make_offer(documented.e1, "emergence")  # 2 of the 4 communes of r1, none of r2
        make_offer(documented.d2, "creation")  # all of r2, none of r1
        page = text_of(client, "/territoires/comparer/?t=region:r1&t=region:r2")
        creation = Stage.objects.get(slug="creation").name
        assert f"à l’étape {creation} : une offre de proximité répond dans 0 %" in page
        assert "dans 100 % de celles" in page

    @pytest.mark.parametrize("kind", ["region", "commune"])
    def test_nothing_is_said_of_what_is_not_documented_nor_of_single_communes(
        self, documented: SmallFrance, client: Client, kind: str
    ) -> None:
        make_offer(documented.e1)
        keys = {"region": ("r1", "r2"), "commune": ("01001", "01003")}[kind]
        query = "&".join(f"t={kind}:{code}" for code in keys)
        assert "L’écart" not in text_of(client, f"/territoires/comparer/?{query}")

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ("t=region:r1", "Choisissez au moins deux territoires différents"),
            ("t=region:r1&t=region:r1", "Choisissez au moins deux territoires différents"),
            ("t=region:r1&t=departement:d1", "de même niveau"),
            ("t=region:r1&t=region:99", "Aucun territoire ne porte le code region:99"),
            ("t=region:r1&t=nimporte", "n’est pas un territoire"),
            ("t=region:r1&t=country:france", "ne se compare"),
            (
                "&".join(f"t=commune:0100{number}" for number in range(1, 6)),
                "Vous avez choisi 5 territoires",
            ),
        ],
    )
    def test_anything_else_is_refused_in_french_and_the_form_stays(
        self, documented: SmallFrance, client: Client, query: str, sentence: str
    ) -> None:
        page = text_of(client, f"/territoires/comparer/?{query}", 400)
        assert sentence in page
        assert '<select class="select" id="t1"' in page

    def test_nothing_chosen_is_a_form_and_an_example(
        self, documented: SmallFrance, client: Client
    ) -> None:
        page = text_of(client, "/territoires/comparer/")
        assert "?t=region:44&amp;t=region:27&amp;t=region:53" in page
        assert 'role="alert"' not in page

    def test_epci_are_compared_with_those_of_their_region(
        self, documented: SmallFrance, client: Client
    ) -> None:
        page = text_of(client, "/territoires/comparer/?t=epci:e1&t=epci:e2")
        assert '<option value="epci:e2" selected>' in page
        assert "epci:e3" not in page


class TestWayIn:
    def test_regions_then_departements_with_their_state(
        self, documented: SmallFrance, client: Client
    ) -> None:
        RegionFile.objects.create(region=documented.r2)
        compose(territory(Kind.DEPARTEMENT, "d3", "Autre"), [documented.e])
        page = text_of(client, "/territoires/")
        assert page.index("Renseigné</span>") < page.index("Pas encore</span>")
        assert page.count('<a href="/territoires/departement/d3-autre/"') == 1
        assert "2 départements" in page

    def test_a_territory_is_found_by_any_word_of_its_name(
        self, documented: SmallFrance, client: Client
    ) -> None:
        territory(Kind.EPCI, "e9", "Pays de Montbéliard Agglomération")
        page = text_of(client, "/territoires/?q=agglomeration+montbeliard")
        assert "Pays de Montbéliard Agglomération" in page
        assert "1 territoire pour" in page

    @pytest.mark.parametrize("text", ["%25", "_", "%27", "x" * 100, "…"])
    def test_a_name_that_is_not_one_finds_nothing(
        self, documented: SmallFrance, client: Client, text: str
    ) -> None:
        assert "Aucun territoire pour" in text_of(client, f"/territoires/?q={text}")

    @pytest.mark.parametrize("text", ["", "x" * 101])
    def test_an_empty_or_endless_name_is_an_error(
        self, documented: SmallFrance, client: Client, text: str
    ) -> None:
        assert "Erreur" in text_of(client, f"/territoires/?q={text}", 400)

    def test_the_map_gives_each_region_and_its_state(
        self, documented: SmallFrance, client: Client
    ) -> None:
        Outline.objects.create(
            territory=documented.r1, geometry={"type": "Polygon", "coordinates": SQUARE}
        )
        content = json.loads(client.get("/territoires/regions.geojson").content)
        assert [feature["properties"] for feature in content["features"]] == [
            {"nom": "r1", "url": territory_url(documented.r1), "etat": "renseigne"}
        ]
