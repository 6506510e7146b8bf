"""The words for what a call is on a day: they go with `directory.models.call_status`."""

import datetime
from collections.abc import Sequence
from decimal import Decimal

from directory.models import CallEdition, CallStatus, FundingNature
from directory.models.facts import french_number
from directory.partial_dates import PartialDate
from directory.provenance import OLD_AFTER_YEARS


def euros(amount: Decimal | None) -> str:
    """ "280 000 €" with no-break spaces; empty when not known."""
    return "" if amount is None else f"{french_number(amount)}\N{NO-BREAK SPACE}€"


def money(amount: Decimal | None, nature_label: str) -> str:
    """ "280 000 € (prévu)": an amount and how sure it is; empty when the amount is not known."""
    if amount is None:
        return ""
    return f"{euros(amount)} ({nature_label})" if nature_label else euros(amount)


def nature_label(nature: str, *, feminine: bool = False) -> str:
    """ "voté", "votée": how sure the money is, as a participle; empty when the source is silent."""
    return f"{FundingNature(nature).label}{'e' if feminine else ''}" if nature else ""


def envelope_label(edition: CallEdition) -> str:
    """ "280 000 € (prévue)": the envelope of an edition; empty when not known."""
    return money(edition.envelope, nature_label(edition.envelope_nature, feminine=True))


def names_in_french(names: Sequence[str]) -> str:
    """ "Région Bretagne, Bpifrance et État"; empty for none."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} et {names[-1]}"


def short_status(edition: CallEdition, status: CallStatus, on: datetime.date) -> str:
    """The status in two or three words, for a badge: "Ferme dans 3 jours", "À venir"."""
    if status == CallStatus.CLOSING and edition.closes_on:
        days = (edition.closes_on.last_day - on).days
        if days == 0:
            return "Ferme aujourd’hui"
        return "Ferme demain" if days == 1 else f"Ferme dans {days} jours"
    if status == CallStatus.UNKNOWN:
        return "Dates inconnues"
    return str(status)[0].upper() + str(status)[1:]


def status_sentence(edition: CallEdition, status: CallStatus, on: datetime.date) -> str:
    """What the dates say, in full: "Ouvert jusqu’au 23 novembre 2026"."""
    closes, opens = edition.closes_on, edition.opens_on
    if status in (CallStatus.OPEN, CallStatus.CLOSING):
        return f"Ouvert jusqu’{_until(closes)}" if closes else "Ouvert, date de clôture non connue"
    if status == CallStatus.COMING:
        return f"Ouvre {_on(opens)}" if opens else f"Prévu en {edition.year}, dates non connues"
    if status == CallStatus.STANDING:
        return _attested(edition, on)
    if status.is_past and closes:
        return f"Clos depuis {'le ' if closes.is_exact else ''}{closes.label}"
    if status.is_past:
        return f"Édition {edition.year}, terminée" if edition.year else "Terminé"
    return "Dates non connues"


def _attested(edition: CallEdition, on: datetime.date) -> str:
    """A standing aid is only as true as its last source: an old one says so."""
    noun = "Aide permanente" if edition.scheme.kind == "dispositif" else "Appel permanent"
    year = edition.source_date.year if edition.source_date else edition.year
    feminine = "e" if noun.startswith("Aide") else ""
    if not year:
        return f"{noun}, source non datée"
    if on.year - year >= OLD_AFTER_YEARS:
        return f"{noun}, attesté{feminine} pour la dernière fois en {year}, à vérifier"
    return f"{noun}, attesté{feminine} en {year}"


def _until(date: PartialDate) -> str:
    return f"au {date.label}" if date.is_exact else f"en {date.label}"


def _on(date: PartialDate) -> str:
    return f"le {date.label}" if date.is_exact else f"en {date.label}"
