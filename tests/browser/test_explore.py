"""The search of operators: the list follows each change, and the plain form says the same."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.addresses import OPERATORS
from tests.browser.conftest import Watch
from tests.browser.test_pages import (
    DESK,
    PHONE,
    WITHOUT_MAP,
    assert_accessible,
    assert_no_sideways_scroll,
    examine,
)

BRETAGNE = "/operateurs/?territoire=region:53"
NOTHING = "/operateurs/?q=dla&territoire=region:53&etape=creation"
SECOND_PAGE = "/operateurs/?etape=emergence&page=2"
MISTAKEN = "/operateurs/?etape=xyz&territoire=foo:1"
AMBIGUOUS = "/operateurs/?lieu=rennes&etape=creation"
STATES = {
    "everything": OPERATORS,
    "a territory and words": BRETAGNE + "&q=incubateur&etape=emergence",
    "nothing": NOTHING,
    "a mistake": MISTAKEN,
    "which place": AMBIGUOUS,
    "second page": SECOND_PAGE,
}


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """As long as the other waits of the browser tests: a machine may be busy."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=30_000)


def open_search(page: Page, address: str = OPERATORS) -> None:
    """The page with its scripts at work."""
    page.set_viewport_size(DESK)
    page.goto(address)
    expect(page.locator("[data-territory-input]")).to_have_attribute("role", "combobox")
    page.evaluate("window.stayed = true")


def stayed(page: Page) -> bool:
    """Whether the page has not been loaded again since `open_search`."""
    return bool(page.evaluate("window.stayed === true"))


def fold(page: Page) -> Locator:
    return page.locator("#plus-reseau")


class TestFoldedOptions:
    def test_the_summary_says_how_many_there_are_and_how_many_are_empty(self, page: Page) -> None:
        open_search(page, "/operateurs/?territoire=departement:25")
        rest = fold(page).locator(".facet__option")
        empty = fold(page).locator(".facet__option--none")
        summary = fold(page).locator("summary")
        expect(summary.locator(".facet__unfold")).to_have_text(
            f"Voir les {rest.count()} autres, dont {empty.count()} vides"
        )
        page.locator('input[name="etape"][value="changement-echelle"]').check()
        page.wait_for_url("**etape=changement-echelle*")
        expect(summary).to_contain_text(re.compile(r"dont \d+ vides|toutes vides"))
        expect(summary).to_contain_text(f"{empty.count()} vides")

    def test_it_unfolds_and_folds_from_the_keyboard_without_losing_the_focus(
        self, page: Page
    ) -> None:
        open_search(page)
        summary = fold(page).locator("summary")
        summary.focus()
        page.keyboard.press("Enter")
        expect(fold(page).locator(".facet__option").first).to_be_visible()
        expect(summary).to_be_focused()
        expect(summary.locator(".facet__fold")).to_be_visible()
        page.keyboard.press("Tab")
        expect(fold(page).locator("input").first).to_be_focused()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Enter")
        expect(fold(page).locator(".facet__option").first).to_be_hidden()
        expect(summary).to_be_focused()

    def test_it_is_open_when_one_inside_is_in_use_and_when_back_brings_one(
        self, page: Page
    ) -> None:
        chosen = "/operateurs/?reseau=dla"
        open_search(page, chosen)
        expect(page.locator('input[name="reseau"][value="dla"]')).to_be_visible()
        expect(fold(page)).to_have_attribute("open", "")
        page.locator(".chip").first.click()
        page.wait_for_url(re.compile(r"/operateurs/$"))
        expect(fold(page)).to_have_attribute("open", "")  # nothing closes by itself
        fold(page).locator("summary").click()
        expect(fold(page)).not_to_have_attribute("open", "")
        page.go_back()
        expect(page.locator('input[name="reseau"][value="dla"]')).to_be_checked()
        expect(fold(page)).to_have_attribute("open", "")

    def test_it_works_without_scripts(self, new_context: Any) -> None:
        page = new_context(java_script_enabled=False, viewport=DESK).new_page()
        page.goto(OPERATORS)
        expect(fold(page).locator("input").first).to_be_hidden()
        fold(page).locator("summary").press("Enter")
        fold(page).locator('input[name="reseau"][value="dla"]').check()
        page.get_by_role("button", name="Chercher").click()
        page.wait_for_url("**reseau=dla*")
        expect(fold(page).locator('input[name="reseau"][value="dla"]')).to_be_visible()


def asked(page: Page) -> list[tuple[str, str]]:
    return sorted(parse_qsl(urlsplit(page.url).query, keep_blank_values=True))


def title(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def box(page: Page, name: str, value: str) -> Locator:
    return page.locator(f'input[name="{name}"][value="{value}"]')


def count_of(page: Page, name: str, value: str) -> int:
    """What the count beside a box says."""
    text = page.locator("label", has=box(page, name, value)).locator(".facet__count").inner_text()
    return int(re.sub(r"\D", "", text) or 0)


def total(page: Page) -> int:
    """The number that the title says."""
    return int(re.sub(r"\D", "", title(page).inner_text().split("structure")[0]) or 0)


def names(page: Page) -> list[str]:
    return page.locator("#resultats .operator__name").all_inner_texts()


@pytest.mark.parametrize("address", STATES.values(), ids=STATES.keys())
def test_every_state_is_accessible_and_fits(page: Page, watch: Watch, address: str) -> None:
    page.set_viewport_size(DESK)
    page.goto(address)
    examine(page, watch)
    assert page.context.cookies() == []


def test_the_open_filters_and_the_open_list_are_accessible(page: Page, watch: Watch) -> None:
    page.set_viewport_size(PHONE)
    page.goto(BRETAGNE)
    page.locator("[data-explore-panel] > summary").click()
    page.locator("[data-territory-input]").press_sequentially("rennes")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert_accessible(page, watch)
    assert_no_sideways_scroll(page)


class TestWithScripts:
    def test_a_box_changes_list_counts_chips_address_and_title(self, page: Page) -> None:
        open_search(page)
        expected = count_of(page, "etape", "emergence")
        box(page, "etape", "emergence").check()
        expect(page).to_have_url(re.compile(r"/operateurs/\?etape=emergence$"))
        expect(title(page)).to_contain_text(f"{expected} structures")
        expect(title(page)).to_contain_text("Émergence")
        expect(page).to_have_title(re.compile("Émergence"))
        expect(page.locator(".chip")).to_have_text([re.compile("Émergence")])
        assert count_of(page, "etape", "emergence") == expected
        assert stayed(page)

    def test_several_values_of_a_filter_add_up_in_the_address(self, page: Page) -> None:
        open_search(page)
        box(page, "etape", "emergence").check()
        box(page, "etape", "creation").check()
        expect(page.locator(".chip")).to_have_count(2)
        assert asked(page) == [("etape", "creation"), ("etape", "emergence")]

    def test_the_focus_stays_and_the_page_does_not_move(self, page: Page) -> None:
        open_search(page)
        one = box(page, "thematique", "numerique")
        one.focus()
        page.keyboard.press("Space")
        expect(page.locator(".chip")).to_have_count(1)
        expect(one).to_be_focused()
        expect(one).to_be_checked()
        page.keyboard.press("Space")
        expect(page.locator(".chip")).to_have_count(0)
        expect(one).to_be_focused()
        assert stayed(page)

    def test_typing_follows_and_nothing_typed_is_lost(self, page: Page) -> None:
        open_search(page)
        words = page.locator("#q")
        words.press_sequentially("incuba", delay=20)
        expect(page).to_have_url(re.compile(r"\?q=incuba$"))
        words.press_sequentially("teur", delay=20)
        expect(page).to_have_url(re.compile(r"\?q=incubateur$"))
        expect(words).to_be_focused()
        expect(words).to_have_value("incubateur")
        expect(page.locator("#resultats mark").first).to_have_text(
            re.compile("^incub", re.IGNORECASE)
        )
        assert stayed(page)

    def test_the_same_question_is_not_asked_twice(self, page: Page) -> None:
        open_search(page)
        before = page.evaluate("history.length")
        page.locator("#q").fill("incubateur")
        expect(page).to_have_url(re.compile(r"\?q=incubateur$"))
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        box(page, "etape", "creation").check()
        expect(page.locator(".chip")).to_have_count(2)
        assert page.evaluate("history.length") == before + 2

    def test_back_and_forward_say_what_the_address_says(self, page: Page) -> None:
        open_search(page)
        everything = title(page).inner_text()
        box(page, "etape", "emergence").check()
        expect(title(page)).to_contain_text("Émergence")
        box(page, "thematique", "numerique").check()
        expect(title(page)).to_contain_text("Numérique")
        page.go_back()
        expect(title(page)).not_to_contain_text("Numérique")
        expect(box(page, "etape", "emergence")).to_be_checked()
        expect(box(page, "thematique", "numerique")).not_to_be_checked()
        page.go_back()
        expect(title(page)).to_have_text(everything)
        expect(box(page, "etape", "emergence")).not_to_be_checked()
        page.go_forward()
        expect(title(page)).to_contain_text("Émergence")
        expect(box(page, "etape", "emergence")).to_be_checked()
        assert stayed(page)

    def test_back_from_an_operator_finds_the_search_again(self, page: Page) -> None:
        open_search(page)
        box(page, "etape", "emergence").check()
        expect(title(page)).to_contain_text("Émergence")
        said = title(page).inner_text()
        page.locator(".operator__name a").first.click()
        page.wait_for_url(re.compile(r"/operateurs/[\w-]+/$"))
        page.go_back()
        expect(title(page)).to_have_text(said)
        expect(box(page, "etape", "emergence")).to_be_checked()

    def test_a_chip_takes_its_filter_off_and_hands_the_focus_on(self, page: Page) -> None:
        open_search(page, BRETAGNE + "&q=incubateur&etape=emergence")
        page.get_by_role("link", name=re.compile("Retirer.*incubateur")).focus()
        page.keyboard.press("Enter")
        expect(page.locator(".chip")).to_have_count(2)
        expect(page.locator("#q")).to_have_value("")
        expect(page.locator(".chip").first).to_be_focused()
        page.get_by_role("link", name=re.compile("Retirer.*Bretagne")).press("Enter")
        expect(page.locator(".chip")).to_have_count(1)
        expect(page.locator('input[name="territoire"]')).to_have_count(0)
        page.locator(".chip").press("Enter")
        expect(page.locator(".chip")).to_have_count(0)
        expect(page.locator("#resultats-titre")).to_be_focused()
        expect(box(page, "etape", "emergence")).not_to_be_checked()
        assert asked(page) == []
        assert stayed(page)

    def test_changes_are_announced(self, page: Page) -> None:
        open_search(page)
        status = page.locator("[data-explore-status]")
        expect(status).to_have_text("")
        box(page, "etape", "creation").check()
        expect(status).to_have_text(re.compile(r"^\d+ structures.*Création"))

    def test_a_territory_is_picked_with_the_keyboard(self, page: Page) -> None:
        open_search(page, "/operateurs/?etape=emergence")
        place = page.locator("[data-territory-input]")
        place.press_sequentially("rennes metropole")
        expect(page.get_by_role("option").first).to_contain_text("Rennes Métropole")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(title(page)).to_contain_text("Rennes Métropole")
        assert asked(page) == [("etape", "emergence"), ("territoire", "epci:243500139")]
        expect(place).to_have_value("")
        expect(place).to_be_focused()
        expect(page.locator("#lieu-actuel")).to_contain_text("Rennes Métropole")
        expect(page.locator("#filtre-portee")).to_be_visible()
        assert stayed(page)

    def test_another_territory_replaces_the_first(self, page: Page) -> None:
        open_search(page, BRETAGNE)
        page.locator("[data-territory-input]").press_sequentially("25200")
        page.get_by_role("option", name=re.compile("^Montbéliard")).click()
        expect(title(page)).to_contain_text("Montbéliard")
        assert asked(page) == [("territoire", "commune:25388")]

    def test_the_order_is_chosen_without_losing_the_rest(self, page: Page) -> None:
        open_search(page, BRETAGNE)
        page.get_by_role("link", name="Par nom").click()
        expect(page).to_have_url(re.compile("ordre=nom"))
        expect(page.locator("#ordre-nom")).to_have_attribute("aria-current", "true")
        box(page, "etape", "creation").check()
        expect(title(page)).to_contain_text("Création")
        assert asked(page) == [
            ("etape", "creation"),
            ("ordre", "nom"),
            ("territoire", "region:53"),
        ]
        assert stayed(page)

    def test_a_relaxed_filter_gives_what_was_promised(self, page: Page) -> None:
        open_search(page, NOTHING)
        line = page.locator(".explore__relax li").first
        promised = int(re.sub(r"\D", "", line.locator("span").inner_text()))
        line.get_by_role("link").click()
        expect(page.locator(".operator").first).to_be_visible()
        assert total(page) == promised
        assert stayed(page)

    def test_an_answer_that_does_not_come_is_said(self, page: Page, watch: Watch) -> None:
        open_search(page)
        page.route("**/operateurs/?etape=*", lambda route: route.abort())
        box(page, "etape", "creation").check()
        failure = page.locator("[data-explore-failure]")
        expect(failure).to_be_visible()
        page.unroute("**/operateurs/?etape=*")
        failure.get_by_role("link").click()
        expect(title(page)).to_contain_text("Création")
        watch.forgive("Failed to load resource: net::ERR_FAILED", "htmx:")

    def test_nothing_is_kept_in_the_browser_but_the_address(self, page: Page) -> None:
        open_search(page)
        box(page, "etape", "creation").check()
        expect(page.locator(".chip")).to_have_count(1)
        assert page.context.cookies() == []
        kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
        assert "<" not in kept  # no copy of the page


class TestOnAPhone:
    @pytest.fixture
    def phone(self, new_context) -> Page:
        page = new_context(viewport=PHONE, has_touch=True).new_page()
        page.goto(OPERATORS)
        return page

    def test_the_filters_are_folded_and_lead_back_to_the_results(self, phone: Page) -> None:
        panel = phone.locator("[data-explore-panel]")
        expect(phone.locator("#facettes")).to_be_hidden()
        panel.locator("summary").first.tap()
        expected = count_of(phone, "etape", "emergence")
        phone.locator("label", has=box(phone, "etape", "emergence")).tap()
        show = phone.locator("[data-explore-apply]")
        expect(show).to_have_text(f"Voir les {expected} structures")
        expect(show).to_be_in_viewport()
        show.tap()
        expect(phone.locator("#facettes")).to_be_hidden()
        expect(phone.locator("#resultats-titre")).to_be_focused()
        expect(phone.locator("#resultats-titre")).to_be_in_viewport()


class TestWithoutScripts:
    @pytest.fixture
    def page(self, new_context) -> Page:
        return new_context(java_script_enabled=False, viewport=DESK).new_page()

    def test_the_plain_form_asks_the_same(self, page: Page) -> None:
        page.goto(OPERATORS)
        expected = count_of(page, "etape", "emergence")
        page.locator("#q").fill("")
        box(page, "etape", "emergence").check()
        page.get_by_role("button", name="Chercher").click()
        page.wait_for_url("**/operateurs/?*etape=emergence*")
        assert total(page) == expected
        expect(box(page, "etape", "emergence")).to_be_checked()

    def test_a_territory_is_picked_by_name(self, page: Page) -> None:
        page.goto("/operateurs/?etape=emergence")
        page.locator("#lieu").fill("rennes")
        page.get_by_role("button", name="Chercher").click()
        page.locator(".explore__places").get_by_role("link", name="Rennes Métropole").click()
        expect(title(page)).to_contain_text("Rennes Métropole")
        expect(title(page)).to_contain_text("Émergence")
        page.locator("#q").fill("incubateur")
        page.get_by_role("button", name="Chercher").click()
        expect(title(page)).to_contain_text("Rennes Métropole")
        expect(title(page)).to_contain_text("incubateur")

    def test_the_filters_open_on_a_phone(self, new_context) -> None:
        page = new_context(java_script_enabled=False, viewport=PHONE).new_page()
        page.goto(OPERATORS)
        expect(page.locator("#facettes")).to_be_hidden()
        page.locator("[data-explore-panel] > summary").click()
        box(page, "etape", "creation").check()
        page.locator("[data-explore-apply]").click()
        expect(title(page)).to_contain_text("Création")

    def test_pages_keep_the_whole_question(self, page: Page) -> None:
        page.goto(BRETAGNE + "&ordre=nom")
        first = names(page)
        page.get_by_role("link", name="Page suivante").click()
        assert asked(page) == [("ordre", "nom"), ("page", "2"), ("territoire", "region:53")]
        assert not set(first) & set(names(page))

    def test_a_mistake_is_said_next_to_its_filter_and_nothing_is_listed(self, page: Page) -> None:
        answer = page.goto(MISTAKEN)
        assert answer and answer.status == 400
        expect(page.locator("#filtre-etape .field__error")).to_contain_text("xyz")
        expect(page.locator("#lieu")).to_have_attribute("aria-invalid", "true")
        assert names(page) == []

    def test_an_option_that_gives_nothing_stays_and_says_so(self, page: Page) -> None:
        page.goto(NOTHING)
        label = page.locator("label", has=box(page, "etape", "creation"))
        expect(label).to_contain_text("aucune")
        expect(box(page, "etape", "creation")).to_be_enabled()

    def test_a_chosen_option_is_never_folded_away(self, page: Page) -> None:
        page.goto(OPERATORS)
        last = page.locator("#filtre-reseau input").last
        expect(last).to_be_hidden()
        page.goto(f"{OPERATORS}?reseau={last.get_attribute('value')}")
        expect(page.locator("#filtre-reseau input").last).to_be_visible()
        expect(page.locator("#filtre-reseau input").last).to_be_checked()

    def test_every_count_is_what_its_option_gives(self, page: Page) -> None:
        page.goto(BRETAGNE)
        promised = {
            slug: count_of(page, "etape", slug)
            for slug in ("emergence", "creation", "developpement", "changement-echelle")
        }
        for slug, number in promised.items():
            page.goto(f"{BRETAGNE}&etape={slug}")
            assert total(page) == number, slug

    def test_the_downloads_are_of_the_same_question(self, page: Page) -> None:
        page.goto(BRETAGNE + "&etape=creation")
        for link in page.locator(".explore__take a").all():
            address = link.get_attribute("href") or ""
            assert sorted(parse_qsl(urlsplit(address).query)) == [
                ("etape", "creation"),
                ("territoire", "region:53"),
            ]
            assert page.request.get(address).status == 200


@pytest.mark.parametrize("address", [OPERATORS, BRETAGNE + "&q=accompagnement", NOTHING])
def test_the_search_is_light(page: Page, address: str) -> None:
    done: list[Request] = []
    page.on("requestfinished", lambda request: done.append(request))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    sizes = [request.sizes() for request in done]
    weight = sum(size["responseHeadersSize"] + size["responseBodySize"] for size in sizes)
    assert weight <= WITHOUT_MAP


def test_a_printed_search_has_its_title_and_results_alone(page: Page) -> None:
    page.goto(BRETAGNE)
    page.emulate_media(media="print")
    expect(title(page)).to_be_visible()
    expect(page.locator("#resultats .operator").first).to_be_visible()
    for hidden in ("#recherche", ".explore__take", ".site-nav"):
        expect(page.locator(hidden)).to_be_hidden()
