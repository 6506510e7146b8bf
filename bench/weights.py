"""What a page weighs over the wire, as a browser without cache asks for it.

A real browser says what it loads, fonts, modules and the map's data included. Chromium accepts
Brotli from 127.0.0.1 as it does over HTTPS.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from bench.client import HOST
from bench.results import Weight

#: What only the map of a page needs: Leaflet, its clusters, our scripts and styles, and its data.
OF_MAP: Final = re.compile(
    r"/leaflet|/static/js/map/|/static/css/([a-z]+-)?map\.|/static/geo/|/contours/|\.geojson|/carte/(points|noms)"
)


def is_of_map(address: str) -> bool:
    """Whether a file is the map's, by its address."""
    return OF_MAP.search(address) is not None


def weight_of(page: str, loaded: Iterable[tuple[str, int]]) -> Weight:
    """The weight of a page from what it loaded: pairs (address, bytes)."""
    files = list(loaded)
    of_map = sum(size for address, size in files if is_of_map(address))
    return Weight(page, sum(size for _, size in files), of_map, len(files))


def weigh(port: int, pages: dict[str, str], program: str) -> list[Weight]:
    """Open each page (its address by its name) in that Chromium, with nothing in its cache."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            return [
                weight_of(name, _loaded(browser, f"http://{HOST}:{port}{path}"))
                for name, path in pages.items()
            ]
        finally:
            browser.close()


def _loaded(browser: Any, address: str) -> list[tuple[str, int]]:
    """Every file the page loads, down to its end, and its bytes with headers."""
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    addresses: dict[str, str] = {}
    files: list[tuple[str, int]] = []

    def asked(event: dict[str, Any]) -> None:
        addresses[event["requestId"]] = event["request"]["url"]

    def finished(event: dict[str, Any]) -> None:
        address = addresses.get(event["requestId"], "")
        if address.startswith("http"):
            files.append((address, int(event["encodedDataLength"])))

    session.on("Network.requestWillBeSent", asked)
    session.on("Network.loadingFinished", finished)
    session.send("Network.enable")
    page.goto(address, wait_until="networkidle")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(300)
    page.wait_for_load_state("networkidle")
    context.close()
    return files
