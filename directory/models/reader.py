"""Connections of this process for what pages read beside the directory in memory.

Every request reads the revision, most read nothing more: taking a connection from the pool,
checking it and giving it back would cost several times the query.
"""

import select
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any, ClassVar, Final, TypeVar

import psycopg
from django.db import DatabaseError, connection
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn

Rows = list[tuple[Any, ...]]
Made = TypeVar("Made")


class Lane(Enum):
    """What waits for one another: each lane has a connection of its own in each process."""

    PAGES = "the text of cards: a fraction of a millisecond"
    SEARCHES = "free text: milliseconds"
    AHEAD = "what nobody waits for"


def read(sql: str, parameters: Mapping[str, Any] | None = None, lane: Lane = Lane.PAGES) -> Rows:
    """The rows of a statement that only reads, as the database has them now.

    Inside a transaction it is asked there, and so sees what the transaction wrote. Raises the
    database's OperationalError when the server cannot be reached.
    """
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()
    return _reader(lane).read(sql, parameters)


class _Thread(threading.local):
    lane: Lane | None = None


_THREAD: Final = _Thread()


@contextmanager
def reading_in(lane: Lane) -> Iterator[None]:
    """This thread reads in that lane, whatever it reads."""
    _THREAD.lane = lane
    try:
        yield
    finally:
        _THREAD.lane = None


def read_numbers(sql: str, meanwhile: Callable[[], Made]) -> tuple[tuple[int, ...], Made]:
    """The only row of a statement that reads whole numbers, and what was made while it was asked.

    It is asked before anything is made. Half as long as `read`, and not at all if making takes as
    long. Whoever asks has the connection alone: `meanwhile` may read whatever it likes.
    Raises the database's OperationalError when the server cannot be reached.
    """
    if connection.in_atomic_block:
        made = meanwhile()
        return read(sql)[0], made
    with _Numbers.alone(connection.settings_dict["NAME"]) as numbers:
        return numbers.ask(sql, meanwhile)


def last_numbers(sql: str) -> tuple[int, ...] | None:
    """What `read_numbers` gave last in this process; None inside of a transaction."""
    if connection.in_atomic_block:
        return None
    return _Numbers.last.get((connection.settings_dict["NAME"], sql))


def close_readers() -> None:
    """Close all connections that nobody uses: before a database is dropped or copied."""
    _Reader.close_all()
    _Numbers.close_all()


def _reader(lane: Lane = Lane.PAGES) -> "_Reader":
    return _Reader.of(connection.settings_dict["NAME"], _THREAD.lane or lane)


class _Reader:
    _open: ClassVar[dict[tuple[str, Lane], "_Reader"]] = {}
    _opening: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None
        self._reading = threading.Lock()

    @classmethod
    def of(cls, database: str, lane: Lane) -> "_Reader":
        with cls._opening:
            return cls._open.setdefault((database, lane), cls())

    def read(self, sql: str, parameters: Mapping[str, Any] | None) -> Rows:
        with self._reading:
            try:
                return self._ask(sql, parameters)
            except psycopg.OperationalError:  # the server was restarted: a new connection, once
                self.close()
                return self._ask(sql, parameters)

    def _ask(self, sql: str, parameters: Mapping[str, Any] | None) -> Rows:
        if self._connection is None:
            self._connection = _connect()
        return self._connection.execute(sql, parameters, prepare=True).fetchall()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @classmethod
    def close_all(cls) -> None:
        with cls._opening:
            for reader in cls._open.values():
                reader.close()
            cls._open.clear()


class _Numbers:
    """A connection that one request at a time asks for numbers, of libpq itself, without a cursor.

    There are as many as requests were ever answered at once.
    """

    _idle: ClassVar[dict[str, list["_Numbers"]]] = defaultdict(list)
    last: ClassVar[dict[tuple[str, str], tuple[int, ...]]] = {}

    def __init__(self, database: str) -> None:
        self._database = database
        self._connection: psycopg.Connection[Any] | None = None
        self._arrival = select.poll()
        self._prepared: dict[str, bytes] = {}

    @classmethod
    @contextmanager
    def alone(cls, database: str) -> Iterator["_Numbers"]:
        idle = cls._idle[database]
        try:
            one = idle.pop()
        except IndexError:
            one = cls(database)
        try:
            yield one
        finally:
            idle.append(one)

    def ask(self, sql: str, meanwhile: Callable[[], Made]) -> tuple[tuple[int, ...], Made]:
        server = self._sent(sql)
        try:
            made = meanwhile()
        finally:
            row = self._received(server) if server else None
        if row is None:  # the server was restarted, perhaps: `read` asks again, or says why not
            self.close()
            row = read(sql)[0]
        self.last[self._database, sql] = row
        return row, made

    def _sent(self, sql: str) -> PGconn | None:
        """What will answer; None when it cannot be asked now."""
        try:
            if self._connection is None:
                self._connection = _connect()
                self._arrival = select.poll()
                self._arrival.register(self._connection.fileno(), select.POLLIN)
            server = self._connection.pgconn
            name = self._prepared.get(sql)
            if name is None:
                name = f"numbers_{len(self._prepared)}".encode()
                if server.prepare(name, sql.encode()).status != ExecStatus.COMMAND_OK:
                    return None
                self._prepared[sql] = name
            server.send_query_prepared(name, None)
        except (psycopg.OperationalError, DatabaseError):
            return None
        return server

    def _received(self, server: PGconn) -> tuple[int, ...] | None:
        row = None
        try:
            server.consume_input()
            while server.is_busy():
                self._arrival.poll()
                server.consume_input()
            while result := server.get_result():
                if result.status == ExecStatus.TUPLES_OK and result.ntuples == 1:
                    row = tuple(int(result.get_value(0, at) or 0) for at in range(result.nfields))
        except psycopg.OperationalError:
            return None
        return row

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._prepared = {}

    @classmethod
    def close_all(cls) -> None:
        for idle in cls._idle.values():
            while idle:
                idle.pop().close()
        cls.last.clear()


def _connect() -> psycopg.Connection[Any]:
    parameters = connection.get_connection_params()
    for ours in ("pool", "context", "cursor_factory", "prepare_threshold"):
        parameters.pop(ours, None)
    with connection.wrap_database_errors:
        return psycopg.connect(**parameters, autocommit=True)
