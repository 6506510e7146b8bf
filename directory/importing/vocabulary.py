"""What cells may name, read once for a whole file: series, funders, stages, territories…"""

from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet

from directory.importing.names import plain
from directory.models import Audience, Funder, FundingScheme, Stage, Theme
from regions.models import LEADING_KINDS, Kind, Territory

#: Unknown territories of one file for which look-alikes are looked for: each costs 50 ms.
MOST_LOOKUPS: Final = 60

_LEVELS: Final = {
    "commune": Kind.COMMUNE,
    "ville": Kind.COMMUNE,
    "departement": Kind.DEPARTEMENT,
    "region": Kind.REGION,
    "collectivite": Kind.COLLECTIVITY,
    "epci": Kind.EPCI,
    "intercommunalite": Kind.EPCI,
    "ept": Kind.EPT,
    "pays": Kind.PAYS,
    "petr": Kind.PAYS,
}
_SMALL_WORDS: Final = ("de la ", "de l ", "des ", "du ", "de ", "d ", "la ", "le ", "les ", "l ")
#: A name alone means the widest of its namesakes among these, never a guess among the others.
_FIRST: Final = (Kind.COUNTRY, Kind.REGION, Kind.COLLECTIVITY)
_COUNTRY_NAMES: Final = {"france", "france entiere", "national", "toute la france"}


@dataclass(frozen=True, slots=True)
class SchemeInfo:
    """A series that cells can name."""

    pk: int
    slug: str
    name: str
    kind: str
    publication: str


@dataclass
class Terms:
    """A reference list: what is stored -> what is shown, in order; and the names people type."""

    labels: dict[str, str]
    pks: dict[str, int] = field(default_factory=dict)
    rank: dict[str, int] = field(init=False)
    known: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.rank = {slug: rank for rank, slug in enumerate(self.labels)}
        self.known = {plain(label): slug for slug, label in self.labels.items()}
        self.known |= {plain(slug): slug for slug in self.labels}

    def find(self, text: str) -> str | None:
        return self.known.get(plain(text))

    def near(self, text: str) -> list[str]:
        """The labels that look most like the text, the best first."""
        found = get_close_matches(plain(text), self.known, n=6, cutoff=0.6)
        return list(dict.fromkeys(self.labels[self.known[one]] for one in found))[:3]


def terms_of(queryset: QuerySet[Any]) -> Terms:
    rows = list(queryset.values_list("slug", "name", "pk"))
    return Terms({slug: name for slug, name, _ in rows}, {slug: pk for slug, _, pk in rows})


class UnknownTerritoryError(ValueError):
    """No territory, or several, for that text; the message says which could be meant."""


class Territories:
    """All territories by `kind:code` and by name."""

    def __init__(self) -> None:
        self.pks: dict[str, int] = {}
        self.names: dict[str, str] = {}
        rows = Territory.objects.values_list("pk", "kind", "code", "name")
        for pk, kind, code, name in rows.order_by("kind_rank", "code").iterator(chunk_size=5000):
            key = f"{kind}:{code}"
            self.pks[key] = pk
            self.names[key] = name
        self._lookups = 0
        self._near: dict[str, list[str]] = {}

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """Made when a cell first names a territory: forty thousand names take their time."""
        found: dict[str, list[str]] = {}
        for key, name in self.names.items():
            if key.partition(":")[0] not in LEADING_KINDS:  # only old zones name these
                found.setdefault(plain(name), []).append(key)
        return found

    def find(self, text: str) -> str:
        """The `kind:code` that the text means. Raises UnknownTerritoryError, in French."""
        if text in self.pks:
            return text
        level, found, code = text.partition(":")
        kind = _LEVELS.get(plain(level)) if found else None
        if kind:
            return self._by_code(kind, code.strip(), text)
        name = plain(text)
        if name in _COUNTRY_NAMES:
            return next(key for key in self.pks if key.startswith(Kind.COUNTRY))
        return self._by_name(name, text)

    def label(self, key: str) -> str:
        """ "Bretagne (région)"."""
        kind = key.partition(":")[0]
        if kind == Kind.COUNTRY:
            return "France entière"
        return f"{self.names.get(key, key)} ({Kind(kind).label})".replace("'", "’")

    def _by_code(self, kind: Kind, code: str, text: str) -> str:
        key = f"{kind}:{code.upper() if code[:1] == '2' else code}"
        if key in self.pks:
            return key
        if (padded := f"{kind}:{code.zfill(2)}") in self.pks:
            return padded
        named = [one for one in self.by_name.get(plain(code), []) if one.startswith(f"{kind}:")]
        if len(named) == 1:
            return named[0]
        others = [other for other in self._of_code(code) if not other.startswith(f"{kind}:")]
        if others:
            raise UnknownTerritoryError(
                f"« {code} » n’est pas le code d’un territoire de niveau « {kind.label} », mais "
                f"celui de {self._listed(others)}."
            )
        raise self._unknown(text, code)

    def _by_name(self, name: str, text: str) -> str:
        if text.isascii() and (text.isdigit() or text.upper() in ("2A", "2B")):
            raise self._bare_code(text)
        first, _, rest = name.partition(" ")
        kind = _LEVELS.get(first)
        keys = self._of_level(kind, rest) if kind else []
        keys = keys or self.by_name.get(name, [])
        for wide in _FIRST:
            widest = [key for key in keys if key.startswith(f"{wide}:")]
            if len(widest) == 1:
                return widest[0]
        if len(keys) == 1:
            return keys[0]
        raise self._several(text, keys) if keys else self._unknown(text, rest if kind else name)

    def _of_level(self, kind: Kind, name: str) -> list[str]:
        """« département du Finistère »: those of that level and name, small words apart."""
        for word in ("", *_SMALL_WORDS):
            named = self.by_name.get(name.removeprefix(word), [])
            keys = [key for key in named if key.startswith(f"{kind}:")]
            if keys:
                return keys
        return []

    def _of_code(self, code: str) -> list[str]:
        codes = sorted({code, code.zfill(2), code.upper()})
        kinds = [kind for kind in Kind if kind not in LEADING_KINDS]
        keys = [f"{kind}:{one}" for kind in kinds for one in codes]
        return [key for key in keys if key in self.pks]

    def _bare_code(self, text: str) -> UnknownTerritoryError:
        keys = self._of_code(text)
        if not keys:
            return self._unknown(text, text)
        return UnknownTerritoryError(
            f"« {text} » : un code seul ne dit pas de quel niveau il est. Écrivez "
            f"{self._listed(keys)}."
        )

    def _several(self, text: str, keys: list[str]) -> UnknownTerritoryError:
        return UnknownTerritoryError(
            f"« {text} » désigne plusieurs territoires. Écrivez {self._listed(keys)}."
        )

    def _unknown(self, text: str, name: str) -> UnknownTerritoryError:
        near = self._look_alikes(name)
        proposed = f" Vouliez-vous dire {self._listed(near)} ?" if near else ""
        return UnknownTerritoryError(
            f"« {text} » n’est pas un territoire connu.{proposed} On écrit un nom, ou le niveau et "
            "le code : region:53, departement:29, epci:200067205, commune:35238."
        )

    def _listed(self, keys: list[str]) -> str:
        shown = [f"{key} ({self.names[key]})".replace("'", "’") for key in keys[:4]]
        more = ["…"] if len(keys) > 4 else []
        return " ou ".join(shown + more)

    def _look_alikes(self, name: str) -> list[str]:
        if name not in self._near and self._lookups < MOST_LOOKUPS and name:
            self._lookups += 1
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT kind || ':' || code FROM regions_territory "
                    "WHERE kind NOT IN ('ancienne', 'arrondissement') "
                    "  AND similarity(replace(slug, '-', ' '), %(name)s) > 0.35 "
                    "ORDER BY similarity(replace(slug, '-', ' '), %(name)s) DESC, kind_rank DESC, "
                    "  code LIMIT 3",
                    {"name": name[:100]},
                )
                self._near[name] = [row[0] for row in cursor.fetchall() if row[0] in self.pks]
        return self._near.get(name, [])


class Vocabulary:
    """All that cells may name. A handful of queries, whatever the size of the file."""

    def __init__(self) -> None:
        self.stages = terms_of(Stage.objects.order_by("position"))
        self.themes = terms_of(Theme.objects.order_by("name", "pk"))
        self.audiences = terms_of(Audience.objects.order_by("position", "name", "pk"))
        self.funders = terms_of(Funder.objects.order_by("name", "pk"))
        self.funder_regions: dict[str, str] = {
            slug: f"{kind}:{code}"
            for slug, kind, code in Funder.objects.filter(
                territory__kind__in=[Kind.REGION, Kind.COLLECTIVITY]
            ).values_list("slug", "territory__kind", "territory__code")
        }
        self.territories = Territories()
        self.schemes: dict[str, SchemeInfo] = {}
        self.schemes_by_name: dict[str, list[str]] = {}
        for row in FundingScheme.objects.order_by("pk").values_list(
            "pk", "slug", "name", "kind", "publication"
        ):
            info = SchemeInfo(*row)
            self.schemes[info.slug] = info
            self.schemes_by_name.setdefault(plain(info.name), []).append(info.slug)
