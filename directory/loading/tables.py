"""Which file feeds which model: its columns, and those that make a row the same row next time.

Tables are in the order in which they can be loaded. To load a new column, add it here, in the
file and in docs/data-format.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import models

from directory.loading import cells
from directory.loading.cells import Reader
from directory.models import (
    Alias,
    Audience,
    CallEdition,
    Coverage,
    FundingScheme,
    Host,
    Indicator,
    Laureate,
    Membership,
    Network,
    Offer,
    Operator,
    OperatorKind,
    Publication,
    Reference,
    RegionFile,
    Relay,
    Stage,
    Synonym,
    Theme,
)


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
SCHEMES: Final = "schemes.csv"
EDITIONS: Final = "editions.csv"

_SLUG = Column("slug", key=True)
_SOURCED = (
    Column("caveat"),
    Column("source"),
    Column("source_date", cells.partial_date),
)
_TERRITORY = Column("territory", cells.territory, "territory_id", key=True)
_DATED = (Column("valid_until", cells.date),)
_FROM = Column("valid_from", cells.date)
_FROM_KEY = Column("valid_from", cells.date, key=True)


def _to(file: str, name: str, *, key: bool = False) -> Column:
    return Column(name, cells.named(file), f"{name}_id", key=key)


def _many(file: str, name: str) -> Column:
    return Column(name, cells.all_named(file), many=True)


TABLES: Final = (
    Table(
        STAGES,
        "étapes",
        Stage,
        (
            _SLUG,
            Column("position", cells.whole_number),
            Column("name"),
            Column("question"),
            Column("description"),
        ),
        name=("slug",),
    ),
    Table(
        KINDS,
        "types d’opérateurs",
        OperatorKind,
        (
            _SLUG,
            Column("letter"),
            Column("name"),
            Column("plural"),
            Column("expansion"),
            Column("is_desk", cells.yes_no),
            Column("description"),
        ),
        name=("slug",),
    ),
    Table(
        AUDIENCES,
        "publics",
        Audience,
        (_SLUG, Column("position", cells.whole_number), Column("name"), Column("description")),
        name=("slug",),
    ),
    Table(
        THEMES,
        "thématiques",
        Theme,
        (_SLUG, Column("name"), Column("description")),
        name=("slug",),
    ),
    Table(
        NETWORKS,
        "réseaux",
        Network,
        (_SLUG, Column("name"), Column("website"), Column("description")),
        name=("slug",),
    ),
    Table(
        SYNONYMS,
        "synonymes",
        Synonym,
        (Column("term", key=True), Column("equivalents", cells.words)),
    ),
    Table(
        OPERATORS,
        "opérateurs",
        Operator,
        (
            _SLUG,
            Column("name"),
            _to(KINDS, "kind"),
            Column("region", cells.regional, "region_id"),
            Column("state"),
            Column("opened_on", cells.partial_date),
            Column("closed_on", cells.partial_date),
            Column("commune", cells.commune, "commune_id"),
            Column("address"),
            Column("postcode"),
            Column("website"),
            Column("email"),
            Column("phone"),
            _many(NETWORKS, "networks"),
            Column("description"),
            *_SOURCED,
            Column("note"),
        ),
        name=("slug",),
        constants={"publication": Publication.PUBLISHED.value, "is_example": False},
    ),
    Table(
        OFFERS,
        "offres",
        Offer,
        (
            _to(OPERATORS, "operator", key=True),
            _to(STAGES, "stage", key=True),
            Column("title", key=True),
            Column("summary"),
            Column("conditions"),
            _many(AUDIENCES, "audiences"),
            _many(THEMES, "themes"),
            Column("entry_modes", cells.words),
            Column("services", cells.words),
            *_SOURCED,
        ),
        name=("operator", "stage", "title"),
        constants={"valid_from": None, "valid_until": None},
    ),
    Table(
        "hosts.csv",
        "structures porteuses",
        Host,
        (
            _to(OPERATORS, "operator", key=True),
            Column("name", key=True),
            _to(OPERATORS, "structure"),
            _FROM_KEY,
            *_DATED,
            *_SOURCED,
        ),
    ),
    Table(
        "memberships.csv",
        "membres de collectifs",
        Membership,
        (
            _to(OPERATORS, "collective", key=True),
            Column("name", key=True),
            _to(OPERATORS, "member"),
            Column("role", key=True),
            _FROM_KEY,
            *_DATED,
            *_SOURCED,
        ),
    ),
    Table(
        "aliases.csv",
        "autres noms",
        Alias,
        (
            _to(OPERATORS, "operator", key=True),
            Column("name", key=True),
            _FROM,
            *_DATED,
            *_SOURCED,
        ),
    ),
    Table(
        "references.csv",
        "autres sources",
        Reference,
        (
            _to(OPERATORS, "operator", key=True),
            Column("source", key=True),
            Column("source_date", cells.partial_date),
            Column("supports"),
            Column("caveat"),
        ),
    ),
    Table(
        SCHEMES,
        "dispositifs de financement",
        FundingScheme,
        (
            _SLUG,
            Column("name"),
            Column("kind"),
            Column("funder"),
            Column("description"),
            *_SOURCED,
        ),
        name=("slug",),
        constants={"publication": Publication.PUBLISHED.value, "is_example": False},
    ),
    Table(
        EDITIONS,
        "éditions d’appels",
        CallEdition,
        (
            Column("key", key=True),
            _to(SCHEMES, "scheme"),
            Column("title"),
            Column("year", cells.whole_number),
            Column("funder"),
            Column("envelope", cells.number),
            Column("opens_on", cells.partial_date),
            Column("closes_on", cells.partial_date),
            _many(STAGES, "stages"),
            _many(THEMES, "themes"),
            _many(AUDIENCES, "audiences"),
            Column("entry_modes", cells.words),
            Column("link"),
            Column("note"),
            *_SOURCED,
        ),
        name=("key",),
    ),
    Table(
        "coverage.csv",
        "zones d’intervention",
        Coverage,
        (
            _to(OPERATORS, "operator", key=True),
            _to(OFFERS, "offer", key=True),
            _to(SCHEMES, "scheme", key=True),
            _to(EDITIONS, "edition", key=True),
            _TERRITORY,
            Column("excluded", cells.yes_no, key=True),
            _FROM_KEY,
            *_DATED,
            *_SOURCED,
        ),
    ),
    Table(
        "laureates.csv",
        "lauréats",
        Laureate,
        (
            _to(EDITIONS, "edition", key=True),
            Column("name", key=True),
            Column("commune", cells.commune, "commune_id"),
            Column("amount", cells.number),
            *_SOURCED,
        ),
    ),
    Table(
        "relays.csv",
        "passages de relais",
        Relay,
        (
            _to(OPERATORS, "from_operator", key=True),
            _to(KINDS, "from_kind", key=True),
            _to(NETWORKS, "from_network", key=True),
            Column("from_label", key=True),
            _to(OPERATORS, "to_operator", key=True),
            _to(KINDS, "to_kind", key=True),
            _to(NETWORKS, "to_network", key=True),
            Column("to_label", key=True),
            _TERRITORY,
            _to(STAGES, "from_stage", key=True),
            _to(STAGES, "to_stage", key=True),
            Column("condition"),
            Column("is_internal", cells.yes_no),
            _FROM_KEY,
            *_DATED,
            *_SOURCED,
        ),
    ),
    Table(
        "indicators.csv",
        "chiffres datés",
        Indicator,
        (
            _SLUG,
            Column("label"),
            Column("value", cells.number, key=True),
            Column("denominator", cells.number),
            Column("unit"),
            Column("qualifier"),
            Column("as_of", cells.partial_date, key=True),
            _TERRITORY,
            _to(OPERATORS, "operator", key=True),
            Column("caveat"),
            Column("source", key=True),
            Column("source_date", cells.partial_date),
        ),
    ),
    Table(
        "regions.csv",
        "régions",
        RegionFile,
        (
            Column("region", cells.regional, "region_id", key=True),
            Column("documented_since", cells.date),
            _to(OPERATORS, "fallback"),
            Column("note"),
            *_SOURCED,
        ),
    ),
)
