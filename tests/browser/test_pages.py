"""What holds on every public page: accessible, within the screen, light, without cookies."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, expect

from bench.weights import weight_of
from tests.browser.addresses import HOME, MONTBELIARD, NEED_FORM, OPERATORS, PAGES, REGION
from tests.browser.conftest import Watch

PHONE = {"width": 360, "height": 740}
SMALLEST = {"width": 320, "height": 640}  # WCAG 1.4.10: 1280 px at 400 %
DESK = {"width": 1280, "height": 900}
AXE = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
#: Bytes over the wire, headers included, with nothing in the browser's cache.
WITHOUT_MAP = 100_000
WITH_MAP = 300_000


def first_operator(page: Page) -> str:
    """The address of an operator of the fixtures."""
    page.goto(MONTBELIARD)
    address = page.locator(".operator__name a").first.get_attribute("href")
    assert address
    return address


def settled(page: Page) -> None:
    """The page with its map, if it has one, drawn."""
    for frame in page.locator("[data-pathway-map]").all():
        expect(frame).not_to_contain_text(
            re.compile("quand les scripts sont actifs|La carte arrive")
        )


def assert_accessible(page: Page, watch: Watch) -> None:
    with watch.deaf():  # axe copies elements that Leaflet has placed, their style with them
        results = Axe().run(page, options=AXE)
    assert results.violations_count == 0, results.generate_report()


def assert_no_sideways_scroll(page: Page) -> None:
    overflow = page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            return [...document.querySelectorAll('body *')]
                .filter((element) => element.getBoundingClientRect().right > width + 1)
                .slice(0, 5).map((element) => element.outerHTML.slice(0, 120));
        }"""
    )
    assert overflow == [], f"wider than {page.viewport_size}"


def examine(page: Page, watch: Watch) -> None:
    """Everything that every page must hold, at a desk and on a phone."""
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        settled(page)
        assert_accessible(page, watch)
        assert_no_sideways_scroll(page)
    page.set_viewport_size(SMALLEST)
    assert_no_sideways_scroll(page)


@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES.keys())
def test_every_page_is_accessible_and_fits(page: Page, watch: Watch, address: str) -> None:
    page.set_viewport_size(DESK)
    page.goto(address)
    examine(page, watch)
    if address != NEED_FORM:
        assert page.context.cookies() == []


def test_an_operators_page_is_accessible_and_fits(page: Page, watch: Watch) -> None:
    page.goto(first_operator(page))
    examine(page, watch)
    assert page.context.cookies() == []


def test_an_open_list_of_communes_is_accessible_and_fits(page: Page, watch: Watch) -> None:
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        page.goto(HOME)
        page.locator("[data-commune-input]").press_sequentially("saint-denis")
        expect(page.get_by_role("listbox")).to_be_visible()
        page.keyboard.press("ArrowDown")
        assert_accessible(page, watch)
        assert_no_sideways_scroll(page)


def test_a_need_that_says_nothing_comes_back_with_its_error(page: Page, watch: Watch) -> None:
    page.goto(NEED_FORM)
    page.evaluate("document.querySelector('main form:not([role=search])').noValidate = true")
    page.locator("main form:not([role=search]) [type=submit]").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    examine(page, watch)


def test_a_need_can_be_reported_from_the_pathway(page: Page) -> None:
    page.goto(NEED_FORM)
    page.locator("main textarea").fill("Un local pour démarrer une épicerie coopérative.")
    page.locator("main form:not([role=search]) [type=submit]").click()
    page.wait_for_url("**/besoins/merci/")


#: One of each kind; of territories and Régions, the heaviest.
KINDS = {
    "home": HOME,
    "search of communes": "/communes/?q=51300",
    "pathway": MONTBELIARD,
    "pathway, Rennes": "/parcours/35238-rennes/",
    "operators": OPERATORS,
    "operator": "/operateurs/makesense/",
    "map": "/carte/",
    "map, Paris": "/carte/?zone=48.7,2.1,49,2.6",
    "calls": "/appels/",
    "call": PAGES["call, one year"],
    "series of calls": PAGES["call, series"],
    "territories": "/territoires/",
    "territory, a Région": "/territoires/region/93-provence-alpes-cote-d-azur/",
    "territory, a commune": "/territoires/commune/25388-montbeliard/",
    "regions": PAGES["regions"],
    "region, Bretagne": PAGES["region, Bretagne"],
    "region, Bourgogne-Franche-Comté": REGION,
    "selection": "/selection/?o=o:makesense",
    "need form": NEED_FORM,
    "sources": "/sources/",
}


@pytest.mark.parametrize("address", KINDS.values(), ids=KINDS.keys())
def test_a_page_is_light_and_its_map_too(page: Page, address: str) -> None:
    done: list[Request] = []
    page.on("requestfinished", lambda request: done.append(request))
    answer = page.goto(address)
    assert answer is not None and answer.status == 200
    page.wait_for_load_state("networkidle")  # outlines of the map too
    sizes = {request: request.sizes() for request in done}
    loaded = [
        (request.url, size["responseHeadersSize"] + size["responseBodySize"])
        for request, size in sizes.items()
    ]
    weight = weight_of(address, loaded)
    heaviest = sorted(loaded, key=lambda file: -file[1])[:5]
    assert weight.without_map <= WITHOUT_MAP, heaviest
    assert weight.total <= WITH_MAP, heaviest


def test_a_page_loads_one_file_of_each_font_unless_a_rare_letter_asks_for_another(
    page: Page,
) -> None:
    fonts: list[str] = []
    page.on("request", lambda one: one.resource_type == "font" and fonts.append(one.url))
    page.goto(HOME)
    page.wait_for_load_state("networkidle")
    assert fonts
    assert not [url for url in fonts if "-rare" in url]
    with page.expect_request("**/Manrope-rare.*"):
        page.locator("main p").first.evaluate("element => element.textContent += 'Łódź'")


def test_a_printed_pathway_is_two_sheets_at_most(page: Page) -> None:
    page.goto(MONTBELIARD)
    settled(page)
    pdf = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert {(round(float(width)), round(float(height))) for width, height in boxes} == {(595, 842)}
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 2
