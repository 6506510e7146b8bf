"""What every step of a load works with: the transaction, the vintage, the report."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from regions.geography import files
from regions.models import Vintage

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class LoadReport:
    """What a load did: rows written by table and verb, and what somebody should look at."""

    vintage: str
    skipped: bool = False
    changes: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def count(self, what: str, rows: int) -> None:
        if rows > 0:
            self.changes[what] = self.changes.get(what, 0) + rows

    def warn(self, message: str) -> None:
        self.warnings.append(message)
        logger.warning(message)


class Loading:
    """One load under way, inside its transaction.

    `ids` are the primary keys of territories by (kind, code), once they are written; `first` is
    whether nothing was ever loaded.
    """

    def __init__(self, cursor: Any, vintage: files.Vintage, report: LoadReport) -> None:
        self.cursor = cursor
        self.vintage = vintage
        self.report = report
        self.ids: dict[tuple[str, str], int] = {}
        self.first = not Vintage.objects.exists()

    def run(self, what: str | None, sql: str, *parameters: Any) -> None:
        """Executes, and counts the rows under `what`."""
        self.cursor.execute(sql, parameters or None)
        if what:
            self.report.count(what, self.cursor.rowcount)

    def create(self, table: str, columns: str) -> None:
        """A temporary table, gone with the transaction (or with the next load inside it)."""
        self.cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        self.cursor.execute(f"CREATE TEMPORARY TABLE {table} ({columns}) ON COMMIT DROP")

    def copy(self, target: str, rows: Iterable[Sequence[Any]]) -> None:
        with self.cursor.copy(f"COPY {target} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
