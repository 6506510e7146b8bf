"""The real geography of France for tests, in a database of its own.

`whole_france` is a fixture to use *instead of* `db`: the test then runs in another database, that
holds the whole geography, in a transaction that is rolled back. It is made and loaded once per
worker, for the first test that asks for it (about ten seconds). Tests that do not ask for it keep
an empty database: a small world of their own never meets the real one.

tests/conftest.py makes it known to every folder: one database, however many folders use it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from regions.geography.load import load


@contextmanager
def using_database(name: str) -> Iterator[None]:
    """The default connection leads to that database for a while."""
    usual = connection.settings_dict["NAME"]
    _lead_to(name)
    try:
        yield
    finally:
        _lead_to(usual)


def _lead_to(name: str) -> None:
    connection.close()
    connection.close_pool()
    connection.settings_dict["NAME"] = name


@pytest.fixture(scope="session")
def france_database(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any
) -> Iterator[str]:
    """The name of the database that holds the geography, next to the test database."""
    name = f"{connection.creation._get_test_db_name()}_france"
    quoted = connection.ops.quote_name(name)
    with django_db_blocker.unblock():
        with connection.creation._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted}")
            cursor.execute(f"CREATE DATABASE {quoted}")
        with using_database(name):
            call_command("migrate", verbosity=0)
            load()
    yield name
    with django_db_blocker.unblock(), connection.creation._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {quoted} WITH (FORCE)")


@pytest.fixture
def whole_france(france_database: str, django_db_blocker: Any) -> Iterator[None]:
    """The real geography is there; what the test writes is undone."""
    with django_db_blocker.unblock(), using_database(france_database), transaction.atomic():
        yield
        transaction.set_rollback(True)
