"""The pages of territories in a real browser: maps, choices, phone, keyboard, no JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch
from tests.browser.test_pages import (
    DESK,
    PHONE,
    SMALLEST,
    WITH_MAP,
    assert_accessible,
    assert_no_sideways_scroll,
)

BRETAGNE = "/territoires/region/53-bretagne/"
COMPARISON = "/territoires/comparer/?t=region:44&t=region:27&t=region:53"
PAGES = {
    "way in": "/territoires/",
    "found": "/territoires/?q=montbeliard",
    "region": BRETAGNE,
    "region by stage": BRETAGNE + "?etape=developpement&offres=toutes",
    "region by EPCI": "/territoires/region/44-grand-est/",
    "not documented": "/territoires/departement/69-rhone/",
    "departement": "/territoires/departement/25-doubs/",
    "commune": "/territoires/commune/25388-montbeliard/",
    "collectivity without outline": "/territoires/collectivite/975-saint-pierre-et-miquelon/",
    "comparison": COMPARISON,
    "comparison, error": "/territoires/comparer/?t=region:44&t=departement:44",
}


def settled(page: Page) -> None:
    for frame in page.locator("[data-territory-map], [data-regions-map]").all():
        expect(frame).not_to_contain_text(
            re.compile("quand les scripts sont actifs|La carte arrive")
        )


@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES.keys())
def test_every_page_is_accessible_and_fits(page: Page, watch: Watch, address: str) -> None:
    page.set_viewport_size(DESK)
    page.goto(address)
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        settled(page)
        assert_accessible(page, watch)
        assert_no_sideways_scroll(page)
    page.set_viewport_size(SMALLEST)
    assert_no_sideways_scroll(page)
    assert page.context.cookies() == []


@pytest.mark.parametrize("address", ["/territoires/", BRETAGNE, PAGES["region by EPCI"]])
def test_a_page_with_its_map_stays_within_its_weight(page: Page, address: str) -> None:
    done = []
    page.on("requestfinished", lambda request: done.append(request))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    settled(page)
    sizes = [request.sizes() for request in done]
    total = sum(size["responseHeadersSize"] + size["responseBodySize"] for size in sizes)
    assert total <= WITH_MAP


def test_a_stage_is_chosen_and_the_address_and_the_legend_follow(page: Page) -> None:
    page.goto(BRETAGNE)
    choices = page.get_by_role("navigation", name="Ce que montre la carte")
    choices.get_by_role("link", name="Développement").click()
    expect(page).to_have_url(re.compile(r"\?etape=developpement#zones-blanches$"))
    expect(page.locator(".territory-map__title")).to_contain_text("Développement")
    expect(page.locator(".map-legend")).to_contain_text("Personne")
    page.go_back()
    expect(page.locator(".territory-map__title")).to_contain_text("Nombre d’étapes")


def test_a_shape_of_the_map_leads_to_its_page(page: Page) -> None:
    page.set_viewport_size(DESK)
    page.goto(PAGES["region by EPCI"])
    settled(page)
    box = page.locator("[data-territory-map]")
    box.scroll_into_view_if_needed()
    bounds = box.bounding_box()
    assert bounds
    page.mouse.move(bounds["x"] + bounds["width"] / 2, bounds["y"] + bounds["height"] / 2)
    expect(page.locator("[data-map-words]")).to_contain_text(" : ")
    page.mouse.down()
    page.mouse.up()
    link = page.locator(".leaflet-popup-content a")
    expect(link).to_have_attribute("href", re.compile(r"^/territoires/epci/"))


def test_the_file_of_a_stage_has_a_name_and_opens_in_a_spreadsheet(page: Page) -> None:
    page.goto(BRETAGNE + "?etape=developpement")
    link = page.get_by_role("link", name=re.compile("Télécharger la liste"))
    expect(link).to_have_attribute("download", "bretagne-developpement.csv")
    answer = page.request.get(link.get_attribute("href") or "")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.body().startswith(b"\xef\xbb\xbfcode_insee;commune;")


def test_territories_are_chosen_and_compared_from_the_keyboard(page: Page) -> None:
    page.goto("/territoires/comparer/")
    page.get_by_label("Territoire 1", exact=True).select_option("region:44")
    page.get_by_label("Territoire 2", exact=True).select_option("region:53")
    page.get_by_role("button", name="Comparer").press("Enter")
    heads = page.locator(".compare-table thead th")
    expect(heads).to_have_text(["Grand Est", "Bretagne"])


class TestWithoutJavaScript:
    @pytest.fixture
    def browser_context_args(self, browser_context_args: dict) -> dict:
        return {**browser_context_args, "java_script_enabled": False}

    def test_the_page_says_it_all(self, page: Page) -> None:
        page.goto(BRETAGNE + "?etape=developpement")
        expect(page.locator(".gaps-table tbody tr")).to_have_count(4)
        expect(page.locator(".commune-names a").first).to_be_visible()
        expect(page.locator("[data-map-placeholder]")).to_be_visible()

    def test_a_territory_is_found_by_name(self, page: Page) -> None:
        page.goto("/territoires/")
        page.get_by_role("searchbox").fill("pays de brest")
        page.get_by_role("button", name="Chercher").click()
        expect(page.locator(".result__name a").first).to_have_text("Pays de Brest")
