"""The map of a search: the same as its list, usable without a mouse, a map or a script."""

import math
import re
from typing import Any, Literal

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Watch
from tests.browser.test_pages import DESK, PHONE, assert_accessible, assert_no_sideways_scroll

MAP = "/carte/"
DOUBS = "/carte/?territoire=departement:25"
PARIS = "/carte/?zone=48.7,2.1,49,2.6"


def frame(page: Page) -> Locator:
    return page.locator("[data-explore-map]")


def open_map(page: Page, address: str = MAP, size: Any = DESK) -> None:
    """The page with its points and its ground."""
    page.set_viewport_size(size)
    page.goto(address)
    expect(frame(page)).to_have_attribute("data-placed", re.compile(r"\d+"))
    expect(frame(page)).to_have_attribute("data-ready", "")
    expect(page.locator("[data-territory-input]")).to_have_attribute("role", "combobox")
    page.evaluate("window.stayed = true")


def stayed(page: Page) -> bool:
    """Whether the page has not been loaded again since `open_map`."""
    return bool(page.evaluate("window.stayed === true"))


def markers(page: Page) -> Locator:
    return page.locator(".leaflet-marker-pane .pin")


def counts(page: Page) -> Locator:
    return page.locator(".leaflet-marker-pane .cluster-icon")


def in_list(page: Page) -> int:
    text = page.locator("#resultats-titre").text_content() or ""
    return int(re.findall(r"\d+", text.replace("\u202f", ""))[-1])


def data(page: Page, name: str) -> int:
    return int(frame(page).get_attribute(f"data-{name}") or "0")


@pytest.mark.parametrize("query", ["", "?territoire=region:53", "?etape=creation&type=incubateur"])
def test_list_map_and_file_hold_as_many(page: Page, query: str) -> None:
    open_map(page, MAP + query)
    file = page.request.get("/operateurs.geojson" + query).json()["features"]
    assert in_list(page) == data(page, "total") == len(file) > 0
    assert data(page, "placed") == sum(one["geometry"] is not None for one in file)


def test_those_without_an_address_are_named_beside_the_map(page: Page) -> None:
    open_map(page)
    page.locator("#sans-adresse summary").click()
    lines = page.locator("[data-map-unplaced] a")
    expect(lines).to_have_count(data(page, "total") - data(page, "placed"))
    expect(page.locator("[data-map-unplaced-others]")).to_have_count(0)


def test_counts_and_markers_add_up_to_what_is_in_view(new_context: Any) -> None:
    page = new_context(reduced_motion="reduce").new_page()  # nothing is on its way elsewhere
    open_map(page)
    seen = markers(page).count()
    seen += sum(int(text) for text in counts(page).locator("span:first-child").all_text_contents())
    words = page.locator("[data-map-words]")
    expect(words).to_contain_text("dans la vue")  # some are overseas
    assert seen == int(re.findall(r"\d+", words.text_content() or "")[0]) < data(page, "placed")


def test_a_marker_says_its_name_kind_and_reach_by_more_than_colour(page: Page) -> None:
    open_map(page)
    marker = markers(page).first
    expect(marker).to_have_accessible_name(
        re.compile(r".+, .+, portée (locale|régionale|nationale)")
    )
    expect(marker).to_have_text(re.compile(r"^[A-Z]{1,2}$"))
    expect(marker).to_have_class(re.compile(r"pin--[012]"))


def without_names(route: Route) -> None:
    """The points as they come when there are thousands."""
    answer = route.fetch()
    route.fulfill(response=answer, json={**answer.json(), "name": None})


def test_names_that_did_not_come_with_the_points_come_when_their_markers_are_seen(
    page: Page,
) -> None:
    page.route("**/carte/points.json*", without_names)
    asked: list[str] = []
    page.on("request", lambda one: "/carte/noms.json" in one.url and asked.append(one.url))
    open_map(page, PARIS)
    expect(markers(page).first).to_have_accessible_name(
        re.compile(r".+, .+, portée (locale|régionale|nationale)")
    )
    assert asked
    count = counts(page).filter(has_text="au même endroit").first
    count.focus()
    page.keyboard.press("Enter")
    first = page.locator(".map-card__choice b").first
    expect(first).to_be_visible()
    names = page.locator(".map-card__choice b").all_inner_texts()
    assert "Nom non chargé" not in names and all(names)
    expect(page.locator(".map-card__choice").first).to_be_focused()


def test_a_count_opens_from_the_keyboard_and_the_focus_stays_on_the_map(page: Page) -> None:
    open_map(page)
    count = counts(page).filter(has_text="agrandir la carte").first
    expect(count).to_have_accessible_name(re.compile(r"\d+.structures ici, agrandir la carte"))
    before = page.locator(".outline--ground").first.get_attribute("d")
    count.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".outline--ground").first).not_to_have_attribute("d", before or "")
    expect(page.locator("[data-map]:focus, [data-map] :focus")).to_have_count(1)


def test_a_count_at_one_place_lists_its_operators_each_of_which_has_its_card(page: Page) -> None:
    open_map(page, PARIS)
    count = counts(page).filter(has_text="au même endroit").first
    name = count.get_attribute("aria-label") or count.inner_text()
    number = int(re.findall(r"\d+", name)[0])
    count.focus()
    page.keyboard.press("Enter")
    choices = page.locator(".map-card__choice")
    expect(choices).to_have_count(number)
    expect(choices.first).to_be_focused()
    expect(page.locator(".leaflet-marker-pane .is-lit")).to_have_count(1)
    chosen = choices.nth(1).locator("b").inner_text()
    choices.nth(1).focus()
    page.keyboard.press("Enter")
    link = page.locator(".map-card a").first
    expect(link).to_be_focused()
    expect(link).to_have_text(chosen)
    page.get_by_role("button", name="Revenir aux").press("Enter")
    expect(choices.nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".map-card")).to_have_count(0)
    expect(count).to_be_focused()


#: Centres and widths of the markers that can be seen, from the corner of the map; and its size.
PLACES = """() => {
    const map = document.querySelector("[data-map]").getBoundingClientRect();
    const seen = [...document.querySelectorAll(".leaflet-marker-pane :is(.pin, .cluster-icon)")]
        .filter((one) => one.checkVisibility({ visibilityProperty: true }))
        .map((one) => one.getBoundingClientRect());
    const middle = (box) => [box.x + box.width / 2 - map.x, box.y + box.height / 2 - map.y];
    return [seen.map((box) => [...middle(box), box.width]), map.width, map.height];
}"""


def test_no_marker_hides_another_nor_leaves_the_map_at_any_zoom(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_map(page)
    assert page.evaluate(PLACES)[0]
    for _ in range(8):
        places, width, height = page.evaluate(PLACES)
        for index, (x, y, size) in enumerate(places):
            assert 0 <= x <= width and 0 <= y <= height
            for other_x, other_y, other_size in places[:index]:
                assert math.dist((x, y), (other_x, other_y)) >= (size + other_size) / 2
        page.get_by_role("button", name="Agrandir la carte", exact=True).click()


def test_a_marker_brings_the_card_and_gives_the_focus_back(page: Page) -> None:
    open_map(page)
    marker = markers(page).first
    name = (marker.get_attribute("aria-label") or "").split(", ")[0]
    marker.focus()
    page.keyboard.press("Enter")
    link = page.locator(".map-card a").first
    expect(link).to_be_focused()
    expect(link).to_have_text(re.compile(re.escape(name)))
    expect(link).to_have_attribute("href", re.compile(r"^/operateurs/.+/$"))
    expect(page.locator(".map-card")).to_contain_text("Intervient")
    page.keyboard.press("Escape")
    expect(page.locator(".map-card")).to_have_count(0)
    expect(marker).to_be_focused()


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
def test_pointing_at_a_result_shows_its_zone_and_its_marker(page: Page, how: str) -> None:
    open_map(page, DOUBS)
    for card in page.locator("#resultats [data-operator-slug]").all():
        slug = card.get_attribute("data-operator-slug")
        found = page.request.get(f"/carte/operateurs/{slug}.json").json()
        if found["town"] and any(zone["outline"] for zone in found["coverage"]):
            break
    expect(page.locator(".outline--zone")).to_have_count(0)
    link = card.locator(".operator__name a")
    if how == "mouse":
        link.hover()
    else:
        link.focus()
    expect(page.locator(".outline--zone")).not_to_have_count(0)
    expect(page.locator(".leaflet-marker-pane .is-lit")).to_have_count(1)
    expect(page.locator("[data-map-words]")).to_contain_text(found["name"])


def test_a_result_out_of_view_comes_into_view_when_pointed_at(page: Page) -> None:
    open_map(page, DOUBS)
    page.locator("[data-map-goto]").select_option("Martinique")
    expect(markers(page)).to_have_count(0)
    page.locator("#resultats .operator__name a").first.focus()
    expect(page.locator(".outline--zone").first).to_be_in_viewport()


def test_a_click_on_a_departement_filters_on_it_without_a_reload(page: Page) -> None:
    open_map(page, DOUBS)
    total = data(page, "total")
    page.locator("[data-map]").click(position={"x": 60, "y": 60})
    page.wait_for_url(re.compile(r"/carte/\?territoire=departement:(?!25)"))
    expect(page.locator("#lieu-actuel")).not_to_contain_text("Doubs")
    expect(frame(page)).not_to_have_attribute("data-total", str(total))
    expect(frame(page)).to_have_attribute("data-total", str(in_list(page)))
    assert stayed(page)


def test_the_territory_at_the_centre_is_offered_to_the_keyboard(page: Page) -> None:
    open_map(page)
    link = page.locator("[data-map-territory]")
    expect(link).to_have_attribute("href", re.compile(r"/carte/\?territoire=departement:\w+"))
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"territoire=departement:"))
    expect(page.locator("#lieu-actuel")).to_contain_text("département")
    assert stayed(page)


def test_moving_the_map_offers_to_search_there(page: Page) -> None:
    open_map(page, DOUBS)
    button = page.locator("[data-map-zone]")
    expect(button).to_be_hidden()
    page.locator("[data-map]").focus()
    page.keyboard.press("ArrowLeft")
    expect(button).to_be_visible()
    button.click()
    page.wait_for_url(re.compile(r"zone=\d+\.\d+,\d+\.\d+,\d+\.\d+,\d+\.\d+"))
    expect(page.locator(".chip", has_text="Zone de la carte")).to_be_visible()
    expect(page.locator("#sans-adresse")).not_to_contain_text("sans adresse")
    expect(frame(page)).to_have_attribute("data-total", str(in_list(page)))
    assert stayed(page)
    assert in_list(page) == data(page, "total") == data(page, "placed")


def test_a_filter_moves_list_and_map_together_and_back_undoes_it(page: Page) -> None:
    open_map(page)
    total = data(page, "total")
    page.get_by_text("Affiner la recherche").click()
    page.locator('input[name="etape"][value="emergence"]').check()
    page.wait_for_url("**/carte/?etape=emergence")
    expect(frame(page)).not_to_have_attribute("data-total", str(total))
    assert in_list(page) == data(page, "total") < total
    page.go_back()
    expect(frame(page)).to_have_attribute("data-total", str(total))
    expect(page.locator('input[name="etape"][value="emergence"]')).not_to_be_checked()


def test_closer_there_are_epci_and_names(page: Page) -> None:
    open_map(page, "/carte/?territoire=epci:200065647&zone=47.3,6.6,47.6,7")
    expect(page.locator(".outline--closer").first).to_be_attached()
    expect(page.locator(".map-name").first).to_be_attached()


def test_a_mistake_is_said_and_nothing_is_on_the_map(page: Page) -> None:
    page.goto("/carte/?etape=xyz")
    expect(page.locator("[data-error-summary]")).to_contain_text("xyz")
    expect(page.locator("[data-map-words]")).to_contain_text("un filtre n’a pas été compris")
    expect(markers(page)).to_have_count(0)


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_nothing_at_any_zoom(
    page: Page, watch: Watch, size: Any, motion: Literal["reduce", "no-preference"]
) -> None:
    page.emulate_media(reduced_motion=motion)
    open_map(page, DOUBS, size)
    page.locator("#sans-adresse summary").click()
    assert_accessible(page, watch)
    assert_no_sideways_scroll(page)
    page.locator("[data-map-goto]").select_option("France métropolitaine")
    for _ in range(4):
        assert_accessible(page, watch)
        page.get_by_role("button", name="Agrandir la carte", exact=True).click()
        assert_accessible(page, watch)  # on its way, when it moves
    assert_no_sideways_scroll(page)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_nothing_in_an_open_list(page: Page, watch: Watch, size: Any) -> None:
    page.emulate_media(reduced_motion="reduce")  # colours are not measured while it appears
    open_map(page, PARIS, size)
    counts(page).filter(has_text="au même endroit").first.click()
    expect(page.locator(".map-card__choice").first).to_be_visible()
    assert_accessible(page, watch)
    assert_no_sideways_scroll(page)


def test_without_scripts_the_list_and_its_filters_are_there(new_context: Any) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(DOUBS)
    expect(page.locator("[data-map-placeholder]")).to_contain_text("La liste dit la même chose")
    assert page.locator("#resultats [data-operator-slug]").count() == in_list(page) > 0
    page.locator("#q").fill("incubateur")
    page.locator("#q").press("Enter")
    page.wait_for_url(re.compile(r"/carte/\?.*q=incubateur"))
    assert "territoire=departement%3A25" in page.url or "territoire=departement:25" in page.url


def test_without_leaflet_the_list_says_the_same(page: Page, watch: Watch) -> None:
    page.route("**/leaflet/leaflet*.js", lambda route: route.abort())
    page.goto(DOUBS)
    expect(page.locator("[data-map-placeholder]")).to_contain_text("n’a pas pu s’afficher")
    expect(page.locator("[data-map-placeholder]")).to_contain_text("La liste dit la même chose")
    assert in_list(page) > 0
    watch.problems.clear()
