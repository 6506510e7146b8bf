"""« Ma sélection »: kept in this browser alone, opened anywhere from a link of codes."""

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from directory.selection import LIMIT
from tests.browser.addresses import MONTBELIARD
from tests.browser.conftest import Watch
from tests.browser.test_pages import (
    DESK,
    PHONE,
    SMALLEST,
    assert_accessible,
    assert_no_sideways_scroll,
    examine,
)

KEY = "parcours-ess.selection"
ADESS, DLA, CRESS = "adess-cornouaille", "dla-cornouaille-morlaix", "cress-bretagne"
CALL = "ess-metropole-rouen-2025"
LINK = f"/selection/?o={ADESS}&o={DLA}&a={CALL}"
CODES = [f"o:{ADESS}", f"o:{DLA}", f"a:{CALL}"]


def kept(page: Page) -> list[str]:
    """The codes that the browser keeps."""
    return json.loads(page.evaluate(f"localStorage.getItem('{KEY}')") or "[]")


def keep(page: Page, codes: list[str]) -> None:
    """Have these codes kept, as another page would have."""
    if not page.url.startswith("http"):
        page.goto("/mentions-legales/")
    page.evaluate("([key, codes]) => localStorage.setItem(key, codes)", [KEY, json.dumps(codes)])


def entry(page: Page) -> Locator:
    """The way to the selection, in the header."""
    return page.locator("[data-selection-entry] a")


def message(page: Page) -> Locator:
    return page.locator("main > [aria-live=polite]").last


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name)


def open_mine(page: Page, codes: list[str]) -> None:
    """The page of the visitor's own selection, from its bare address."""
    keep(page, codes)
    page.goto("/selection/")
    page.wait_for_url("**/selection/?*")
    expect(page.locator("[data-roadmap-clear]")).to_be_visible()


class TestKeeping:
    def test_a_card_is_kept_announced_and_counted_then_taken_off(self, page: Page) -> None:
        page.goto(MONTBELIARD)
        expect(entry(page)).to_have_text("Ma sélection")
        toggle = page.locator("article [data-keep]").first
        name = toggle.get_attribute("data-keep-label") or ""
        expect(toggle).to_have_accessible_name(f"Garder {name} dans ma sélection")
        expect(toggle).to_have_attribute("aria-pressed", "false")
        toggle.click()
        expect(toggle).to_have_attribute("aria-pressed", "true")
        expect(entry(page)).to_have_text("Ma sélection (1)")
        expect(message(page)).to_contain_text(f"{name}\u00a0» est dans votre sélection")
        assert kept(page) == [toggle.get_attribute("data-keep")]
        toggle.click()
        expect(toggle).to_have_attribute("aria-pressed", "false")
        expect(entry(page)).to_have_text("Ma sélection")
        assert kept(page) == []

    def test_the_keyboard_alone_keeps_and_the_focus_stays(self, page: Page) -> None:
        page.goto(MONTBELIARD)
        toggle = page.locator("article [data-keep]").first
        toggle.focus()
        for key, pressed in (("Space", "true"), ("Enter", "false")):
            page.keyboard.press(key)
            expect(toggle).to_have_attribute("aria-pressed", pressed)
            expect(toggle).to_be_focused()

    def test_one_operator_at_several_stages_is_one_choice(self, page: Page) -> None:
        page.goto(MONTBELIARD)
        codes = [one.get_attribute("data-keep") for one in page.locator("[data-keep]").all()]
        code = next(code for code in codes if code and codes.count(code) > 1)
        same = page.locator(f'[data-keep="{code}"]')
        same.first.click()
        for toggle in same.all():
            expect(toggle).to_have_attribute("aria-pressed", "true")
        assert kept(page) == [code]

    def test_operators_and_calls_are_kept_wherever_they_are_met(self, page: Page) -> None:
        page.goto(MONTBELIARD)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        for where in ("article.operator", "li.operator-line", "li.call"):
            page.locator(f"{where} [data-keep]").first.click()
        page.goto(f"/operateurs/{ADESS}/")
        page.locator(f"[data-keep='o:{ADESS}']").click()
        page.goto("/operateurs/?q=adess")
        page.locator(f"#resultats [data-keep]:not([data-keep='o:{ADESS}'])").first.click()
        expect(entry(page)).to_have_text("Ma sélection (5)")
        assert [code[0] for code in kept(page)] == ["o", "o", "a", "o", "o"]

    def test_a_list_that_htmx_brought_can_be_kept_from_too(self, page: Page) -> None:
        keep(page, [f"o:{ADESS}"])
        page.goto("/operateurs/")
        page.wait_for_load_state("networkidle")
        page.locator("#facettes input[type=checkbox]:not(:disabled)").first.check()
        page.wait_for_url("**/operateurs/?*")
        for toggle in page.locator("#resultats [data-keep]").all():
            expect(toggle).to_be_visible()

    def test_it_stays_from_page_to_page_and_the_header_leads_to_it(self, page: Page) -> None:
        page.goto("/operateurs/makesense/")
        page.locator("[data-keep]").click()
        page.goto("/")
        expect(entry(page)).to_have_text("Ma sélection (1)")
        entry(page).click()
        page.wait_for_url("**/selection/?o=makesense")
        expect(page.locator("article")).to_contain_text("makesense")

    def test_another_tab_follows(self, page: Page) -> None:
        page.goto("/operateurs/makesense/")
        other = page.context.new_page()
        other.goto("/operateurs/makesense/")
        other.locator("[data-keep]").click()
        expect(page.locator("[data-keep]")).to_have_attribute("aria-pressed", "true")
        expect(entry(page)).to_have_text("Ma sélection (1)")

    def test_nothing_but_the_browser_keeps_it(self, page: Page) -> None:
        page.goto("/operateurs/makesense/")
        page.wait_for_load_state("networkidle")
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url))
        page.locator("[data-keep]").click()
        expect(entry(page)).to_have_text("Ma sélection (1)")
        assert sent == []
        assert page.context.cookies() == []

    def test_beyond_the_limit_it_says_so_and_keeps_what_was_there(self, page: Page) -> None:
        full = [f"o:structure-{number}" for number in range(LIMIT)]
        keep(page, full)
        page.goto("/operateurs/makesense/")
        page.locator("[data-keep]").click()
        expect(message(page)).to_contain_text(f"{LIMIT} éléments, c’est le maximum")
        expect(page.locator("[data-keep]")).to_have_attribute("aria-pressed", "false")
        assert kept(page) == full

    @pytest.mark.parametrize("garbage", ["{", '"text"', "[1, null, {}]", '["x:y", "o:"]', "null"])
    def test_what_something_else_wrote_there_breaks_nothing(self, page: Page, garbage: str) -> None:
        page.goto("/mentions-legales/")
        page.evaluate("([key, text]) => localStorage.setItem(key, text)", [KEY, garbage])
        page.goto("/operateurs/makesense/")
        page.locator("[data-keep]").click()
        assert kept(page) == ["o:makesense"]

    def test_where_nothing_can_be_kept_no_button_promises_it(self, page: Page) -> None:
        page.add_init_script(
            "Object.defineProperty(window, 'localStorage', "
            "{ get() { throw new DOMException('no', 'SecurityError') } })"
        )
        page.goto("/operateurs/makesense/")
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("[data-keep]")).to_be_hidden()
        expect(entry(page)).to_be_hidden()

    def test_a_full_browser_says_that_it_cannot_keep(self, page: Page) -> None:
        page.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('full') }")
        page.goto("/operateurs/makesense/")
        page.locator("[data-keep]").click()
        expect(message(page)).to_contain_text("ne permet pas de garder")
        expect(page.locator("[data-keep]")).to_have_attribute("aria-pressed", "false")


class TestOwnRoadmap:
    def test_the_bare_address_leads_to_what_is_kept(self, page: Page) -> None:
        open_mine(page, CODES)
        expect(page.get_by_role("heading", level=1)).to_have_text("Feuille de route")
        assert page.url.endswith(LINK)
        expect(page.locator("[data-roadmap-received]")).to_be_hidden()

    def test_taking_one_off_keeps_its_place_and_tells_the_address_and_the_count(
        self, page: Page
    ) -> None:
        open_mine(page, CODES)
        article = page.locator(f"#o-{DLA}")
        article.locator("[data-keep]").click()
        expect(article).to_have_attribute("data-removed", "")
        expect(article.locator("[data-keep]")).to_be_focused()
        expect(page.locator("[data-roadmap-count]")).to_have_text(
            "1\u00a0structure et 1\u00a0appel"
        )
        expect(page).to_have_url(re.compile(rf"/selection/\?o={ADESS}&a={CALL}$"))
        article.locator("[data-keep]").click()
        expect(article).not_to_have_attribute("data-removed", "")
        expect(page).to_have_url(re.compile(rf"o={DLA}"))

    def test_taking_all_off_can_be_undone_from_the_keyboard(self, page: Page) -> None:
        open_mine(page, CODES)
        button(page, "Tout retirer").focus()
        page.keyboard.press("Enter")
        undo = button(page, "Annuler, tout remettre")
        expect(undo).to_be_focused()
        expect(page.get_by_text("Rien de gardé pour le moment")).to_be_visible()
        expect(page.locator("#feuille")).to_be_hidden()
        expect(page).to_have_url(re.compile(r"/selection/$"))
        assert kept(page) == []
        page.keyboard.press("Enter")
        expect(button(page, "Tout retirer")).to_be_focused()
        expect(page.locator("#feuille")).to_be_visible()
        expect(page).to_have_url(re.compile(re.escape(LINK) + "$"))
        assert kept(page) == CODES

    def test_what_left_the_directory_can_leave_the_selection(self, page: Page) -> None:
        open_mine(page, [*CODES, "o:disparu"])
        expect(page.get_by_text("n’est pas dans l’annuaire")).to_be_visible()
        button(page, "Retirer de ma sélection").click()
        expect(page).to_have_url(re.compile(re.escape(LINK) + "$"))
        assert kept(page) == CODES

    def test_the_link_is_copied(self, page: Page, base_url: str) -> None:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=base_url)
        open_mine(page, CODES)
        button(page, "Copier le lien").click()
        expect(message(page)).to_have_text("Le lien est copié.")
        assert page.evaluate("navigator.clipboard.readText()") == base_url + LINK

    def test_without_a_clipboard_the_link_is_shown_and_selected(
        self, page: Page, base_url: str
    ) -> None:
        page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        open_mine(page, CODES)
        button(page, "Copier le lien").click()
        field = page.get_by_label("Le lien à copier")
        expect(field).to_be_focused()
        expect(field).to_have_value(base_url + LINK)
        assert page.evaluate("getSelection().toString()") == base_url + LINK


class TestReceivedRoadmap:
    def test_it_is_told_apart_and_can_be_added_to_ones_own(self, page: Page) -> None:
        keep(page, [f"o:{CRESS}"])
        page.goto(LINK)
        expect(page.get_by_text("Cette sélection vient d’un lien.")).to_be_visible()
        expect(button(page, "Tout retirer")).to_be_hidden()
        button(page, "Tout ajouter à ma sélection").click()
        assert kept(page) == [f"o:{CRESS}", *CODES]
        expect(page.locator("[data-roadmap-received]")).to_be_hidden()
        expect(page.get_by_role("heading", level=1)).to_be_focused()
        page.get_by_role("link", name="Voir ma sélection").click()
        page.wait_for_url("**/selection/?*")
        expect(page.locator(f"#o-{CRESS}")).to_be_visible()

    def test_adding_more_than_fits_says_how_many_stay_out(self, page: Page) -> None:
        keep(page, [f"o:structure-{number}" for number in range(LIMIT - 1)])
        page.goto(LINK)
        button(page, "Tout ajouter à ma sélection").click()
        expect(message(page)).to_contain_text("2\u00a0n’ont pas été ajoutés")
        assert len(kept(page)) == LIMIT

    def test_opening_a_link_changes_nothing_of_ones_own(self, page: Page) -> None:
        keep(page, [f"o:{CRESS}"])
        page.goto(LINK)
        expect(entry(page)).to_have_text("Ma sélection (1)")
        assert kept(page) == [f"o:{CRESS}"]
        assert page.url.endswith(LINK)


class TestRoadmapPage:
    def test_stages_come_in_order_and_each_operator_is_told_in_full_once(self, page: Page) -> None:
        page.goto(LINK + f"&o={CRESS}")
        stages = [step.get_attribute("id") for step in page.locator("#feuille ol > li[id]").all()]
        assert stages == ["emergence", "creation", "developpement", "changement-echelle"]
        expect(page.locator(f"article[data-operator-slug={CRESS}]")).to_have_count(1)
        expect(page.locator(f"li[data-operator-slug={CRESS}]")).not_to_have_count(0)
        for link in page.locator("#feuille a[href^='#']").all():
            expect(page.locator(link.get_attribute("href") or "")).to_have_count(1)

    def test_the_map_shows_the_operators_and_the_zone_of_a_call_pointed_at(
        self, page: Page
    ) -> None:
        page.goto(LINK)
        expect(page.locator("[data-map-placeholder]")).to_have_count(0)
        expect(page.locator(".leaflet-marker-pane [role=button]")).not_to_have_count(0)
        page.locator(f"[data-operator-slug='a:{CALL}']").get_by_role("link").first.focus()
        caption = page.locator("figcaption")
        expect(caption).to_contain_text("S’applique")
        expect(page.locator(".leaflet-coverage-pane path")).not_to_have_count(0)

    @pytest.mark.parametrize(
        "address",
        ["/selection/", LINK, LINK + "&o=inconnu", "/selection/?a=" + CALL, "/selection/?o=x"],
    )
    def test_it_is_accessible_and_fits(self, page: Page, watch: Watch, address: str) -> None:
        page.set_viewport_size(DESK)
        page.goto(address)
        examine(page, watch)
        assert page.context.cookies() == []

    def test_ones_own_is_accessible_and_fits_with_one_off_and_with_all_off(
        self, page: Page, watch: Watch
    ) -> None:
        open_mine(page, CODES)
        page.locator(f"#o-{DLA} [data-keep]").click()
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            assert_accessible(page, watch)
            assert_no_sideways_scroll(page)
        button(page, "Tout retirer").click()
        for size in (DESK, PHONE, SMALLEST):
            page.set_viewport_size(size)
            assert_accessible(page, watch)
            assert_no_sideways_scroll(page)

    def test_a_finger_finds_every_button(self, page: Page) -> None:
        page.set_viewport_size(PHONE)
        page.goto(LINK)
        for target in page.locator("[data-keep]:visible, [data-roadmap] button:visible").all():
            box = target.bounding_box()
            assert box
            assert min(box["width"], box["height"]) >= 44

    def test_printed_it_is_two_sheets_at_most_without_what_was_taken_off(self, page: Page) -> None:
        slugs = "adess-pays-de-brest adess-pays-de-morlaix france-active-bretagne dla-doubs"
        slugs += " e2s-pays-de-vannes essentiel-ploermel horizons-solidaires makesense"
        open_mine(page, [*CODES, f"o:{CRESS}", *(f"o:{slug}" for slug in slugs.split())])
        page.locator(f"#o-{DLA} [data-keep]").click()
        page.emulate_media(media="print")
        page.evaluate("document.fonts.ready")  # what only paper shows may need another
        expect(page.locator(f"#o-{DLA}")).to_be_hidden()
        expect(page.locator(f"#o-{ADESS} .contact")).to_be_visible()
        expect(page.locator(f"#o-{ADESS} .verification")).to_be_visible()
        for gone in ("[data-keep]", "[data-roadmap] button", ".site-nav", "[data-pathway-map]"):
            for element in page.locator(gone).all():
                expect(element).to_be_hidden()
        page.emulate_media(media="null")
        pdf = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 2


class TestWithoutJavaScript:
    @pytest.fixture
    def page(self, new_context) -> Page:
        return new_context(java_script_enabled=False).new_page()

    def test_a_link_opens_in_full(self, page: Page) -> None:
        page.goto(LINK)
        expect(page.get_by_role("heading", level=1)).to_have_text("Feuille de route")
        for slug in (ADESS, DLA):
            expect(page.locator(f"#o-{slug}")).to_be_visible()
        expect(page.get_by_text("L’adresse de cette page est le lien à partager")).to_be_visible()
        expect(page.locator("[data-roadmap] button:visible")).to_have_count(0)

    def test_the_empty_page_says_that_keeping_needs_scripts(self, page: Page) -> None:
        page.goto("/selection/")
        expect(page.get_by_text("demande JavaScript")).to_be_visible()

    def test_no_page_shows_a_button_that_does_nothing(self, page: Page) -> None:
        page.goto(MONTBELIARD)
        expect(page.locator("[data-keep]:visible")).to_have_count(0)
        expect(entry(page)).to_be_hidden()
