"""The search of calls in a browser: filters, Back, keyboard, no scripts, phones; their pages."""

import re
from collections.abc import Iterator

import icalendar
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watch
from tests.browser.test_pages import (
    DESK,
    PHONE,
    assert_accessible,
    assert_no_sideways_scroll,
    examine,
)

CALLS = "/appels/"
NOTHING = "/appels/?q=fabriques&territoire=region:53&annee=2017"
STATES = {
    "everything": CALLS,
    "a territory and a status": "/appels/?territoire=region:53&statut=permanent",
    "a commune": "/appels/?territoire=commune:35238&etape=emergence",
    "nothing": NOTHING,
    "a mistake": "/appels/?statut=presque&annee=20x5&territoire=foo:1",
    "which place": "/appels/?lieu=rennes&statut=permanent",
    "second page": "/appels/?ordre=annee&page=2",
}
SERIES = "/appels/prix-ess-bourgogne-franche-comte/"
#: Where elements stand, as [{x, width}].
_BOXES = """all => all.map(one => {
  const { x, width } = one.getBoundingClientRect();
  return { x, width };
})"""


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """As long as the other waits of the browser tests: a machine may be busy."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=30_000)


def open_search(page: Page, address: str = CALLS) -> None:
    """The page with its scripts at work."""
    page.set_viewport_size(DESK)
    page.goto(address)
    expect(page.locator("[data-territory-input]")).to_have_attribute("role", "combobox")
    page.evaluate("window.stayed = true")


def stayed(page: Page) -> bool:
    """Whether the page has not been loaded again since `open_search`."""
    return bool(page.evaluate("window.stayed === true"))


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


@pytest.mark.parametrize("address", STATES.values(), ids=STATES.keys())
def test_every_state_is_accessible_and_fits(page: Page, watch: Watch, address: str) -> None:
    page.set_viewport_size(DESK)
    page.goto(address)
    examine(page, watch)
    assert page.context.cookies() == []


def test_a_box_changes_list_counts_chips_address_and_subscriptions(page: Page) -> None:
    open_search(page)
    page.locator("#f-annee-2025").check()
    expect(page).to_have_url(re.compile(r"/appels/\?annee=2025$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("de 2025")
    expect(page.locator(".chip")).to_have_text([re.compile("2025")])
    expect(page.get_by_role("link", name="Ajouter à mon agenda")).to_have_attribute(
        "href", re.compile(r"^webcal://[^/]+/appels/calendrier\.ics\?annee=2025$")
    )
    assert stayed(page)


def test_back_and_forward_say_what_the_address_says(page: Page) -> None:
    open_search(page)
    before = heading(page)
    page.locator("#f-statut-permanent").check()
    expect(page.get_by_role("heading", level=1)).to_contain_text("permanents")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(before)
    expect(page.locator("#f-statut-permanent")).not_to_be_checked()
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_contain_text("permanents")
    assert stayed(page)


def test_a_territory_and_a_stage_by_keyboard_alone(page: Page) -> None:
    open_search(page)
    page.locator("#lieu").focus()
    page.keyboard.type("bretagne")
    expect(page.get_by_role("option").first).to_contain_text("Bretagne")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"territoire=region(:|%3A)53"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("dans la région Bretagne")
    one = page.locator("#f-etape-emergence")
    one.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", level=1)).to_contain_text("à l’étape Émergence")
    expect(one).to_be_focused()
    assert stayed(page)


def test_from_a_search_to_a_call_and_back(page: Page) -> None:
    open_search(page, "/appels/?q=prix&annee=2025")
    said = heading(page)
    page.locator(".call__name a").first.click()
    page.wait_for_url(re.compile(r"/appels/[\w-]+/2025/$"))
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(said)


def test_an_empty_search_says_what_to_relax(page: Page) -> None:
    open_search(page, NOTHING)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Aucun appel ni aide")
    links = page.locator(".explore__relax a")
    counts = page.locator(".explore__relax span")
    promised = int(re.sub(r"\D", "", counts.first.inner_text()))
    links.first.click()
    expect(page.locator("#resultats")).to_have_attribute("data-total", str(promised))
    assert stayed(page)


def test_on_a_phone_the_filters_fold_and_lead_to_the_results(page: Page, watch: Watch) -> None:
    page.set_viewport_size(PHONE)
    page.goto(CALLS)
    page.locator("[data-explore-panel] > summary").click()
    page.locator("#f-statut-permanent").check()
    button = page.locator("[data-explore-apply]")
    expect(button).to_have_text(re.compile(r"^Voir les \d+ appels$"))
    assert_accessible(page, watch)
    assert_no_sideways_scroll(page)
    button.click()
    expect(page.locator("#resultats-titre")).to_be_focused()


def test_without_scripts_the_form_the_pages_and_the_calls_are_there(
    new_context: object, base_url: str
) -> None:
    context = new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[operator]
    page = context.new_page()
    page.goto(CALLS)
    page.locator("[data-explore-panel] > summary").click()
    page.locator("#f-annee-2020").check()
    page.locator("#lieu").fill("bretagne")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_text("Quel territoire")).to_be_visible()
    page.locator("[data-explore-places] a", has_text="Bretagne").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("dans la région Bretagne, de 2020")
    page.locator(".call__name a").first.click()
    expect(page.locator("#serie-titre")).to_be_visible()


def test_the_link_of_the_calendar_gives_a_calendar(page: Page, base_url: str) -> None:
    page.goto(f"{CALLS}?annee=2025")
    link = page.get_by_role("link", name="Ajouter à mon agenda").get_attribute("href") or ""
    answer = page.request.get(link.replace("webcal://", "http://"))
    assert answer.status == 200
    assert icalendar.Calendar.from_ical(answer.body()).walk("VEVENT")


def test_a_series_shows_its_amounts_and_its_years(page: Page) -> None:
    page.set_viewport_size(DESK)
    page.goto(SERIES)
    expect(
        page.get_by_text("L’édition 2025 était ouverte du 2 juin au 15 septembre")
    ).to_be_visible()
    chart = page.get_by_role("img", name=re.compile("Montants par édition"))
    expect(chart).to_be_visible()
    bars = [bar["width"] for bar in chart.locator("rect").evaluate_all(_BOXES)]
    assert max(bars) > min(bars) > 0
    page.set_viewport_size(PHONE)
    right = chart.locator("text").evaluate_all(_BOXES)
    assert max(box["x"] + box["width"] for box in right) <= PHONE["width"]
    page.locator(".timeline a", has_text="2023").click()
    page.wait_for_url(re.compile(r"/2023/$"))


def test_the_navigation_names_the_calls_on_every_width(page: Page) -> None:
    for width in (320, 360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(CALLS)
        link = page.get_by_role("navigation", name="Navigation principale").get_by_role(
            "link", name="Appels"
        )
        expect(link).to_be_visible()
        expect(link).to_have_attribute("aria-current", "true")


def test_the_door_of_money_leads_to_the_calls_one_can_answer(page: Page) -> None:
    page.goto("/?profil=financement")
    page.get_by_role("link", name=re.compile("appels et les aides")).click()
    page.wait_for_url(re.compile(r"/appels/\?statut=ouvert&statut=a-venir&statut=permanent$"))
    expect(page.locator(".call").first).to_be_visible()


def test_a_pathway_leads_to_its_calls(page: Page) -> None:
    page.goto("/parcours/35238-rennes/")
    page.get_by_role("link", name="Chercher parmi ces appels, ou s’y abonner").click()
    page.wait_for_url(re.compile(r"/appels/\?territoire=commune:35238$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("sur la commune de Rennes")
