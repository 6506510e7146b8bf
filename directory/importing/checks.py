"""What a row must be as a whole, once its cells are read: its series, its key, its rights."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from django.utils.text import slugify

from directory.importing.columns import BY_NAME, COLUMNS
from directory.importing.names import plain
from directory.importing.rights import Rights
from directory.importing.vocabulary import Vocabulary
from directory.models import FundingKind, Publication
from directory.partial_dates import PartialDate

if TYPE_CHECKING:
    from directory.importing.plan import RowPlan


@dataclass
class Scheme:
    """The series of a row: known (`pk`), or to be created."""

    slug: str
    name: str
    kind: str
    publication: str
    source: str = ""
    pk: int | None = None
    line: int = 0

    @property
    def is_new(self) -> bool:
        return self.pk is None


class Schemes:
    """Finds the series that cells name; one that is not known is new, once for the whole file."""

    def __init__(self, vocabulary: Vocabulary, rights: Rights) -> None:
        self.vocabulary = vocabulary
        self.rights = rights
        self.new: dict[str, Scheme] = {}
        self.known: dict[str, Scheme] = {}
        self.by_name: dict[str, list[str]] = {}
        for info in vocabulary.schemes.values():
            if rights.sees_scheme(info.slug):
                self.known[info.slug] = Scheme(
                    info.slug, info.name, info.kind, info.publication, pk=info.pk
                )
                for name in {plain(info.name), plain(info.slug)}:
                    self.by_name.setdefault(name, []).append(info.slug)

    def find(self, text: str) -> Scheme | None:
        """Raises ValueError when several series have this name."""
        if text in self.known:
            return self.known[text]
        slugs = self.by_name.get(plain(text), [])
        if len(slugs) > 1:
            raise ValueError(
                f"« {text} » est le nom de plusieurs séries. Écrivez l’identifiant de l’une : "
                f"{', '.join(slugs[:5])}."
            )
        return self.known[slugs[0]] if slugs else None

    def make(self, text: str, kind: str, line: int) -> Scheme:
        name = plain(text)
        if name not in self.new:
            base = slug = slugify(text)[:110] or "serie"
            number, taken = 1, {scheme.slug for scheme in self.new.values()}
            while slug in self.vocabulary.schemes or slug in taken:
                number += 1
                slug = f"{base}-{number}"
            self.new[name] = Scheme(slug, text, kind, Publication.DRAFT, line=line)
        return self.new[name]

    def look_alikes(self, text: str) -> list[str]:
        found = get_close_matches(plain(text), self.by_name, n=4, cutoff=0.75)
        slugs = dict.fromkeys(slug for name in found for slug in self.by_name[name])
        return [self.known[slug].name for slug in list(slugs)[:2]]


class RowChecks:
    """The checks of one file. Errors go to the row they are about, with their column."""

    def __init__(self, vocabulary: Vocabulary, rights: Rights, schemes: Schemes) -> None:
        self.vocabulary = vocabulary
        self.rights = rights
        self.schemes = schemes

    def error(self, name: str, message: str) -> dict[str, str]:
        return {"name": name, "column": BY_NAME[name].heading, "message": message}

    def identify(self, row: "RowPlan") -> None:
        """Finds the series and the key of a row, as far as its cells could be read."""
        text = row.values.get("scheme", "")
        kind = row.values.get("kind", "")
        if text:
            try:
                row.scheme = self.schemes.find(text) or self._new(row, text, kind)
            except ValueError as error:
                row.errors.append(self.error("scheme", str(error)))
        if not row.key and row.scheme and not any(e["name"] == "key" for e in row.errors):
            year = row.values.get("year")
            row.key = f"{row.scheme.slug}-{year}" if year else row.scheme.slug

    def _new(self, row: "RowPlan", text: str, kind: str) -> "Scheme | None":
        if slugify(text) == "":
            raise ValueError(f"« {text} » ne peut pas être le nom d’une série.")
        scheme = self.schemes.make(text, kind, row.line)
        scheme.kind = scheme.kind or kind
        if kind and kind != scheme.kind:
            row.errors.append(
                self.error(
                    "kind",
                    f"La ligne {scheme.line} donne à cette nouvelle série le type "
                    f"« {FundingKind(scheme.kind).label} » : gardez le même.",
                )
            )
        return scheme

    def check(self, row: "RowPlan", lines: dict[str, int]) -> None:
        """`lines` are the keys of the rows above, and their lines."""
        wrong = {error["name"] for error in row.errors}

        def refuse(name: str, message: str) -> None:
            if name not in wrong:
                row.errors.append(self.error(name, message))

        if row.key and row.key in lines:
            refuse("key", f"La ligne {lines[row.key]} porte déjà la clé « {row.key} ».")
        if row.state and row.scheme is None and "scheme" not in wrong:
            row.scheme = self.schemes.known.get(row.state.scheme)
        self._own(row, refuse)
        self._complete(row, refuse)
        self._dates(row, refuse)
        self._zones(row, refuse)
        self._funders(row, refuse)
        if not row.errors:
            self._note(row)

    def _own(self, row: "RowPlan", refuse: Any) -> None:
        """The edition and its series are of the Région, and of each other."""
        if row.state and not self.rights.holds_scheme(row.state.scheme):
            refuse(
                "key",
                f"La clé « {row.key} » est celle d’un appel qui n’est pas propre à votre région : "
                "choisissez-en une autre.",
            )
            return
        scheme = row.scheme
        if scheme is None:
            return
        if not scheme.is_new and not self.rights.holds_scheme(scheme.slug):
            refuse(
                "scheme",
                f"La série « {scheme.name} » n’est pas propre à votre région : adressez-vous à "
                "l’administration du service.",
            )
        if row.state and row.state.scheme != scheme.slug:
            refuse(
                "scheme",
                f"L’appel de clé « {row.key} » est une édition de la série "
                f"« {row.state.scheme} » : il ne change pas de série.",
            )
        kind = row.values.get("kind", "")
        if kind and not scheme.is_new and kind != scheme.kind:
            refuse(
                "kind",
                f"La série « {scheme.name} » est de type « {FundingKind(scheme.kind).label} » : "
                "un import ne le change pas.",
            )

    def _complete(self, row: "RowPlan", refuse: Any) -> None:
        for column in COLUMNS:
            given = row.values.get(column.name)
            if column.needed and given == "" and not (column.name == "scheme" and row.state):
                refuse(column.name, "Cette cellule ne peut pas être vide.")
            elif column.needed and row.state is None and column.name not in row.values:
                refuse(column.name, "Cette colonne manque, et l’appel n’existe pas encore.")
        scheme = row.scheme
        if scheme and scheme.is_new and not scheme.kind:
            labels = ", ".join(str(label) for label in FundingKind.labels)
            refuse("kind", f"La série est nouvelle : dites son type, parmi {labels}.")
        if not row.key and scheme is None and "key" not in {e["name"] for e in row.errors}:
            if "scheme" not in row.values:
                refuse("key", "Donnez la clé de l’appel.")
        elif row.key and row.state is None and len(row.key) > 160:
            refuse("key", "La série et l’année font une clé trop longue : écrivez-en une.")

    def _dates(self, row: "RowPlan", refuse: Any) -> None:
        held = row.state.values if row.state else {}
        opens = row.values.get("opens_on", held.get("opens_on"))
        closes = row.values.get("closes_on", held.get("closes_on"))
        if opens and closes and opens[: len(closes)] > closes:
            name = "closes_on" if "closes_on" in row.values else "opens_on"
            refuse(
                name,
                f"La clôture ({PartialDate(closes).label}) précède l’ouverture "
                f"({PartialDate(opens).label}).",
            )

    def _zones(self, row: "RowPlan", refuse: Any) -> None:
        held: dict[str, Any] = row.state.values if row.state else {}
        included: list[str]
        excluded: list[str]
        included = row.values.get("territories", held.get("territories", []))
        excluded = row.values.get("excluded", held.get("excluded", []))
        if excluded and not included:
            refuse("excluded", "Dites aussi, dans « Territoires », de quoi ceux-ci sont exclus.")
        both = sorted(set(included) & set(excluded))
        if both:
            label = self.vocabulary.territories.label(both[0])
            refuse("excluded", f"{label} ne peut pas être à la fois dedans et dehors.")
        if self.rights.region is None:
            return
        for name, keys in (("territories", included), ("excluded", excluded)):
            for key in keys:
                if not self.rights.holds_territory(self.vocabulary.territories.pks.get(key, 0)):
                    label = self.vocabulary.territories.label(key)
                    refuse(name, f"{label} n’est pas tout entier dans votre région.")
        if row.scheme and row.scheme.is_new and not included:
            refuse("territories", "La série est nouvelle : dites sur quels territoires.")

    def _funders(self, row: "RowPlan", refuse: Any) -> None:
        region = self.rights.region
        if region is None:
            return
        for slug, *_ in row.values.get("fundings", []):
            if self.vocabulary.funder_regions.get(str(slug), region.key) != region.key:
                label = self.vocabulary.funders.labels[str(slug)]
                refuse("fundings", f"« {label} » : un agent ne peut pas engager une autre Région.")

    def _note(self, row: "RowPlan") -> None:
        scheme = row.scheme
        if scheme and scheme.is_new:
            alike = self.schemes.look_alikes(scheme.name) if scheme.line == row.line else []
            near = (
                f" Elle ressemble à {' et à '.join(f'« {one} »' for one in alike)}."
                if alike
                else ""
            )
            row.notes.append(f"Nouvelle série : « {scheme.name} ».{near}")
        elif scheme and scheme.publication == Publication.DRAFT:
            row.notes.append("La série est en brouillon : cet appel ne se verra pas encore.")
        if row.state is None and not row.values.get("territories") and scheme and scheme.is_new:
            row.notes.append("Sans territoire, cet appel ne paraîtra sur aucun parcours.")
