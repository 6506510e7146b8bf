"""From what people type to the pathway of their commune, with every way of using a page."""

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.browser.conftest import Watch

MONTBELIARD = re.compile(r"/parcours/25388-montbeliard/$")
NEAR_MONTBELIARD = {"latitude": 47.5101, "longitude": 6.7984}


def search_field(page: Page) -> Locator:
    return page.locator("[data-commune-input]")


def options(page: Page) -> Locator:
    return page.get_by_role("option")


def type_and_wait(page: Page, text: str) -> None:
    search_field(page).press_sequentially(text)
    expect(page.get_by_role("listbox")).to_be_visible()


def test_search_then_pick_then_pathway(page: Page) -> None:
    page.goto("/")
    type_and_wait(page, "montbelliard")
    option = page.get_by_role("option", name="Montbéliard").first
    expect(option).to_contain_text("Doubs")
    expect(option).to_contain_text("25200")
    option.click()
    page.wait_for_url(MONTBELIARD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Montbéliard")
    steps = page.locator("#parcours > li")
    assert [step.get_attribute("id") for step in steps.all()] == [
        "emergence",
        "creation",
        "developpement",
        "changement-echelle",
    ]
    path = page.locator("#parcours")
    for name in ("France Active Franche-Comté", "DLA Doubs", "Générateur Bourgogne-Franche-Comté"):
        expect(path.locator("[data-operator-slug]", has_text=name)).not_to_have_count(0)
    relays = path.locator('[data-operator-slug="dla-doubs"]').first.locator(".relays")
    expect(relays).to_contain_text("France Active Franche-Comté")


@pytest.mark.browser_context_args(has_touch=True, viewport={"width": 360, "height": 740})
def test_a_finger_picks_a_commune(page: Page) -> None:
    page.goto("/")
    type_and_wait(page, "montbéliard")
    page.get_by_role("option", name="Montbéliard").first.tap()
    page.wait_for_url(MONTBELIARD)


def test_a_former_name_says_which_commune_it_is_today(page: Page) -> None:
    page.goto("/")
    type_and_wait(page, "Annecy-le-Vieux")
    option = options(page).first
    expect(option).to_contain_text("Annecy")
    expect(option).to_contain_text("ancien nom\u00a0: Annecy-le-Vieux")


class TestKeyboard:
    """The editable combobox with list autocomplete of the W3C ARIA Authoring Practices Guide."""

    def active(self, page: Page) -> str | None:
        """Text of the option that assistive technology is told about."""
        return page.evaluate(
            """() => {
                const id = document.activeElement.getAttribute("aria-activedescendant");
                return id && document.querySelector(`#${id} .listbox__name`).textContent;
            }"""
        )

    def test_nothing_but_the_keyboard_from_home_to_pathway(self, page: Page) -> None:
        page.goto("/")
        page.keyboard.press("Tab")
        expect(page.locator(".skip-link")).to_be_focused()
        page.keyboard.press("Enter")
        for _ in range(10):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('[data-commune-input]')"):
                break
        expect(search_field(page)).to_be_focused()
        type_and_wait(page, "montbéliard")
        page.keyboard.press("ArrowDown")
        assert self.active(page) == "Montbéliard"
        page.keyboard.press("Enter")
        page.wait_for_url(MONTBELIARD)

    def test_the_arrows_go_round_and_the_focus_stays_in_the_field(self, page: Page) -> None:
        page.goto("/")
        type_and_wait(page, "saint-denis")
        field = search_field(page)
        expect(field).to_have_attribute("aria-expanded", "true")
        assert self.active(page) is None
        names = options(page).locator(".listbox__name").all_text_contents()
        assert len(names) > 2
        page.keyboard.press("ArrowUp")
        expect(options(page).last).to_have_attribute("aria-selected", "true")
        page.keyboard.press("ArrowDown")
        expect(options(page).first).to_have_attribute("aria-selected", "true")
        expect(page.locator('[role=option][aria-selected="true"]')).to_have_count(1)
        expect(field).to_be_focused()

    def test_home_and_end_go_back_to_the_text(self, page: Page) -> None:
        page.goto("/")
        type_and_wait(page, "saint-denis")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Home")
        assert self.active(page) is None
        caret = "() => document.activeElement.selectionStart"
        assert page.evaluate(caret) == 0
        page.keyboard.press("ArrowDown")
        page.keyboard.press("End")
        assert page.evaluate(caret) == len("saint-denis")

    def test_escape_closes_then_empties(self, page: Page) -> None:
        page.goto("/")
        type_and_wait(page, "saint-denis")
        page.keyboard.press("Escape")
        expect(page.get_by_role("listbox")).to_be_hidden()
        expect(search_field(page)).to_have_attribute("aria-expanded", "false")
        expect(search_field(page)).to_have_value("saint-denis")
        page.keyboard.press("Escape")
        expect(search_field(page)).to_have_value("")

    def test_tab_closes_without_choosing(self, page: Page) -> None:
        page.goto("/")
        type_and_wait(page, "saint-denis")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        expect(page.get_by_role("listbox")).to_be_hidden()
        expect(page.get_by_role("button", name="Chercher")).to_be_focused()

    def test_enter_without_a_choice_sends_the_plain_form(self, page: Page) -> None:
        page.goto("/")
        type_and_wait(page, "saint-denis")
        page.keyboard.press("Enter")
        page.wait_for_url("**/communes/?q=saint-denis")


def test_how_many_communes_answer_is_announced(page: Page) -> None:
    page.goto("/")
    status = page.get_by_role("status")
    expect(status).to_have_attribute("aria-live", "polite")
    type_and_wait(page, "51300")
    expect(status).to_have_text("46 communes, utilisez les flèches.")
    search_field(page).fill("xyzzy")
    expect(status).to_have_text(re.compile("^Aucune commune trouvée"))
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_the_door_chosen_at_home_travels_along(page: Page) -> None:
    page.goto("/?profil=besoin")
    type_and_wait(page, "montbéliard")
    page.get_by_role("option", name="Montbéliard").first.click()
    page.wait_for_url("**/parcours/25388-montbeliard/?profil=besoin")


def test_a_network_that_fails_leaves_the_plain_form(page: Page, watch: Watch) -> None:
    page.goto("/")
    page.route("**/api/v1/communes?*", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        search_field(page).press_sequentially("montbéliard")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/communes/?q=montb%C3%A9liard")
    watch.forgive("Failed to load resource: net::ERR_FAILED")


def test_a_slow_answer_to_what_was_typed_before_is_not_shown(page: Page) -> None:
    page.goto("/")
    held: list[Route] = []
    page.route("**/api/v1/communes?q=rennes", lambda route: held.append(route))
    with page.expect_request("**/api/v1/communes?q=rennes"):
        search_field(page).press_sequentially("rennes")
    with page.expect_event("requestfailed"):  # given up, not only forgotten
        search_field(page).fill("montbéliard")
    expect(options(page).first).to_contain_text("Montbéliard")
    assert len(held) == 1


class TestWithoutJavaScript:
    @pytest.fixture
    def page(self, new_context) -> Page:
        return new_context(java_script_enabled=False).new_page()

    def test_the_plain_form_leads_to_the_pathway(self, page: Page) -> None:
        page.goto("/")
        expect(page.get_by_role("button", name="Autour de moi")).to_be_hidden()
        page.locator("[data-commune-input]").fill("montbelliard")
        page.get_by_role("button", name="Chercher").click()
        page.wait_for_url("**/communes/?q=montbelliard")
        page.get_by_role("link", name="Montbéliard", exact=True).click()
        page.wait_for_url(MONTBELIARD)
        expect(page.locator("#parcours > li")).to_have_count(4)
        expect(page.locator("#parcours")).to_contain_text("France Active Franche-Comté")

    def test_the_door_chosen_at_home_travels_along(self, page: Page) -> None:
        page.goto("/?profil=idee")
        page.locator("[data-commune-input]").fill("montbéliard")
        page.get_by_role("button", name="Chercher").click()
        page.get_by_role("link", name="Montbéliard", exact=True).click()
        page.wait_for_url("**/parcours/25388-montbeliard/?profil=idee")


class TestAroundMe:
    @pytest.fixture
    def somewhere(self, new_context) -> BrowserContext:
        return new_context(permissions=["geolocation"], geolocation=NEAR_MONTBELIARD)

    def test_the_nearest_communes_are_proposed_to_confirm(self, somewhere: BrowserContext) -> None:
        page = somewhere.new_page()
        page.goto("/")
        with page.expect_request("**/communes/proches/") as asked:
            page.get_by_role("button", name="Autour de moi").click()
        assert asked.value.method == "POST"
        assert asked.value.post_data == "latitude=47.510&longitude=6.798"
        expect(options(page).first).to_contain_text("Montbéliard")
        expect(options(page).first).to_contain_text("km")
        expect(page.get_by_role("status")).to_have_text(
            re.compile(r"^\d+ communes autour de vous, utilisez les flèches")
        )
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(MONTBELIARD)
        assert somewhere.cookies() == []
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0

    def test_a_refusal_is_said_and_typing_still_works(self, page: Page) -> None:
        page.goto("/")
        page.get_by_role("button", name="Autour de moi").click()
        expect(page.get_by_role("status")).to_contain_text("n’a pas donné accès à votre position")
        type_and_wait(page, "montbéliard")

    @pytest.mark.parametrize(
        ("code", "words"),
        [(2, "n’a pas pu être trouvée"), (3, "a pris trop de temps")],
        ids=["unavailable", "timeout"],
    )
    def test_a_position_that_does_not_come_is_said(self, page: Page, code: int, words: str) -> None:
        page.add_init_script(
            f"navigator.geolocation.getCurrentPosition = (found, failed) =>failed({{code: {code}}})"
        )
        page.goto("/")
        page.get_by_role("button", name="Autour de moi").click()
        expect(page.get_by_role("status")).to_contain_text(words)

    def test_a_browser_that_knows_no_position_is_not_asked(self, page: Page) -> None:
        page.add_init_script("delete Navigator.prototype.geolocation")
        page.goto("/")
        expect(search_field(page)).to_have_attribute("role", "combobox")
        expect(page.get_by_role("button", name="Autour de moi")).to_be_hidden()
