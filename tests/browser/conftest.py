"""A browser on the whole site, and what every test of it watches for."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, expect

from tests.browser import site as whole_site
from tests.conftest import SLOT

HERE = Path(__file__).parent
expect.set_options(timeout=30_000)  # a slow machine is not a wrong program


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def site_variables(
    django_db_modify_db_settings: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """The environment of a site that can be served, its database and static files ready.

    Workers of pytest-xdist share them.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    database = f"test_site_{os.environ[SLOT]}"
    variables = whole_site.environment(database, shared / "site-static")
    with django_db_blocker.unblock(), (shared / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        whole_site.build(database, variables)
    return variables


@pytest.fixture(scope="session")
def base_url(
    pytestconfig: pytest.Config,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The address of the site; `--base-url` gives one that is served already."""
    if given := pytestconfig.getoption("base_url"):
        yield given
        return
    variables = request.getfixturevalue("site_variables")
    log = tmp_path_factory.mktemp("site") / "site.log"
    with whole_site.serve(variables, log) as address:
        yield address


@pytest.fixture(autouse=True)
def watches() -> "Iterator[list[Watch]]":
    """No test passes if the console complained, the policy was hurt or another host was called."""
    found: list[Watch] = []
    yield found
    assert [problem for watch in found for problem in watch.problems] == []


@pytest.fixture
def watch(page: Page, watches: "list[Watch]") -> "Watch":
    """What is watched for on `page`."""
    return watches[0]


@pytest.fixture
def new_context(new_context: Any, base_url: str, watches: "list[Watch]") -> Any:
    """Every context watches for what no page of ours may do."""

    def make(**options: Any) -> BrowserContext:
        context = new_context(**options)
        context.set_default_timeout(30_000)
        context.add_init_script(
            "document.addEventListener('securitypolicyviolation', (event) => console.error("
            "'CSP', event.violatedDirective, event.blockedURI, event.sourceFile))"
        )
        watches.append(Watch(context, urlsplit(base_url).netloc))
        return context

    return make


class Watch:
    """Errors of the console, uncaught exceptions and requests to other hosts."""

    def __init__(self, context: BrowserContext, host: str) -> None:
        self.problems: list[str] = []
        self.pages: set[str] = set()  # an error page's own status is in the console, rightly
        self.hears = True
        self.hosts = {host}  # all that may be asked
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"exception: {error.error}"))
        context.on("request", self._request)

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """Hear no console for a while: a tool of the tests, not the page, is at work."""
        self.hears = False
        yield
        self.hears = True

    def forgive(self, *beginnings: str) -> None:
        """Forget the complaints that a test provoked on purpose."""
        provoked = tuple(f"console: {beginning}" for beginning in beginnings)
        self.problems = [one for one in self.problems if not one.startswith(provoked)]

    def _console(self, message: ConsoleMessage) -> None:
        if not self.hears:
            return
        if message.text.startswith("htmx:sendAbort"):
            self._forget_the_request_that_a_newer_one_replaced()
        elif message.type in {"error", "warning"} and not self._is_the_status_of_a_page(message):
            where = message.location.get("url", "")
            self.problems.append(f"console: {message.text} ({where})")

    def _forget_the_request_that_a_newer_one_replaced(self) -> None:
        """htmx says `afterRequest`, then `sendAbort`, as errors when a reader changes their mind.

        That is what `hx-sync="…:replace"` is for; a request that fails says `sendError` instead.
        """
        if self.problems and self.problems[-1].startswith("console: htmx:afterRequest"):
            self.problems.pop()

    def _is_the_status_of_a_page(self, message: ConsoleMessage) -> bool:
        return (
            message.text.startswith("Failed to load resource")
            and message.location.get("url") in self.pages
        )

    def _request(self, request: Request) -> None:
        if request.is_navigation_request():
            self.pages.add(request.url)
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc not in self.hosts:
            self.problems.append(f"another host: {request.url}")
