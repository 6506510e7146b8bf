"""The calls a commune can answer, and how their status reads."""

import datetime
from operator import attrgetter

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from directory.calls.words import envelope_label, names_in_french, short_status, status_sentence
from directory.models import CallEdition, CallStatus, FundingKind, Stage
from directory.pathway.shape import CallLine
from directory.places import Place
from directory.provenance import source_of
from directory.snapshot import Snapshot


def calls_for(snapshot: Snapshot, place: Place) -> list[CallLine]:
    """Calls this commune can answer, most urgent first; of a past series, the last edition."""
    serving = snapshot.calls.serving([territory.pk for territory in place.territories])
    lines = call_lines(snapshot)
    found: list[CallLine] = []
    last_past: dict[int, CallLine] = {}
    for pk in serving:
        line = lines.get(pk)
        if line is None:  # it came since the lines were read
            continue
        if not line.is_past:
            found.append(line)
        else:
            known = last_past.get(line.scheme)
            if known is None or line.recency > known.recency:
                last_past[line.scheme] = line
    return sorted([*found, *last_past.values()], key=attrgetter("urgency"))


def call_lines(snapshot: Snapshot) -> dict[int, CallLine]:
    """Every public call as of the snapshot's day, by primary key; one query, once."""

    def read() -> dict[int, CallLine]:
        names = {stage.pk: stage.name for stage in snapshot.words.stages}
        on = snapshot.on
        stages = Stage.objects.filter(calls=OuterRef("pk")).values("pk")
        editions = (
            CallEdition.objects.public()
            .known_on(on)
            .with_status(on)
            .with_funders()
            .select_related("scheme")
            .annotate(stage_rows=ArraySubquery(stages))
        )
        return {
            edition.pk: call_line(edition, CallStatus(edition.status_on_day), on, names)  # type: ignore[attr-defined]
            for edition in editions
        }

    return snapshot.once("calls", read)


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
