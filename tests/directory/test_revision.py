"""The stamp of the data: read over a connection of its own, while something else is made."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from directory.models import Revision, Stage, Stamp
from directory.models.reader import close_readers, read
from tests.factories import StageFactory


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


def test_anything_may_be_read_while_an_answer_is_waited_for(outside: None) -> None:
    expected = Revision.current()
    assert Revision.current_while(lambda: read("SELECT 12")) == (expected, [(12,)])
    assert Revision.current_while(Revision.current) == (expected, expected)


def test_the_stamp_is_asked_for_before_anything_is_made(outside: None) -> None:
    expected = Revision.current()

    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE directory_revision SET number = number + 1")

    def make() -> None:
        time.sleep(0.2)  # asked, it is answered meanwhile
        write()

    assert Revision.current_while(make)[0] == expected
    assert Revision.current() != expected


def test_a_connection_that_the_server_closed_is_opened_again(outside: None) -> None:
    expected = Revision.current()
    ours = "query LIKE '%%directory_revision%%' AND pid <> pg_backend_pid()"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE {ours}"
            " AND datname = current_database()"
        )
        assert cursor.fetchall()
    assert Revision.current_while(lambda: "made") == (expected, "made")
    assert Revision.current() == expected


def test_requests_answered_at_once_do_not_wait_for_one_another(outside: None) -> None:
    expected = Revision.current()
    both_are_making = threading.Barrier(2, timeout=20)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(Revision.current_while, both_are_making.wait) for _ in range(2)]
        assert [one.result()[0] for one in asked] == [expected, expected]


def test_nothing_is_known_before_the_first_reading(outside: None) -> None:
    close_readers()
    assert Revision.last_known() is None
    assert isinstance(Revision.current(), Stamp)
