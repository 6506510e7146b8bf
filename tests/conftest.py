"""What all tests share: the database, the browser, the way hypothesis searches."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings

from ess_pathways import embedded_postgres
from tests import chromium
from tests.geography import france_database, whole_france

__all__ = ["france_database", "whole_france"]

# No deadline: a slow machine is not a wrong program. The same examples on every machine.
hypothesis.settings.register_profile("project", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("project")

# Playwright's synchronous API runs an event loop in the thread of the test, which Django mistakes
# for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

SLOT = "ESS_PATHWAYS_TEST_SLOT"


def pytest_configure(config: pytest.Config) -> None:
    """Take a number that no other test run has, for the names of this run's databases.

    Runs at the same time would otherwise drop each other's. Workers of pytest-xdist inherit it.
    """
    if hasattr(config, "workerinput"):
        return
    folder = Path(settings.VAR_DIR)
    folder.mkdir(exist_ok=True)
    for slot in range(100):
        lock = (folder / f"tests-{slot}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        config.add_cleanup(lock.close)
        os.environ[SLOT] = str(slot)
        return
    raise pytest.UsageError("A hundred test runs at once?")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The tests have a cluster of their own, apart from the demo's, that may forget everything."""
    database = settings.DATABASES["default"]
    if settings.EMBEDDED_DATABASE:
        database.update(
            embedded_postgres.database_settings(
                settings.BASE_DIR, "tests", embedded_postgres.FAST_AND_UNSAFE
            )
        )
    test_name = database["TEST"].get("NAME") or "test_" + database["NAME"]
    database["TEST"]["NAME"] = f"{test_name}_{os.environ[SLOT]}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """PostgreSQL drops no database that somebody is connected to."""
    yield
    from directory.models.reader import close_readers  # models need Django set up

    close_readers()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's Chromium, quiet: it opens no connection of its own."""
    return {
        **browser_type_launch_args,
        "executable_path": chromium.find(),
        "args": [
            "--no-sandbox",  # it refuses its sandbox to root, and only ever opens our own pages
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A reader in France."""
    return {**browser_context_args, "locale": "fr-FR", "timezone_id": "Europe/Paris"}
