"""Numbers that any write to the directory or the geography bumps, by database triggers.

Cached pages and what is kept in memory stand against them: bulk writes, SQL by hand and imports
bump them like any other.
"""

from collections.abc import Callable
from typing import NamedTuple

from django.db import models

from directory.models.reader import Made, last_numbers, read_numbers


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
        return cls.current_while(lambda: None)[0]

    @classmethod
    def current_while(cls, make: Callable[[], Made]) -> tuple[Stamp, Made]:
        """The stamp, and what was made once it was asked for, while it was waited for."""
        numbers, made = read_numbers(_QUERY, make)
        return Stamp(*numbers), made

    @classmethod
    def last_known(cls) -> Stamp | None:
        """The stamp of an earlier request: the present one, most of the time.

        None before the first, and inside of a transaction.
        """
        numbers = last_numbers(_QUERY)
        return Stamp(*numbers) if numbers else None
