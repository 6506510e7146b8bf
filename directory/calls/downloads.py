"""The calls of a search as a table to take away."""

from collections.abc import Callable
from typing import Any

from directory.calls.search import CallSearch
from directory.calls.words import names_in_french, nature_label
from directory.explore.downloads import write_csv
from directory.models import CallStatus, FundingKind

COLUMNS: dict[str, Callable[[Any], str]] = {
    "cle": lambda e: e.key,
    "titre": lambda e: e.title,
    "dispositif": lambda e: e.scheme.name,
    "type": lambda e: str(FundingKind(e.scheme.kind).label),
    "annee": lambda e: str(e.year or ""),
    "situation": lambda e: str(CallStatus(e.status_on_day)),
    "ouverture": lambda e: str(e.opens_on or ""),
    "cloture": lambda e: str(e.closes_on or ""),
    "resultats": lambda e: str(e.results_on or ""),
    "enveloppe_eur": lambda e: "" if e.envelope is None else f"{e.envelope:f}",
    "nature_enveloppe": lambda e: nature_label(e.envelope_nature),
    "financeurs": lambda e: names_in_french(e.funder_names),
    "etapes": lambda e: ", ".join(e.stage_names),
    "territoire": lambda e: e.reason,
    "page": lambda e: e.link,
    "a_savoir": lambda e: e.note,
    "reserve": lambda e: e.caveat,
    "source": lambda e: e.source,
    "source_date": lambda e: str(e.source_date or ""),
}


def as_csv(search: CallSearch) -> str:
    """UTF-8 with its mark and semicolons, as French spreadsheets expect; no cell is a formula."""
    names = {stage.pk: stage.name for stage in search.words.stages}
    editions: list[Any] = search.editions(search.ordered)
    for edition in editions:
        edition.stage_names = [names[pk] for pk in edition.stage_rows]
        edition.reason = search.reason(edition.pk)
    return write_csv(COLUMNS, editions)
