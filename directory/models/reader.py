"""A connection of this process for the two smallest reads: the revision, and the text of cards.

Every request reads the revision, most read nothing more: taking a connection from the pool,
checking it and giving it back would cost several times the query.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Final

import psycopg
from django.db import connection

Rows = list[tuple[Any, ...]]


def read(sql: str, parameters: Mapping[str, Any] | None = None) -> Rows:
    """The rows of a statement that only reads, as the database has them now.

    Inside a transaction it is asked there, and so sees what the transaction wrote. Raises the
    database's OperationalError when the server cannot be reached.
    """
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()
    return _Reader.of(connection.settings_dict["NAME"], _THREAD.reads_apart).read(sql, parameters)


class _Thread(threading.local):
    reads_apart = False


_THREAD: Final = _Thread()


@contextmanager
def reads_apart() -> Iterator[None]:
    """This thread reads on a connection of its own: what is slow keeps no page waiting."""
    _THREAD.reads_apart = True
    try:
        yield
    finally:
        _THREAD.reads_apart = False


class _Reader:
    _open: ClassVar[dict[tuple[str, bool], "_Reader"]] = {}
    _opening: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None
        self._reading = threading.Lock()

    @classmethod
    def of(cls, database: str, apart: bool) -> "_Reader":
        with cls._opening:
            return cls._open.setdefault((database, apart), cls())

    def read(self, sql: str, parameters: Mapping[str, Any] | None) -> Rows:
        with self._reading:
            try:
                return self._ask(sql, parameters)
            except psycopg.OperationalError:  # the server was restarted: a new connection, once
                self.close()
                return self._ask(sql, parameters)

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

    @classmethod
    def close_all(cls) -> None:
        with cls._opening:
            for reader in cls._open.values():
                reader.close()
            cls._open.clear()


#: Before a database is dropped or copied.
close_readers: Callable[[], None] = _Reader.close_all
