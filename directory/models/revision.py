"""One number that any write to the directory or the geography bumps, by database triggers.

Cached pages are kept against it: bulk writes, SQL by hand and imports bump it like any other.
"""

from django.db import connection, models


class Revision(models.Model):
    """A single row. Read with `current()`; never written by Python."""

    number = models.BigIntegerField("numéro")

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
    def current(cls) -> int:
        """The revision of the data visible now. One query on one row."""
        with connection.cursor() as cursor:  # read on every request: half the time of the ORM
            cursor.execute("SELECT number FROM directory_revision WHERE id = 1")
            number: int = cursor.fetchone()[0]
        return number
