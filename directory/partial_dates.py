"""Dates known to the day, the month or the year: "2017-12-19", "2017-12", "2017".

Written the ISO 8601 way, so that text order is time order.
"""

import calendar
import datetime
import re
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.dates import MONTHS

_PATTERN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_SQL_PATTERN = r"^\d{4}(-\d{2}(-\d{2})?)?$"


class PartialDate(str):
    """A date as precise as its source. A string, with its first and last possible day.

    Raises ValueError on anything that is not "YYYY", "YYYY-MM" or "YYYY-MM-DD".
    """

    __slots__ = ("first_day", "last_day")
    first_day: datetime.date
    last_day: datetime.date

    def __new__(cls, text: str) -> Self:
        found = _PATTERN.fullmatch(text)
        if not found:
            raise ValueError(f"not a date, month or year: {text!r}")
        year, month, day = (int(part or 0) for part in found.groups())
        self = super().__new__(cls, text)
        self.first_day = datetime.date(year, month or 1, day or 1)
        if day:
            self.last_day = self.first_day
        else:
            last_month = month or 12
            self.last_day = datetime.date(
                year, last_month, calendar.monthrange(year, last_month)[1]
            )
        return self

    def __getnewargs__(self) -> tuple[str]:
        return (str(self),)

    @property
    def year(self) -> int:
        return self.first_day.year

    @property
    def is_exact(self) -> bool:
        return self.first_day == self.last_day

    @property
    def label(self) -> str:
        """In French words: "19 décembre 2017", "décembre 2017", "2017"."""
        if len(self) == 4:
            return str(self)
        month = MONTHS[self.first_day.month]
        if len(self) == 7:
            return f"{month} {self.year}"
        day = "1er" if self.first_day.day == 1 else str(self.first_day.day)
        return f"{day} {month} {self.year}"


class PartialDateField(models.CharField):
    """Stores a `PartialDate`; empty is null. The database refuses any other form."""

    description = "Date complète, mois ou année"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 10
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("help_text", "Au format AAAA-MM-JJ, AAAA-MM ou AAAA.")
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_length", None)
        return name, path, list(args), kwargs

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        return f"{connection.ops.quote_name(self.column)} ~ '{_SQL_PATTERN}'"

    def from_db_value(self, value: str | None, *_: Any) -> PartialDate | None:
        return PartialDate(value) if value else None

    def to_python(self, value: Any) -> PartialDate | None:
        if value in (None, ""):
            return None
        if isinstance(value, PartialDate):
            return value
        try:
            return PartialDate(str(value).strip())
        except ValueError as error:
            raise ValidationError(
                "« %(value)s » n’est pas une date. Écrivez 2026-09-15, 2026-09 ou 2026.",
                code="invalid",
                params={"value": value},
            ) from error

    def get_prep_value(self, value: Any) -> str | None:
        value = super().get_prep_value(value)
        return str(value) if value else None
