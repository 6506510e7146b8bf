"""The map of a place and of an operator: nothing hidden, and usable without a mouse."""

import json
import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.addresses import MONTBELIARD
from tests.browser.conftest import Watch

RENNES = "/parcours/35238-rennes/"


def map_data(page: Page) -> dict:
    source = page.locator("[data-pathway-map]").get_attribute("data-source")
    return json.loads(page.locator(f"#{source}").text_content() or "")


def placed(page: Page) -> list[dict]:
    return [marker for marker in map_data(page)["markers"] if marker["latitude"] is not None]


def markers(page: Page) -> Locator:
    return page.locator("[data-pathway-map] .leaflet-marker-pane [role=button]")


def drawn(page: Page, pane: str) -> Locator:
    return page.locator(f"[data-pathway-map] .leaflet-{pane}-pane path")


def open_map(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("[data-map-placeholder]")).to_have_count(0)
    expect(drawn(page, "place")).not_to_have_count(0)


@pytest.mark.parametrize("address", [MONTBELIARD, RENNES, "/parcours/75056-paris/"])
def test_every_operator_with_a_position_is_on_the_map(page: Page, address: str) -> None:
    open_map(page, address)
    found = 0
    for marker in markers(page).all():
        group = re.match(r"(\d+) structures", marker.get_attribute("aria-label") or "")
        found += int(group[1]) if group else 1
    assert found == len(placed(page)) > 0


def test_no_marker_hides_another(page: Page) -> None:
    open_map(page, RENNES)
    boxes = [marker.bounding_box() for marker in markers(page).all()]
    centres = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes if box]
    for index, (x, y) in enumerate(centres):
        for other_x, other_y in centres[:index]:
            assert abs(x - other_x) + abs(y - other_y) > 20


def test_many_operators_at_one_place_are_one_count_that_lists_them(page: Page) -> None:
    def crowd(route: Route) -> None:
        answer = route.fetch()
        head, start, rest = answer.text().partition('<script id="pathway-map-data"')
        attributes, _, rest = rest.partition(">")
        data, end, rest = rest.partition("</script>")
        content = json.loads(data)
        first = next(one for one in content["markers"] if one["latitude"] is not None)
        content["markers"] = [
            {**first, "slug": f"one-{number}", "name": f"Structure {number}"}
            for number in range(1, 11)
        ]
        body = f"{head}{start}{attributes}>{json.dumps(content)}{end}{rest}"
        route.fulfill(response=answer, body=body)

    page.route(f"**{MONTBELIARD}", crowd)
    open_map(page, MONTBELIARD)
    group = page.get_by_role("button", name="10 structures au même endroit")
    expect(markers(page)).to_have_count(1)
    expect(group).to_have_text("10")
    group.focus()
    page.keyboard.press("Space")
    links = page.locator(".leaflet-popup-content a")
    expect(links.first).to_be_focused()
    assert links.all_text_contents() == [f"Structure {number}" for number in range(1, 11)]


def test_a_marker_says_its_name_and_kind_and_opens_from_the_keyboard(page: Page) -> None:
    open_map(page, MONTBELIARD)
    on_map = page.locator("[data-pathway-map]")
    operator = next(
        one for one in placed(page) if on_map.get_by_role("button", name=one["name"]).count() == 1
    )
    marker = on_map.get_by_role("button", name=operator["name"])
    expect(marker).to_have_accessible_name(re.compile(re.escape(operator["kind"])))
    marker.focus()
    page.keyboard.press("Enter")
    link = page.locator(".leaflet-popup a", has_text=operator["name"])
    expect(link).to_be_focused()
    expect(link).to_have_attribute("href", operator["url"])
    page.keyboard.press("Escape")
    expect(page.locator(".leaflet-popup-content")).to_have_count(0)
    expect(marker).to_be_focused()


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
def test_pointing_at_a_card_shows_where_the_operator_intervenes(page: Page, how: str) -> None:
    open_map(page, RENNES)
    data = map_data(page)
    drawn_from_the_start = [data["place"]["outline"], *data["context"]]
    operator = next(
        one
        for one in data["markers"]
        if one["coverage"] and one["coverage"] not in drawn_from_the_start
    )
    expect(drawn(page, "coverage")).to_have_count(0)
    card = page.locator(f'[data-operator-slug="{operator["slug"]}"]').first
    with page.expect_response(f"**{operator['coverage']}"):
        if how == "mouse":
            card.hover()
        else:
            card.get_by_role("link").first.focus()
    expect(drawn(page, "coverage")).not_to_have_count(0)
    caption = page.locator("figure", has=page.locator("[data-pathway-map]")).locator("figcaption")
    expect(caption).to_contain_text(operator["coverage_label"])


def test_a_place_of_unknown_position_has_no_empty_map(page: Page) -> None:
    page.goto("/parcours/97502-saint-pierre/")
    expect(page.locator("#parcours > li")).to_have_count(4)
    expect(page.locator("[data-pathway-map]")).to_have_count(0)


@pytest.mark.parametrize("address", [MONTBELIARD, "/parcours/75056-paris/"])
def test_a_page_names_no_outline_that_is_missing(page: Page, address: str) -> None:
    page.goto(address)
    data = map_data(page)
    named = {data["place"]["outline"], *data["context"]}
    named |= {marker["coverage"] for marker in data["markers"]}
    for outline in named - {None}:
        assert page.request.get(outline).status == 200, outline


def test_the_map_has_no_link_to_anyone_and_names_its_source(page: Page) -> None:
    open_map(page, MONTBELIARD)
    attribution = page.locator(".leaflet-control-attribution")
    expect(attribution).to_have_text("© Etalab, découpage administratif")
    expect(attribution.locator("a, svg")).to_have_count(0)


def test_the_page_scrolls_over_the_map_until_someone_enters_it(page: Page) -> None:
    open_map(page, MONTBELIARD)
    box = page.locator("[data-pathway-map]").bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.wheel(0, 300)
    expect(page.locator(".site-header")).not_to_be_in_viewport()


@pytest.mark.parametrize("broken", ["leaflet", "data"])
def test_a_map_that_fails_says_that_the_list_tells_the_same(
    page: Page, watch: Watch, broken: str
) -> None:
    if broken == "leaflet":
        page.route("**/leaflet/leaflet*.js", lambda route: route.abort())
    else:
        page.add_init_script("JSON.parse = () => { throw new Error('broken') }")
    page.goto(MONTBELIARD)
    expect(page.locator("[data-pathway-map]")).to_contain_text("La liste ci-dessous dit la même")
    watch.forgive("Failed to load resource: net::ERR_FAILED", "La carte n’a pas pu")


def test_the_page_of_an_operator_shows_where_it_intervenes(page: Page) -> None:
    page.goto(MONTBELIARD)
    page.locator(".operator__name a").first.click()
    page.wait_for_url("**/operateurs/*/")
    expect(drawn(page, "coverage")).not_to_have_count(0)


def test_nothing_moves_for_those_who_asked_for_stillness(new_context) -> None:
    page = new_context(reduced_motion="reduce").new_page()
    open_map(page, MONTBELIARD)
    expect(page.locator(".leaflet-zoom-anim, .leaflet-fade-anim")).to_have_count(0)
