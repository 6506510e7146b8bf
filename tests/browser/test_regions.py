"""The page of a Région in a browser: the drawing, the list that says the same, another day."""

import re

import pytest
from playwright.sync_api import Page, expect

BRETAGNE = "/regions/53-bretagne/"
REGIONS = [BRETAGNE, "/regions/27-bourgogne-franche-comte/", "/regions/44-grand-est/"]


@pytest.mark.parametrize("address", REGIONS)
def test_the_drawing_is_for_wide_screens_the_list_for_all(page: Page, address: str) -> None:
    page.goto(address)
    for width, drawn in ((1280, True), (360, False)):
        page.set_viewport_size({"width": width, "height": 900})
        expect(page.locator(".chain-graph")).to_be_visible(visible=drawn)
        expect(page.locator(".handover").first).to_be_visible()


@pytest.mark.parametrize("address", REGIONS)
def test_no_words_leave_their_box(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(address)
    outside = page.evaluate(
        """() => [...document.querySelectorAll('.chain-graph__node')].flatMap((node) => {
            const box = node.querySelector('rect').getBoundingClientRect();
            return [...node.querySelectorAll('text')]
                .filter((text) => text.getBoundingClientRect().right > box.right)
                .map((text) => text.textContent);
        })"""
    )
    assert outside == []


@pytest.mark.parametrize("javascript", [True, False])
def test_another_day_and_back(new_context, javascript: bool) -> None:  # type: ignore[no-untyped-def]
    page = new_context(java_script_enabled=javascript).new_page()
    page.goto(BRETAGNE)
    page.get_by_label("Voir à une autre date").fill("2017-12-19")
    page.locator(".day-form button").click()
    page.wait_for_url("**/?au=2017-12-19")
    expect(page.locator(".day-banner")).to_contain_text("au 19 décembre 2017")
    page.get_by_role("link", name="Le territoire, commune par commune").click()
    page.wait_for_url("**/territoires/region/53-bretagne/?au=2017-12-19")
    expect(page.locator(".day-banner")).to_contain_text("Bretagne au 19 décembre 2017")
    page.get_by_role("link", name="La politique de la région").click()
    page.get_by_role("link", name="Revenir à aujourd’hui").click()
    page.wait_for_url(re.compile("/regions/53-bretagne/$"))
    expect(page.locator(".day-banner")).to_have_count(0)


def test_the_years_are_reached_by_their_links(page: Page) -> None:
    page.goto(BRETAGNE)
    page.get_by_role("link", name="2018", exact=True).click()
    expect(page).to_have_url(re.compile("#annee-2018$"))
    expect(page.locator("#annee-2018")).to_be_in_viewport()


def test_a_printed_region_has_its_drawing_and_all_its_calls(page: Page) -> None:
    page.goto(REGIONS[1])
    page.emulate_media(media="print")
    page.evaluate("document.fonts.ready")  # what only paper shows may need another
    expect(page.locator(".chain-graph")).to_be_visible()
    expect(page.locator("#argent .call--past").first).to_be_visible()
    expect(page.locator(".contents")).to_be_hidden()
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) <= 8
