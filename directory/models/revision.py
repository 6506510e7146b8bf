"""Numbers that any write to the directory or the geography bumps, by database triggers.

Cached pages and what is kept in memory stand against them: bulk writes, SQL by hand and imports
bump them like any other.
"""

import threading
from typing import Any, ClassVar, NamedTuple

import psycopg
from django.db import connection, models


class Stamp(NamedTuple):
    """What the data visible now is known by: equal stamps, equal data.

    `number` changes with any write, `geography` with those to the territories only. Both are made
    of the number of the transaction that wrote: one that is rolled back leaves none to be reused.
    """

    number: int
    geography: int


_QUERY = "SELECT number, geography FROM directory_revision WHERE id = 1"


class Revision(models.Model):
    """A single row. Read with `current()`; never written by Python."""

    number = models.BigIntegerField("numéro")
    geography = models.BigIntegerField("numéro de la géographie", default=1, db_default=1)

    class Meta:
        verbose_name = "révision de l’annuaire"
        verbose_name_plural = "révision de l’annuaire"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="directory_revision_single")
        ]

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def current(cls) -> Stamp:
        """The stamp of the data visible now. One query on one row."""
        if connection.in_atomic_block:  # it must see what this transaction sees
            with connection.cursor() as cursor:
                cursor.execute(_QUERY)
                return Stamp(*cursor.fetchone())
        return _Reader.of(connection.settings_dict["NAME"]).read()


class _Reader:
    """A connection of this process that reads the revision and nothing else.

    Every request reads it, most read nothing more: taking a connection from the pool, checking it
    and giving it back would cost several times the query.
    """

    _open: ClassVar[dict[str, "_Reader"]] = {}
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None
        self._reading = threading.Lock()

    @classmethod
    def of(cls, database: str) -> "_Reader":
        with cls._lock:
            return cls._open.setdefault(database, cls())

    def read(self) -> Stamp:
        """Raises the database's OperationalError when the server cannot be reached."""
        with self._reading:
            try:
                return self._ask()
            except psycopg.OperationalError:  # the server was restarted: a new connection, once
                self.close()
                return self._ask()

    def _ask(self) -> Stamp:
        if self._connection is None:
            self._connection = self._connect()
        row = self._connection.execute(_QUERY, prepare=True).fetchone()
        if row is None:
            raise LookupError("the table of the revision is empty: run migrate")
        return Stamp(*row)

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


def close_readers() -> None:
    """Let go of the connections that read the revision, before a database is dropped or copied."""
    with _Reader._lock:
        for reader in _Reader._open.values():
            reader.close()
        _Reader._open.clear()
