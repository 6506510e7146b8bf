"""From the text of a cell to a value, and back. What cannot be read says what would be.

Values are plain data (texts, numbers, lists), keyed by slugs and `kind:code`, so that they can be
kept as JSON and compared years later. Every reader raises ValueError with a sentence in French.
"""

import calendar
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db.models import Choices
from django.utils.dates import MONTHS
from django.utils.text import slugify

from directory.calls.words import euros
from directory.importing.names import plain
from directory.importing.vocabulary import Terms, Vocabulary
from directory.models import EntryMode, FundingKind, FundingNature, Publication
from directory.partial_dates import PartialDate

Reader = Callable[[str, Vocabulary], Any]
Writer = Callable[[Any, Vocabulary], str]

_SPACES: Final = re.compile(r"[\s\u00a0\u202f]+")
_AMOUNT: Final = re.compile(r"(-?\d+)(?:[.,](\d+))?(k|m|md)?€?", re.IGNORECASE | re.ASCII)
_GROUPED: Final = re.compile(r"-?\d{1,3}(?:[.,]\d{3})+(?:[.,]\d+)?€?", re.ASCII)
_SCALE: Final = {"k": 3, "m": 6, "md": 9, "": 0}
_FRENCH_DAY: Final = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})", re.ASCII)
_SHORT_YEAR: Final = re.compile(r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2}", re.ASCII)
_FRENCH_MONTH: Final = re.compile(r"(\d{1,2})[/.\-](\d{4})", re.ASCII)
_IN_WORDS: Final = re.compile(r"(?:(\d{1,2})(?:er)? )?([a-z]+) (\d{4})", re.ASCII)
_MONTHS: Final = {plain(str(name)): number for number, name in MONTHS.items()}
_MONTHS_SHORT: Final = {name[:4].rstrip("."): number for name, number in _MONTHS.items()} | {
    "janv": 1, "fev": 2, "fevr": 2, "avr": 4, "sept": 9, "oct": 10, "nov": 11, "dec": 12
}  # fmt: skip
DATE_FORMS: Final = "Écrivez 15/09/2026, septembre 2026 ou 2026."
MOST_EUROS: Final = Decimal("999999999999.99")


def text_of(limit: int | None = None) -> Reader:
    def read(cell: str, vocabulary: Vocabulary) -> str:
        if "\x00" in cell:
            raise ValueError("Ce texte contient un caractère nul.")
        if limit and len(cell) > limit:
            raise ValueError(f"Ce texte fait {len(cell)} signes ; {limit} au plus.")
        return cell

    return read


def key(cell: str, vocabulary: Vocabulary) -> str:
    if cell and (slugify(cell) != cell or len(cell) > 160):
        raise ValueError(
            f"« {cell[:60]} » ne peut pas être une clé. Écrivez des minuscules sans accent, des "
            "chiffres et des tirets, 160 signes au plus : "
            f"{slugify(cell)[:60] or 'mon-appel-2026'}."
        )
    return cell


def whole_number(most: int) -> Reader:
    def read(cell: str, vocabulary: Vocabulary) -> int | None:
        digits = _SPACES.sub("", cell)
        if not digits:
            return None
        if not (digits.isascii() and digits.isdigit()):
            raise ValueError(f"« {cell[:60]} » n’est pas un nombre entier. Écrivez par exemple 12.")
        if int(digits[:12]) > most or len(digits) > 12:
            raise ValueError(f"« {cell[:60]} » est trop grand : {most} au plus.")
        return int(digits)

    return read


def year(cell: str, vocabulary: Vocabulary) -> int | None:
    if not cell:
        return None
    if not (cell.isascii() and cell.isdigit() and len(cell) == 4 and 1990 <= int(cell) <= 2100):
        raise ValueError(f"« {cell[:60]} » n’est pas une année. Écrivez par exemple 2026.")
    return int(cell)


def amount(cell: str, vocabulary: Vocabulary) -> str | None:
    """Euros as a decimal text without useless zeros: "120 000 €" -> "120000"."""
    bare = _SPACES.sub("", cell).lower().replace("euros", "€").replace("eur", "€").rstrip("€")
    if not bare:
        return None
    found = _AMOUNT.fullmatch(bare)
    grouped = _GROUPED.fullmatch(bare)
    if grouped and not (found and found[3]):
        raise ValueError(
            f"« {cell[:60]} » se lit de deux façons. Écrivez les milliers avec des espaces et les "
            "centimes après une virgule : 1 500 000 ou 1 500,50."
        )
    if not found or (len(found[2] or "") > 2 and not found[3]):
        raise ValueError(
            f"« {cell[:60]} » n’est pas un montant. Écrivez-le en chiffres : 120000, 120 000 € "
            "ou 1,2 M€."
        )
    try:
        value = Decimal(f"{found[1]}.{found[2] or 0}").scaleb(_SCALE[found[3] or ""])
    except InvalidOperation as error:
        raise ValueError(f"« {cell[:60]} » n’est pas un montant.") from error
    if value < 0:
        raise ValueError("Un montant ne peut pas être négatif.")
    if value > MOST_EUROS:
        raise ValueError(f"« {cell[:60]} » dépasse mille milliards d’euros.")
    return plain_decimal(value)


def show_amount(value: str | None, vocabulary: Vocabulary) -> str:
    """ "120 000 €", with the no-break spaces of what people read."""
    return euros(Decimal(value)) if value else ""


def plain_decimal(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def date(cell: str, vocabulary: Vocabulary) -> str | None:
    """A partial date in ISO form, from it, from French digits or from French words."""
    if not cell:
        return None
    try:
        value = PartialDate(_iso(cell))
    except ValueError as error:
        raise ValueError(_date_problem(cell)) from error
    if not 1990 <= value.year <= 2100:
        raise ValueError(
            f"« {cell[:60]} » : l’année {value.year} n’est pas plausible. {DATE_FORMS}"
        )
    return str(value)


def _iso(cell: str) -> str:
    if found := _FRENCH_DAY.fullmatch(cell):
        return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    if found := _FRENCH_MONTH.fullmatch(cell):
        return f"{found[2]}-{int(found[1]):02}"
    if found := _IN_WORDS.fullmatch(plain(cell)):
        month = _MONTHS.get(found[2]) or _MONTHS_SHORT.get(found[2])
        if month:
            day = f"-{int(found[1]):02}" if found[1] else ""
            return f"{found[3]}-{month:02}{day}"
    return cell


def _date_problem(cell: str) -> str:
    shown = f"« {cell[:60]} »"
    if _SHORT_YEAR.fullmatch(cell):
        return f"{shown} : écrivez l’année avec quatre chiffres. {DATE_FORMS}"
    if cell.isdigit() and len(cell) == 5:
        return (
            f"{shown} est un numéro de jour d’Excel : mettez la cellule au format date. "
            f"{DATE_FORMS}"
        )
    try:
        iso = _iso(cell)
        years, months, days = [int(part) for part in iso.split("-")]
    except ValueError:
        return f"{shown} n’est pas une date. {DATE_FORMS}"
    if not 1 <= months <= 12:
        return f"{shown} n’existe pas : il n’y a pas de mois {months}. {DATE_FORMS}"
    last = calendar.monthrange(years, months)[1] if 1 <= years <= 9999 else 31
    if not 1 <= days <= last:
        return f"{shown} n’existe pas : ce mois-là a {last} jours. {DATE_FORMS}"
    return f"{shown} n’est pas une date. {DATE_FORMS}"


def write_date(value: str | None, vocabulary: Vocabulary) -> str:
    """15/09/2026, 09/2026 or 2026: what spreadsheets in French take for a date."""
    return "/".join(reversed(value.split("-"))) if value else ""


def words(cell: str) -> list[str]:
    return [word.strip() for word in cell.split(";") if word.strip()]


def choice_of(choices: type[Choices], what: str, synonyms: dict[str, str] | None = None) -> Reader:
    terms = choice_terms(choices)
    known = {plain(typed): value for typed, value in (synonyms or {}).items()}

    def read(cell: str, vocabulary: Vocabulary) -> str:
        if not cell:
            return ""
        found = terms.find(cell) or known.get(plain(cell))
        if not found:
            raise ValueError(
                f"« {cell[:60]} » n’est pas {what}. On peut écrire : "
                f"{', '.join(terms.labels.values())}."
            )
        return found

    return read


def choice_terms(choices: type[Choices]) -> Terms:
    return Terms({str(value): str(label) for value, label in choices.choices})


def write_choice(choices: type[Choices]) -> Writer:
    labels = choice_terms(choices).labels

    def write(value: str, vocabulary: Vocabulary) -> str:
        return labels.get(value, "")

    return write


def several_of(name: str, what: str) -> Reader:
    """Terms of a list of the vocabulary ("stages"), separated by `;`, in the order of the list."""

    def read(cell: str, vocabulary: Vocabulary) -> list[str]:
        return _several(cell, getattr(vocabulary, name), what)

    return read


def write_several(name: str) -> Writer:
    def write(value: list[str], vocabulary: Vocabulary) -> str:
        labels = getattr(vocabulary, name).labels
        return " ; ".join(labels.get(slug, slug) for slug in value or [])

    return write


_ENTRY_MODES: Final = choice_terms(EntryMode)


def entry_modes(cell: str, vocabulary: Vocabulary) -> list[str]:
    return _several(cell, _ENTRY_MODES, "une façon de répondre")


def write_entry_modes(value: list[str], vocabulary: Vocabulary) -> str:
    return " ; ".join(_ENTRY_MODES.labels.get(mode, mode) for mode in value or [])


def _several(cell: str, terms: Terms, what: str) -> list[str]:
    found = set()
    for word in words(cell):
        slug = terms.find(word)
        if not slug:
            near = terms.near(word)
            proposed = f" Vouliez-vous dire « {near[0]} » ?" if near else ""
            listed = " ; ".join(list(terms.labels.values())[:20])
            raise ValueError(
                f"« {word[:60]} » n’est pas {what}.{proposed} On peut écrire : {listed}."
            )
        found.add(slug)
    return sorted(found, key=terms.rank.__getitem__)


def territories(cell: str, vocabulary: Vocabulary) -> list[str]:
    """`kind:code` of each, in order, once."""
    return sorted({vocabulary.territories.find(word) for word in words(cell)})


def write_territories(value: list[str], vocabulary: Vocabulary) -> str:
    return " ; ".join(value or [])


def show_territories(value: list[str], vocabulary: Vocabulary) -> str:
    return " ; ".join(vocabulary.territories.label(key) for key in value or [])


_NATURES: Final = choice_terms(FundingNature)
_NATURE_READER: Final = choice_of(FundingNature, "une nature de montant")


def fundings(cell: str, vocabulary: Vocabulary) -> list[list[str | None]]:
    """[funder, amount or None, nature or ""] of each; "Région Bretagne : 120 000 € voté ; État"."""
    found: dict[tuple[str, str], list[str | None]] = {}
    for word in words(cell):
        name, nature, money = word, "", None
        if not vocabulary.funders.find(word) and ":" in word:
            name, _, text = (part.strip() for part in word.rpartition(":"))
            money, nature = _money(text, vocabulary)
        slug = vocabulary.funders.find(name)
        if not slug:
            raise ValueError(_unknown_funder(name, vocabulary))
        if (slug, nature) in found:
            raise ValueError(
                f"« {name[:60]} » figure deux fois avec un montant de même nature : gardez-en un."
            )
        found[slug, nature] = [slug, money, nature]
    return [found[pair] for pair in sorted(found)]


def _money(text: str, vocabulary: Vocabulary) -> tuple[str | None, str]:
    before, _, last = text.replace("\u00a0", " ").rpartition(" ")
    nature = _NATURES.find(last.strip("()"))
    if nature:
        return amount(before, vocabulary), nature
    if last[:1].isalpha() and not before:
        _NATURE_READER(last, vocabulary)
    return amount(text, vocabulary), ""


def _unknown_funder(name: str, vocabulary: Vocabulary) -> str:
    near = vocabulary.funders.near(name)
    proposed = f" Vouliez-vous dire {' ou '.join(f'« {one} »' for one in near)} ?" if near else ""
    return (
        f"« {name[:60]} » n’est pas un financeur connu.{proposed} Un financeur nouveau se crée "
        "dans l’administration, avant l’import."
    )


def write_fundings(value: list[list[str | None]], vocabulary: Vocabulary) -> str:
    """As `fundings` takes it back: by name, unless the name is another's or holds a separator."""
    parts = []
    for slug, money, nature in value or []:
        name = vocabulary.funders.labels.get(str(slug), str(slug))
        name = name if vocabulary.funders.find(name) == slug and ";" not in name else str(slug)
        parts.append(_funder_and_money(name, money or "", nature))
    return " ; ".join(parts)


def show_fundings(value: list[list[str | None]], vocabulary: Vocabulary) -> str:
    labels = vocabulary.funders.labels
    return " ; ".join(
        _funder_and_money(labels.get(str(slug), ""), show_amount(money, vocabulary), nature)
        for slug, money, nature in value or []
    )


def _funder_and_money(name: str, money: str, nature: str | None) -> str:
    known = " ".join(part for part in (money, _NATURES.labels.get(nature or "")) if part)
    return f"{name} : {known}" if known else name


def kind(cell: str, vocabulary: Vocabulary) -> str:
    return _KIND_READER(cell, vocabulary)


_KIND_READER: Final = choice_of(
    FundingKind,
    "un type d’appel",
    {"appel a projet": "aap", "appels a projets": "aap", "permanente": "dispositif"},
)
publication: Final = choice_of(
    Publication, "une publication", {"oui": "publie", "publiee": "publie", "non": "brouillon"}
)


def link(cell: str, vocabulary: Vocabulary) -> str:
    if cell:
        try:
            URLValidator(schemes=["http", "https"])(cell)
        except ValidationError as error:
            raise ValueError(
                f"« {cell[:60]} » n’est pas une adresse complète. Elle commence par https://."
            ) from error
    return text_of(500)(cell, vocabulary)


def email(cell: str, vocabulary: Vocabulary) -> str:
    if cell:
        try:
            validate_email(cell)
        except ValidationError as error:
            raise ValueError(
                f"« {cell[:60]} » n’est pas un courriel. Écrivez par exemple ess@exemple.fr."
            ) from error
    return text_of(254)(cell, vocabulary)
