"""From the text of a cell to a value. Every reader raises CellError with a French sentence."""

import datetime
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from directory.partial_dates import PartialDate
from regions.models import Kind


class CellError(ValueError):
    """The text of a cell cannot be read; the message says why, in French."""


class ParentRemovedError(Exception):
    """The cell names a row that somebody removed from the base by hand: leave this row out too."""


class Places:
    """What cells may refer to: territories by `kind:code`, and rows of other files by name."""

    def __init__(self, territories: Mapping[str, int]) -> None:
        self.territories = territories
        self.rows: dict[str, dict[str, int | None]] = {}

    def territory(self, text: str) -> int:
        """Primary key of the territory written `kind:code`."""
        try:
            return self.territories[text]
        except KeyError:
            pass
        if ":" not in text or text.split(":", 1)[0] not in Kind.values:
            raise CellError(
                f"« {text} » ne désigne pas un territoire. Écrivez son niveau et son code, "
                "par exemple departement:25."
            )
        raise CellError(f"« {text} » n’est le code d’aucun territoire connu.")

    def named(self, file: str, text: str) -> int:
        """Primary key of the row of another file that has this name."""
        rows = self.rows[file]
        if text not in rows:
            raise CellError(f"« {text} » n’existe pas dans {file}.")
        key = rows[text]
        if key is None:
            raise ParentRemovedError
        return key


Reader = Callable[[str, Places], Any]

YES: Final = "oui"
NO: Final = ("non", "")


def text(cell: str, places: Places) -> str:
    return cell


def yes_no(cell: str, places: Places) -> bool:
    if cell != YES and cell not in NO:
        raise CellError(f"« {cell} » : écrivez oui ou non.")
    return cell == YES


def yes_no_unknown(cell: str, places: Places) -> bool | None:
    """Empty is not known, which is not the same as no."""
    return None if not cell else yes_no(cell, places)


def whole_number(cell: str, places: Places) -> int | None:
    if not cell:
        return None
    if not cell.isdecimal():
        raise CellError(f"« {cell} » n’est pas un nombre entier.")
    return int(cell)


def number(cell: str, places: Places) -> Decimal | None:
    if not cell:
        return None
    try:
        value = Decimal(cell)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise CellError(
            f"« {cell} » n’est pas un nombre. Écrivez 2800000 ou 13.7, sans espace ni unité."
        )
    return value


def date(cell: str, places: Places) -> datetime.date | None:
    if not cell:
        return None
    try:
        return datetime.date.fromisoformat(cell)
    except ValueError as error:
        raise CellError(f"« {cell} » n’est pas une date complète. Écrivez 2026-09-15.") from error


def partial_date(cell: str, places: Places) -> PartialDate | None:
    if not cell:
        return None
    try:
        return PartialDate(cell)
    except ValueError as error:
        raise CellError(
            f"« {cell} » n’est pas une date. Écrivez 2026-09-15, 2026-09 ou 2026."
        ) from error


def words(cell: str, places: Places) -> list[str]:
    """Several values separated by `;`."""
    return [word.strip() for word in cell.split(";") if word.strip()]


def territory(cell: str, places: Places) -> int | None:
    return places.territory(cell) if cell else None


def regional(cell: str, places: Places) -> int | None:
    """A région or an overseas collectivité, written `kind:code`."""
    kind = cell.split(":", 1)[0]
    if cell and kind not in (Kind.REGION, Kind.COLLECTIVITY):
        raise CellError(f"« {cell} » n’est pas une région. Écrivez par exemple region:27.")
    return territory(cell, places)


def commune(cell: str, places: Places) -> int | None:
    """A current commune, by its INSEE code alone."""
    if not cell:
        return None
    try:
        return places.territory(f"{Kind.COMMUNE}:{cell}")
    except CellError as error:
        raise CellError(f"« {cell} » n’est pas le code Insee d’une commune actuelle.") from error


def named(file: str) -> Reader:
    """A row of another file, by its name there."""

    def read(cell: str, places: Places) -> int | None:
        return places.named(file, cell) if cell else None

    return read


def all_named(file: str) -> Reader:
    """Several rows of another file, separated by `;`. Gives a set of primary keys."""

    def read(cell: str, places: Places) -> frozenset[int]:
        return frozenset(places.named(file, word) for word in words(cell, places))

    return read
