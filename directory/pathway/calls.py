"""The calls a commune can answer, and how their status reads."""

import datetime
from collections.abc import Sequence

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from directory.calls.words import envelope_label, names_in_french, short_status, status_sentence
from directory.models import CallEdition, CallStatus, FundingKind, Stage
from directory.pathway.shape import CallLine
from directory.places import Place
from directory.provenance import source_of


def calls_for(place: Place, on: datetime.date, stages: Sequence[Stage]) -> list[CallLine]:
    """Calls this commune can answer, most urgent first; of a past series, the last edition."""
    editions = (
        CallEdition.objects.public()
        .serving(place.commune, on, place.territories)
        .with_status(on)
        .with_funders()
        .select_related("scheme")
        .annotate(stage_rows=ArraySubquery(Stage.objects.filter(calls=OuterRef("pk")).values("pk")))
    )
    current: list[tuple[CallStatus, CallEdition]] = []
    last_past: dict[int, CallEdition] = {}
    for edition in editions:
        status = CallStatus(edition.status_on_day)  # type: ignore[attr-defined]
        if not status.is_past:
            current.append((status, edition))
            continue
        known = last_past.get(edition.scheme_id)
        if known is None or _recency(edition) > _recency(known):
            last_past[edition.scheme_id] = edition
    names = {stage.pk: stage.name for stage in stages}
    lines = [call_line(edition, status, on, names) for status, edition in current] + [
        call_line(edition, CallStatus(edition.status_on_day), on, names)  # type: ignore[attr-defined]
        for edition in last_past.values()
    ]
    return sorted(
        lines,
        key=lambda line: (
            CallStatus.CLOSED.rank if line.is_past else line.status.rank,
            str(line.edition.closes_on or "9999") if not line.is_past else "",
            -(line.edition.year or 0),
            line.title,
            line.edition.pk,
        ),
    )


def _recency(edition: CallEdition) -> tuple[int, str, int]:
    return (edition.year or 0, str(edition.closes_on or ""), edition.pk)


def call_line(
    edition: CallEdition, status: CallStatus, on: datetime.date, stage_names: dict[int, str]
) -> CallLine:
    """A call as a line of a list; `edition` comes with its scheme, `stage_rows`, `funder_names`."""
    source = source_of(edition, on)
    return CallLine(
        edition=edition,
        title=edition.title,
        url=edition.link or source.url,
        kind_label=str(FundingKind(edition.scheme.kind).label),
        funder=names_in_french(edition.funder_names),  # type: ignore[attr-defined]
        status=status,
        status_badge=short_status(edition, status, on),
        status_label=status_sentence(edition, status, on),
        envelope_label=envelope_label(edition),
        stages=[stage_names[pk] for pk in edition.stage_rows],  # type: ignore[attr-defined]
        source=source,
    )
