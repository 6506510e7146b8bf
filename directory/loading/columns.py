"""How a file is declared: its columns, the table it feeds, and what files have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import models

from directory.loading import cells
from directory.loading.cells import Reader


@dataclass(frozen=True)
class Column:
    """A column of a file: how its cells are read, and the field they fill (by default, its name).

    `key`: part of what identifies the row. `many`: a set of rows of another file.
    """

    name: str
    read: Reader = cells.text
    field: str = ""
    key: bool = False
    many: bool = False

    @property
    def target(self) -> str:
        return self.field or self.name


@dataclass(frozen=True)
class Table:
    """A file, the model it feeds, and what every one of its rows gets besides its cells.

    `name`: the columns by which other files name a row, joined by `/`.
    """

    file: str
    label: str
    model: type[models.Model]
    columns: tuple[Column, ...]
    name: tuple[str, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.key)

    @property
    def stored(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if not column.many)

    @property
    def manies(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.many)


STAGES: Final = "stages.csv"
KINDS: Final = "kinds.csv"
AUDIENCES: Final = "audiences.csv"
THEMES: Final = "themes.csv"
NETWORKS: Final = "networks.csv"
SYNONYMS: Final = "synonyms.csv"
OPERATORS: Final = "operators.csv"
OFFERS: Final = "offers.csv"
FUNDERS: Final = "funders.csv"
SCHEMES: Final = "schemes.csv"
EDITIONS: Final = "editions.csv"

SLUG = Column("slug", key=True)
SOURCED = (
    Column("caveat"),
    Column("source"),
    Column("source_date", cells.partial_date),
)
CONTACT = (Column("contact"), Column("contact_email"), Column("contact_phone"))
TERRITORY = Column("territory", cells.territory, "territory_id", key=True)
REGION = Column("region", cells.regional, "region_id")
DATED = (Column("valid_until", cells.date),)
FROM = Column("valid_from", cells.date)
FROM_KEY = Column("valid_from", cells.date, key=True)


def to(file: str, name: str, *, key: bool = False) -> Column:
    return Column(name, cells.named(file), f"{name}_id", key=key)


def many(file: str, name: str) -> Column:
    return Column(name, cells.all_named(file), many=True)
