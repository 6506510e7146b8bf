"""The stamp of the data: read over a connection of its own, while something else is made."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from directory.models import Revision, Stage, Stamp
from directory.models.reader import close_readers, read
from tests.factories import StageFactory
from tests.geography import using_database


@pytest.fixture
def outside(france_database: str, django_db_blocker: Any) -> Iterator[None]:
    """Outside of any transaction, where a request is; the database is shared between tests."""
    with django_db_blocker.unblock(), using_database(france_database):
        yield


def test_a_write_is_seen_by_the_next_reading(outside: None) -> None:
    before = Revision.current()
    assert Revision.current() == before == Revision.last_known()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE directory_revision SET number = number + 1")
    assert Revision.last_known() == before
    assert Revision.current() != before


def test_something_is_made_meanwhile(outside: None) -> None:
    assert Revision.current_while(lambda: 12) == (Revision.current(), 12)


@pytest.mark.django_db
def test_inside_a_transaction_its_own_writes_are_seen() -> None:
    before = Revision.current()
    StageFactory()
    stamp, stages = Revision.current_while(lambda: Stage.objects.count())
    assert (stamp != before, stages) == (True, Stage.objects.count())


def test_what_fails_meanwhile_leaves_the_next_reading_whole(outside: None) -> None:
    expected = Revision.current()
    with pytest.raises(ZeroDivisionError):
        Revision.current_while(lambda: 1 / 0)
    assert Revision.current() == expected


def test_reading_while_an_answer_is_waited_for_is_refused(outside: None) -> None:
    expected = Revision.current()
    for reading in (lambda: read("SELECT 1"), Revision.current):
        with pytest.raises(RuntimeError, match="waited for"):
            Revision.current_while(reading)
    assert Revision.current() == expected


def test_a_connection_that_the_server_closed_is_opened_again(outside: None) -> None:
    expected = Revision.current()
    ((own,),) = read("SELECT pg_backend_pid()")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 2000)", [own])
    assert Revision.current_while(lambda: "made") == (expected, "made")
    assert Revision.current() == expected


def test_nothing_is_known_before_the_first_reading(outside: None) -> None:
    close_readers()
    assert Revision.last_known() is None
    assert isinstance(Revision.current(), Stamp)
