"""Connections of this process for what pages read beside the directory in memory.

Every request reads the revision, most read nothing more: taking a connection from the pool,
checking it and giving it back would cost several times the query.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any, ClassVar, Final

import psycopg
from django.db import connection
from psycopg.pq import ExecStatus

Rows = list[tuple[Any, ...]]


class Lane(Enum):
    """What waits for one another: each lane has a connection of its own in each process."""

    PAGES = "the revision and the text of cards: a fraction of a millisecond"
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
    lane = _THREAD.lane or lane
    return _Reader.of(connection.settings_dict["NAME"], lane).read(sql, parameters)


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


def read_numbers(sql: str) -> tuple[int, ...]:
    """The only row of a statement that reads whole numbers; as `read`, for half of its cost."""
    if not connection.in_atomic_block:
        row = _Reader.of(connection.settings_dict["NAME"], _THREAD.lane or Lane.PAGES).numbers(sql)
        if row:
            return row
    return read(sql)[0]


class _Reader:
    _open: ClassVar[dict[tuple[str, Lane], "_Reader"]] = {}
    _opening: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None
        self._prepared: dict[str, bytes] = {}
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

    def numbers(self, sql: str) -> tuple[int, ...] | None:
        """Asked of libpq itself, without a cursor. None when that fails, for `read` to say why."""
        with self._reading:
            if self._connection is None:
                return None
            server = self._connection.pgconn
            name = self._prepared.get(sql)
            if name is None:
                name = f"numbers_{len(self._prepared)}".encode()
                if server.prepare(name, sql.encode()).status != ExecStatus.COMMAND_OK:
                    return None
                self._prepared[sql] = name
            row = server.exec_prepared(name, None)
            if row.status != ExecStatus.TUPLES_OK or row.ntuples != 1:
                return None
            return tuple(int(row.get_value(0, at) or 0) for at in range(row.nfields))

    def _ask(self, sql: str, parameters: Mapping[str, Any] | None) -> Rows:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection.execute(sql, parameters, prepare=True).fetchall()

    @staticmethod
    def _connect() -> psycopg.Connection[Any]:
        parameters = connection.get_connection_params()
        for ours in ("pool", "context", "cursor_factory", "prepare_threshold"):
            parameters.pop(ours, None)
        with connection.wrap_database_errors:
            return psycopg.connect(**parameters, autocommit=True)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._prepared = {}

    @classmethod
    def close_all(cls) -> None:
        with cls._opening:
            for reader in cls._open.values():
                reader.close()
            cls._open.clear()


#: Before a database is dropped or copied.
close_readers: Callable[[], None] = _Reader.close_all
