"""The calls a commune can answer, and how their status reads."""

import datetime
from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from directory.models import CallEdition, FundingKind, Stage
from directory.models.facts import french_number
from directory.partial_dates import PartialDate
from directory.pathway.shape import CallLine
from directory.places import Place
from directory.provenance import source_of
from directory.snapshot import Snapshot

_STATUS_ORDER = ["ouvert", "à venir", "permanent", "date inconnue", "clos"]


def calls_for(snapshot: Snapshot, place: Place) -> list[CallLine]:
    """Calls this commune can answer, most urgent first; of a past series, the last edition."""
    serving = snapshot.calls.serving([territory.pk for territory in place.territories])
    current: list[CallLine] = []
    last_past: dict[int, CallLine] = {}
    lines = call_lines(snapshot)
    for pk in serving:
        line = lines[pk]
        if not line.is_past:
            current.append(line)
            continue
        known = last_past.get(line.edition.scheme_id)
        if known is None or _recency(line.edition) > _recency(known.edition):
            last_past[line.edition.scheme_id] = line
    return sorted([*current, *last_past.values()], key=urgency)


def call_lines(snapshot: Snapshot) -> dict[int, CallLine]:
    """Every public call as of the snapshot's day, by primary key; one query, once."""

    def read() -> dict[int, CallLine]:
        names = {stage.pk: stage.name for stage in snapshot.words.stages}
        on = snapshot.on
        stages = Stage.objects.filter(calls=OuterRef("pk")).values("pk")
        editions = CallEdition.objects.public().select_related("scheme")
        return {
            edition.pk: call_line(edition, edition.status(on), on, names)
            for edition in editions.annotate(stage_rows=ArraySubquery(stages))
        }

    return snapshot.once("calls", read)


def urgency(line: CallLine) -> tuple[object, ...]:
    """Sorts the most urgent first, and the past ones last."""
    return (
        _STATUS_ORDER.index(line.status),
        str(line.edition.closes_on or "9999") if not line.is_past else "",
        -(line.edition.year or 0),
        line.title,
        line.edition.pk,
    )


def _recency(edition: CallEdition) -> tuple[int, str, int]:
    return (edition.year or 0, str(edition.closes_on or ""), edition.pk)


def call_line(
    edition: CallEdition, status: str, on: datetime.date, stage_names: dict[int, str]
) -> CallLine:
    source = source_of(edition, on)
    return CallLine(
        edition=edition,
        title=edition.title,
        url=edition.link or source.url,
        kind_label=str(FundingKind(edition.scheme.kind).label),
        funder=edition.funder or edition.scheme.funder,
        status=status,
        status_label=_status_label(edition, status, on),
        envelope_label=euros(edition.envelope),
        stages=[stage_names[pk] for pk in edition.stage_rows],  # type: ignore[attr-defined]
        source=source,
    )


def euros(amount: Decimal | None) -> str:
    """ "280 000 €" with no-break spaces; empty when not known."""
    return "" if amount is None else f"{french_number(amount)}\N{NO-BREAK SPACE}€"


def _status_label(edition: CallEdition, status: str, on: datetime.date) -> str:
    closes, opens = edition.closes_on, edition.opens_on
    if status == "ouvert" and closes:
        return f"Ouvert jusqu’{_until(closes)}"
    if status == "ouvert":
        return "Ouvert, date de clôture non connue"
    if status == "à venir" and opens:
        return f"Ouvre {'le ' if opens.is_exact else 'en '}{opens.label}"
    if status == "permanent":
        seen = edition.source_date
        return (
            f"Aide permanente, attestée en {seen.year}"
            if seen
            else "Aide permanente, source non datée"
        )
    if status == "clos" and closes:
        return f"Clos depuis {'le ' if closes.is_exact else ''}{closes.label}"
    if status == "clos":
        return f"Édition {edition.year}, terminée"
    return "Dates non connues"


def _until(date: PartialDate) -> str:
    if date.is_exact:
        return f"au {date.label}"
    return f"en {date.label}"
