"""`?au=2017-12-19`: the day a page is asked for. Shared by pathways, territories and Régions."""

import datetime
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.dates import MONTHS

#: The present Régions exist since that day; nothing before can be shown within their borders.
FIRST_DAY: Final = datetime.date(2016, 1, 1)
PARAMETER: Final = "au"


def day_label(day: datetime.date) -> str:
    """ "1er janvier 2017"."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {MONTHS[day.month]} {day.year}"


class DayForm(forms.Form):
    """The day asked for, between `FIRST_DAY` and today. Empty, or today: the present."""

    au = forms.CharField(
        label="Voir à une autre date",
        required=False,
        max_length=40,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.first, self.today = FIRST_DAY, timezone.localdate()
        bounds = {"min": FIRST_DAY.isoformat(), "max": self.today.isoformat()}
        self.fields["au"].widget.attrs.update(bounds)

    def clean_au(self) -> datetime.date | None:
        text = self.cleaned_data["au"].strip()
        if not text:
            return None
        try:
            day = datetime.date.fromisoformat(text)
        except ValueError as error:
            raise ValidationError(
                f"« {text} » n’est pas une date. Écrivez l’année, le mois et le jour : 2017-12-19."
            ) from error
        if day > self.today:
            raise ValidationError(
                f"Le {day_label(day)} n’est pas encore venu. Choisissez un jour passé, jusqu’à "
                "aujourd’hui."
            )
        if day < FIRST_DAY:
            raise ValidationError(
                f"Le {day_label(day)} est trop loin : les régions actuelles existent depuis le "
                f"{day_label(FIRST_DAY)}, et cette page ne remonte pas plus haut."
            )
        return day


def day_query(on: datetime.date) -> dict[str, str]:
    """What the address of a page on that day holds: nothing for today."""
    return {PARAMETER: on.isoformat()} if on < timezone.localdate() else {}


def on_day(address: str, on: datetime.date) -> str:
    """That address of one of our dated pages, on that day."""
    query = day_query(on)
    if not query or not address:
        return address
    path, mark, anchor = address.partition("#")
    joint = "&" if "?" in path else "?"
    return f"{path}{joint}{urlencode(query)}{mark}{anchor}"


class Day:
    """The day a page shows, said by `?au=`; today, with the reason in `form`, when said badly."""

    def __init__(self, path: str, query: QueryDict) -> None:
        self._path, self._query = path, query
        today = timezone.localdate()
        self.on, self.is_valid = today, True
        if PARAMETER in query:  # hardly anybody asks: what is not asked is not read
            self.is_valid = self.form.is_valid()
            self.on = (self.is_valid and self.form.cleaned_data.get(PARAMETER)) or today
        self.is_past = self.on < today

    @cached_property
    def form(self) -> DayForm:
        return DayForm(self._query)

    @property
    def label(self) -> str:
        return day_label(self.on)

    @property
    def iso(self) -> str:
        return self.on.isoformat()

    def url(self, address: str) -> str:
        """That address of one of our dated pages, on the same day."""
        return on_day(address, self.on) if self.is_past else address

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What else the address says: kept when the day changes."""
        return [
            (name, value)
            for name, values in self._query.lists()
            for value in values
            if name != PARAMETER
        ]

    @property
    def today_url(self) -> str:
        """The same page, today."""
        return self._path + (f"?{urlencode(self.kept)}" if self.kept else "")


def day_of(request: HttpRequest) -> Day:
    """The day the address asks for."""
    return Day(request.path, request.GET)
