"""What a series shows of its habits: when it opens, whether it comes back, how much it gives."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from directory.calls.words import euros, nature_label
from directory.models import CallEdition, CallStatus, Funding, FundingScheme
from directory.models.facts import french_number
from directory.partial_dates import PartialDate

#: Of the width of the chart, in percent, what the longest bar takes: its amount stands after it.
LONGEST_BAR: Final = 56
#: Where bars begin, in percent: the year stands before.
BARS_BEGIN: Final = 15
#: Height of a bar with its space, in pixels.
ROW: Final = 36


def habits(scheme: FundingScheme, editions: list[CallEdition], on: datetime.date) -> list[str]:
    """Sentences on a series: its last known dates, the next edition, whether it comes back."""
    dated = sorted((one for one in editions if one.year), key=lambda one: (one.year, one.pk))
    if scheme.is_standing or not dated:
        return _of_standing(scheme, dated)
    sentences = [_last_dates(dated, on)]
    if sentence := _renewal(dated):
        sentences.append(sentence)
    return [sentence for sentence in sentences if sentence]


def _of_standing(scheme: FundingScheme, dated: list[CallEdition]) -> list[str]:
    if not scheme.is_standing:
        return ["L’année de cet appel n’est pas connue."]
    sentences = ["On peut déposer une demande toute l’année, tant que le dispositif existe."]
    if years := _years(dated):
        sentences.append(f"Nos sources en parlent pour {_spans(years)}.")
    return sentences


def _last_dates(dated: list[CallEdition], on: datetime.date) -> str:
    """ "L’édition 2025 était ouverte du 2 juin au 15 septembre ; l’édition 2026 n’est pas encore
    publiée."
    """
    over = [one for one in dated if _is_over(one, on)]
    told = next((one for one in reversed(over) if one.opens_on or one.closes_on), None)
    parts = []
    if told:
        parts.append(f"L’édition {told.year} était ouverte {period(told)}")
    elif over:
        parts.append(f"Les dates de l’édition {over[-1].year} ne sont pas connues")
    last_year = dated[-1].year or 0
    if dated[-1] in over:
        awaited = max(last_year + 1, on.year)
        if on.year - last_year > 1:
            parts.append(f"aucune édition n’est connue depuis {last_year}")
        else:
            parts.append(f"l’édition {awaited} n’est pas encore publiée")
    if not parts:
        return ""
    sentence = "\N{NARROW NO-BREAK SPACE}; ".join(parts)
    return sentence[0].upper() + sentence[1:] + "."


def _is_over(edition: CallEdition, on: datetime.date) -> bool:
    return CallStatus(edition.status_on_day).is_past or (edition.year or 0) < on.year  # type: ignore[attr-defined]


def period(edition: CallEdition) -> str:
    """ "du 2 juin au 15 septembre", "jusqu’en septembre": without the year, when it is its own."""
    opens, closes = edition.opens_on, edition.closes_on
    if opens and closes:
        if opens == closes:
            return f"en {_short(opens, edition)}" if not opens.is_exact else _from(opens, edition)
        return f"{_from(opens, edition)} {_to(closes, edition)}"
    if closes:
        joint = "au" if closes.is_exact else "en"
        return f"jusqu’{joint} {_short(closes, edition)}"
    return f"à partir {_from(opens, edition)}" if opens else ""


def _from(date: PartialDate, edition: CallEdition) -> str:
    text = _short(date, edition)
    if date.is_exact:
        return f"du {text}"
    return f"d’{text}" if text[0] in "ao" else f"de {text}"


def _to(date: PartialDate, edition: CallEdition) -> str:
    return f"{'au' if date.is_exact else 'à'} {_short(date, edition)}"


def _short(date: PartialDate, edition: CallEdition) -> str:
    if len(date) > 4 and date.year == edition.year:
        return date.label.removesuffix(f" {date.year}")
    return date.label


def _years(dated: Iterable[CallEdition]) -> list[int]:
    return sorted({one.year for one in dated if one.year})


def _renewal(dated: list[CallEdition]) -> str:
    """Renewed or not, and the years of which nothing is known."""
    years = _years(dated)
    if len(years) == 1:
        return (
            "Une seule édition est connue\N{NO-BREAK SPACE}: rien ne dit si elle a été renouvelée."
        )
    missing = [year for year in range(years[0], years[-1]) if year not in years]
    if not missing:
        return f"Renouvelé chaque année de {years[0]} à {years[-1]}."
    said = (
        f"Nous n’avons rien pour {_spans(missing)}\N{NO-BREAK SPACE}: cela ne veut pas dire qu’il "
        "n’y a pas eu d’appel."
    )
    return f"Éditions connues\N{NO-BREAK SPACE}: {_spans(years)}. {said}"


def _spans(years: list[int]) -> str:
    """[2017, 2020, 2021, 2022] -> "2017 et de 2020 à 2022"."""
    runs = [[years[0], years[0]]]
    for before, year in pairwise(years):
        if year == before + 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    parts: list[str] = []
    for first, last in runs:
        if last - first > 1:
            parts.append(f"de {first} à {last}")
        else:
            parts += [str(year) for year in range(first, last + 1)]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} et {parts[-1]}"


@dataclass(frozen=True)
class Amount:
    """One amount of one edition, as a bar and as a row of the table. `width` is in percent."""

    edition: CallEdition
    label: str
    amount: Decimal | None
    nature: str
    basis: str
    per_inhabitant: str
    width: str
    amount_x: str
    y: int

    @property
    def amount_label(self) -> str:
        return euros(self.amount)

    @property
    def text_y(self) -> int:
        return self.y + 17

    @property
    def is_promise(self) -> bool:
        """Announced or planned: the money may not have come."""
        return self.nature in ("annonce", "prevu", "")

    @property
    def nature_label(self) -> str:
        return nature_label(self.nature) or "nature non précisée"


@dataclass(frozen=True)
class Chart:
    """The amounts of a series over the years."""

    amounts: list[Amount]
    population: int | None

    @property
    def height(self) -> int:
        return ROW * len(self.amounts)

    @property
    def is_telling(self) -> bool:
        """Worth drawing: some amount is known."""
        return any(one.amount is not None for one in self.amounts)

    @property
    def begin(self) -> str:
        return f"{BARS_BEGIN}%"

    @property
    def summary(self) -> str:
        """What the drawing says, for who does not see it."""
        known = [one for one in self.amounts if one.amount is not None]
        return "\N{NARROW NO-BREAK SPACE}; ".join(
            f"{one.label}\N{NO-BREAK SPACE}: {one.amount_label} ({one.nature_label})"
            for one in known
        )


def chart(editions: list[CallEdition], fundings: list[Funding], population: int | None) -> Chart:
    """The amounts of the editions that have a year, the oldest first, the unknown ones included.

    An edition may have several: its envelope, and what its funders put in of another nature.
    """
    of_edition: dict[int, list[Funding]] = defaultdict(list)
    for funding in fundings:
        of_edition[funding.edition_id].append(funding)
    dated = sorted((one for one in editions if one.year), key=lambda one: (one.year, one.pk))
    drawn: list[tuple[CallEdition, Decimal | None, str, str]] = [
        (edition, *amount)
        for edition in dated
        for amount in amounts_of(edition, of_edition[edition.pk]) or [(None, "", "")]
    ]
    greatest = max((amount for _, amount, _, _ in drawn if amount), default=Decimal(0))
    rows = []
    for number, (edition, amount, nature, basis) in enumerate(drawn):
        share = float(amount / greatest) * LONGEST_BAR if amount else 0.0
        rows.append(
            Amount(
                edition=edition,
                label=str(edition.year),
                amount=amount,
                nature=nature,
                basis=basis,
                per_inhabitant=per_inhabitant(amount, population),
                width=f"{share:.2f}%",
                amount_x=f"{BARS_BEGIN + share:.2f}%",
                y=number * ROW + 6,
            )
        )
    return Chart(rows, population)


def amounts_of(edition: CallEdition, fundings: list[Funding]) -> list[tuple[Any, str, str]]:
    """(amount, nature, what it is): the envelope, then the sums of its funders by nature.

    A sum that only says the envelope again is left out.
    """
    found: list[tuple[Any, str, str]] = []
    if edition.envelope is not None:
        found.append((edition.envelope, edition.envelope_nature, "enveloppe, tous financeurs"))
    for nature, total in sums_by_nature(fundings).items():
        again = edition.envelope is not None and (
            nature == edition.envelope_nature or total == edition.envelope
        )
        if not again:
            found.append((total, nature, "somme des financeurs connus"))
    return found


def sums_by_nature(fundings: Iterable[Funding]) -> dict[str, Decimal]:
    """Amounts added up, those of one nature only: what is voted and what is planned never mix."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for funding in fundings:
        if funding.amount is not None:
            sums[funding.nature] += funding.amount
    return dict(sums)


def per_inhabitant(amount: Decimal | None, population: int | None) -> str:
    """ "0,09 €"; empty when either is not known."""
    if amount is None or not population:
        return ""
    value = (amount / population).quantize(Decimal("0.01"))
    if not value and amount:
        return "moins de 0,01\N{NO-BREAK SPACE}€"
    return f"{french_number(value)}\N{NO-BREAK SPACE}€"
