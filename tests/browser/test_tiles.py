"""A site that chose a tile provider: every map has its tiles and says so, no other page asks."""

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import site as whole_site
from tests.browser.addresses import HOME, MONTBELIARD
from tests.browser.conftest import Watch

HOST = "tiles.example.org"
CREDIT = "© Tuiles d’essai"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MAPS = {
    "explore": "/carte/?territoire=departement:25",
    "pathway": MONTBELIARD,
    "operator": "/operateurs/makesense/",
    "selection": "/selection/?o=makesense",
    "territories": "/territoires/",
    "territory": "/territoires/departement/25-doubs/",
}


@pytest.fixture(scope="module")
def site(site_variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    tiles = {"TILE_URL": f"https://{HOST}/{{z}}/{{x}}/{{y}}.png", "TILE_ATTRIBUTION": CREDIT}
    log: Path = tmp_path_factory.mktemp("tiles") / "site.log"
    with whole_site.serve({**site_variables, **tiles}, log) as address:
        yield address


@pytest.fixture
def asked(page: Page, watch: Watch, site: str) -> list[str]:
    """Addresses that the provider is asked for."""
    watch.hosts |= {urlsplit(site).netloc, HOST}
    addresses: list[str] = []

    def answer(route: Route) -> None:
        addresses.append(route.request.url)
        route.fulfill(body=PIXEL, content_type="image/png")

    page.route(f"https://{HOST}/**", answer)
    return addresses


@pytest.mark.parametrize("address", MAPS.values(), ids=MAPS.keys())
def test_every_map_has_tiles_and_names_their_provider(
    page: Page, site: str, asked: list[str], address: str
) -> None:
    page.goto(site + address)
    expect(page.locator("img.leaflet-tile-loaded").first).to_be_visible()
    expect(page.locator(".leaflet-control-attribution")).to_contain_text(CREDIT)
    expect(page.locator(".leaflet-control-attribution")).to_contain_text("Etalab")
    assert asked


@pytest.mark.parametrize("address", [HOME, "/operateurs/", "/mentions-legales/"])
def test_no_page_without_a_map_asks_the_provider(
    page: Page, site: str, asked: list[str], address: str
) -> None:
    page.goto(site + address)
    page.wait_for_load_state("networkidle")
    assert asked == []


def test_the_legal_page_says_who_is_asked(page: Page, site: str, asked: list[str]) -> None:
    page.goto(site + "/mentions-legales/")
    expect(page.locator("main")).to_contain_text(HOST)
    expect(page.locator("main")).not_to_contain_text("ni demande à un autre site")


def test_by_default_nobody_is_asked(page: Page) -> None:
    page.goto(MAPS["explore"])
    expect(page.locator("[data-explore-map]")).to_have_attribute("data-ready", "")
    expect(page.locator("img.leaflet-tile")).to_have_count(0)
    page.goto("/mentions-legales/")
    expect(page.locator("main")).to_contain_text("ni demande à un autre site")
