"""What a visitor kept, from the codes in the address to a roadmap stage by stage.

The address is all there is: `?o=<slug of an operator>&a=<key of an edition>`, several of
each. The visitor’s own list stays in their browser (static/js/selection.js), never here.
"""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.templatetags.static import static

from directory.maps import GROUND, outline_url, tiles
from directory.models import (
    CallEdition,
    CallStatus,
    EffectiveCoverage,
    Host,
    Offer,
    Operator,
    Stage,
)
from directory.pathway.calls import call_line
from directory.pathway.shape import CallLine
from directory.provenance import Source, source_of
from regions.models import Outline, Territory, in_force
from regions.wording import covers_sentence

#: The most a selection holds; static/js/selection.js says the same (a test compares them).
LIMIT = 50
#: Territories that a sentence names before it counts the others.
NAMED = 3
#: Characters of an unknown code that are said back.
SAID_BACK = 60


class CodesField(forms.Field):
    """Several values of one parameter, as written, each once, without the empty ones."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        return list(dict.fromkeys(code for code in value or [] if code.strip()))


class SelectionForm(forms.Form):
    """`?o=&o=&a=` of a selection. Nothing is refused: what is unknown is said and left out."""

    o = CodesField(required=False)
    a = CodesField(required=False)


@dataclass(frozen=True)
class Zone:
    """Where offers or calls are open, in words, and the one territory to draw, if it is one."""

    sentence: str = ""
    only: Territory | None = None


@dataclass(frozen=True)
class KeptOperator:
    operator: Operator
    #: Its offers at the stage of the line; empty in the last step.
    offers: list[Offer]
    zone: Zone
    source: Source
    #: The stage whose line tells how to reach it, when it is not this one.
    told_at: Stage | None = None

    @property
    def code(self) -> str:
        return f"o:{self.operator.slug}"

    @property
    def hosts(self) -> list[str]:
        names: list[str] = self.operator.host_names  # type: ignore[attr-defined]
        return names

    @property
    def verified_label(self) -> str:
        day = self.operator.verified_on
        return f"Vérifié le {day:%d/%m/%Y}" if day else ""


@dataclass(frozen=True)
class KeptCall:
    line: CallLine
    zone: Zone
    told_at: Stage | None = None

    @property
    def code(self) -> str:
        return f"a:{self.line.edition.key}"


@dataclass
class RoadmapStep:
    """What was kept for one stage; `stage` is None for what has no known stage."""

    stage: Stage | None
    operators: list[KeptOperator] = field(default_factory=list)
    calls: list[KeptCall] = field(default_factory=list)

    @property
    def operators_here(self) -> list[KeptOperator]:
        return [kept for kept in self.operators if kept.told_at is None]

    @property
    def operators_again(self) -> list[KeptOperator]:
        return [kept for kept in self.operators if kept.told_at]

    @property
    def calls_here(self) -> list[KeptCall]:
        return [kept for kept in self.calls if kept.told_at is None]

    @property
    def calls_again(self) -> list[KeptCall]:
        return [kept for kept in self.calls if kept.told_at]

    @property
    def total(self) -> int:
        return len(self.operators) + len(self.calls)


@dataclass
class Selection:
    """What the address names, by stage, and what of it could not be shown."""

    steps: list[RoadmapStep]
    elsewhere: RoadmapStep
    #: Codes that lead to nothing published, as `o:…` and `a:…`.
    unknown: list[str]
    #: Codes beyond the limit, that were not even looked for.
    left_out: int

    @property
    def operators(self) -> list[KeptOperator]:
        """Each operator once, where its line is told in full."""
        return [kept for step in self._all_steps for kept in step.operators_here]

    @property
    def calls(self) -> list[KeptCall]:
        return [kept for step in self._all_steps for kept in step.calls_here]

    @property
    def is_empty(self) -> bool:
        return not self.operators and not self.calls

    @property
    def limit(self) -> int:
        return LIMIT

    @property
    def unknown_said(self) -> list[str]:
        """The first unknown codes, short enough to be read."""
        codes = (code.partition(":")[2] for code in self.unknown[:NAMED])
        return [code if len(code) <= SAID_BACK else code[:SAID_BACK] + "…" for code in codes]

    @property
    def map_caption(self) -> str:
        """What the map cannot show of it."""
        unplaced = sum(kept.operator.point is None for kept in self.operators)
        said = []
        if unplaced:
            said.append(
                "1 structure sans adresse connue n’est que dans la liste."
                if unplaced == 1
                else f"{unplaced} structures sans adresse connue ne sont que dans la liste."
            )
        if self.calls:
            said.append(
                "Un appel n’a pas d’adresse\N{NO-BREAK SPACE}: son territoire se montre "
                "quand on le désigne dans la liste."
            )
        return " ".join(said)

    @property
    def sentence(self) -> str:
        """ "3 structures et 1 appel": what the roadmap holds."""
        counts = [(len(self.operators), "structure"), (len(self.calls), "appel")]
        said = [f"{count} {word}{'s' * (count > 1)}" for count, word in counts if count]
        return " et ".join(said).replace(" ", "\N{NO-BREAK SPACE}", 1)

    @property
    def _all_steps(self) -> list[RoadmapStep]:
        return [*self.steps, self.elsewhere]


def build_selection(
    slugs: Sequence[str], keys: Sequence[str], on: datetime.date, stages: Sequence[Stage]
) -> Selection:
    """The roadmap of these operators and calls; a constant number of queries.

    Within a stage things stand in the order of the address, operators first. One that is of
    several stages is told in full at the first of them, in short at the others.
    """
    wanted_keys = list(keys)[: max(0, LIMIT - len(slugs))]
    wanted_slugs = list(slugs)[:LIMIT]
    operators = _operators(wanted_slugs, on)
    editions = _editions(wanted_keys, on)
    steps = {stage.pk: RoadmapStep(stage) for stage in stages}
    elsewhere = RoadmapStep(None)
    _place_operators(list(operators.values()), steps, elsewhere, on)
    _place_calls(list(editions.values()), steps, elsewhere, on)
    unknown = [f"o:{slug}" for slug in wanted_slugs if slug not in operators]
    unknown += [f"a:{key}" for key in wanted_keys if key not in editions]
    left_out = len(slugs) + len(keys) - len(wanted_slugs) - len(wanted_keys)
    return Selection(list(steps.values()), elsewhere, unknown, left_out)


def _operators(slugs: Sequence[str], on: datetime.date) -> dict[str, Operator]:
    """Published operators by slug, in the order asked for."""
    hosts = Host.objects.filter(in_force(on), operator=OuterRef("pk")).order_by("name")
    found = {
        operator.slug: operator
        for operator in Operator.objects.public()
        .filter(slug__in=slugs)
        .select_related("kind", "commune")
        .annotate(host_names=ArraySubquery(hosts.values("name")))
        .order_by("pk")
    }
    return {slug: found[slug] for slug in slugs if slug in found}


def _editions(keys: Sequence[str], on: datetime.date) -> dict[str, CallEdition]:
    """Published editions by key, in the order asked for."""
    stages = Stage.objects.filter(calls=OuterRef("pk")).order_by("position")
    found = {
        edition.key: edition
        for edition in CallEdition.objects.public()
        .filter(key__in=keys)
        .with_status(on)
        .with_funders()
        .select_related("scheme")
        .annotate(stage_rows=ArraySubquery(stages.values("pk")))
        .order_by("pk")
    }
    return {key: found[key] for key in keys if key in found}


def _place_operators(
    operators: Sequence[Operator],
    steps: dict[int, RoadmapStep],
    elsewhere: RoadmapStep,
    on: datetime.date,
) -> None:
    """Put each operator at the stages of the offers it makes that day."""
    offers = (
        Offer.objects.open_on(on)
        .filter(operator__in=operators)
        .order_by("stage__position", "title", "pk")
    )
    by_operator: dict[int, dict[int, list[Offer]]] = defaultdict(lambda: defaultdict(list))
    for offer in offers:
        by_operator[offer.operator_id][offer.stage_id].append(offer)
    rows = _coverage(EffectiveCoverage.objects.filter(offer__operator__in=operators), "offer", on)
    for operator in operators:
        source = source_of(operator, on)
        told_at: Stage | None = None
        for stage_pk, at_stage in by_operator[operator.pk].items():
            zone = _zone([row for offer in at_stage for row in rows[offer.pk]])
            step = steps[stage_pk]
            step.operators.append(KeptOperator(operator, at_stage, zone, source, told_at))
            told_at = told_at or step.stage
        if told_at is None:
            elsewhere.operators.append(KeptOperator(operator, [], Zone(), source))


def _place_calls(
    editions: Sequence[CallEdition],
    steps: dict[int, RoadmapStep],
    elsewhere: RoadmapStep,
    on: datetime.date,
) -> None:
    names = {pk: step.stage.name for pk, step in steps.items() if step.stage}
    rows = _coverage(EffectiveCoverage.objects.filter(edition__in=editions), "edition", on)
    for edition in editions:
        status = CallStatus(edition.status_on_day)  # type: ignore[attr-defined]
        line = call_line(edition, status, on, names)
        zone = _zone(rows[edition.pk], "S’applique")
        told_at: Stage | None = None
        for pk in edition.stage_rows:  # type: ignore[attr-defined]
            steps[pk].calls.append(KeptCall(line, zone, told_at))
            told_at = told_at or steps[pk].stage
        if told_at is None:
            elsewhere.calls.append(KeptCall(line, zone))


def _coverage(rows: Any, subject: str, on: datetime.date) -> dict[int, list[EffectiveCoverage]]:
    """The rows in force by offer or edition, the widest territory first; one query."""
    outlines = Outline.objects.filter(territory=OuterRef("territory_id"))
    in_order = (
        rows.filter(in_force(on))
        .select_related("territory")
        .annotate(has_outline=Exists(outlines))
        .order_by("-territory__commune_count", "territory__name", "pk")
    )
    by_subject: dict[int, list[EffectiveCoverage]] = defaultdict(list)
    for row in in_order:
        row.territory.has_outline = row.has_outline
        by_subject[getattr(row, f"{subject}_id")].append(row)
    return by_subject


def _zone(rows: Sequence[EffectiveCoverage], verb: str = "Intervient") -> Zone:
    """ "Intervient sur 4 territoires : …": what the rows include, then what they leave out."""
    included = list({row.territory_id: row.territory for row in rows if not row.excluded}.values())
    excluded = list({row.territory_id: row.territory for row in rows if row.excluded}.values())
    if not included:
        return Zone("Territoire inconnu")
    if len(included) == 1:
        sentence = verb + covers_sentence(included[0]).removeprefix("Intervient")
    else:
        sentence = f"{verb} sur {len(included)} territoires\N{NO-BREAK SPACE}: {_names(included)}"
    if excluded:
        sentence += f", sauf {_names(excluded)}"
    return Zone(sentence, None if len(included) > 1 or excluded else included[0])


def _names(territories: Sequence[Territory]) -> str:
    """ "Doubs, Jura, Yonne et 2 autres"."""
    names = [territory.label for territory in territories[:NAMED]]
    if (others := len(territories) - NAMED) > 0:
        return f"{', '.join(names)} et {others} autre{'s' * (others > 1)}"
    return " et ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def selection_map(selection: Selection) -> dict[str, Any]:
    """What static/js/map/pathway.js draws: the operators, and the zone of what is pointed at.

    A call has no address: it is a marker without a position, whose zone shows when it is in focus.
    Without any operator on the map, the zones of the calls are drawn from the start.
    """
    markers = _operator_markers(selection)
    calls = [_call_marker(kept) for kept in selection.calls]
    drawn = [call["coverage"] for call in calls if call["coverage"]]
    is_placed = any(marker["latitude"] is not None for marker in markers)
    return {
        "place": None,
        "tiles": tiles(),
        "ground": static(GROUND),
        "context": [],
        "coverage": []
        if is_placed
        else [{"outline": outline, "excluded": False} for outline in dict.fromkeys(drawn)],
        "markers": [*markers, *calls],
        "unplaced": sum(marker["latitude"] is None for marker in markers),
    }


def _operator_markers(selection: Selection) -> list[dict[str, Any]]:
    markers = []
    for kept in selection.operators:
        operator = kept.operator
        point = operator.point
        stages = [
            {"slug": step.stage.slug, "name": step.stage.name}
            for step in selection.steps
            if step.stage and any(line.operator is operator for line in step.operators)
        ]
        markers.append(
            {
                "slug": operator.slug,
                "name": operator.name,
                "kind": operator.kind.expansion or operator.kind.name,
                "letter": operator.kind.letter,
                "url": operator.get_absolute_url(),
                "latitude": point[0] if point else None,
                "longitude": point[1] if point else None,
                "coverage": outline_url(kept.zone.only) if kept.zone.only else None,
                "coverage_label": kept.zone.sentence,
                "stages": stages,
            }
        )
    return markers


def _call_marker(kept: KeptCall) -> dict[str, Any]:
    return {
        "slug": kept.code,
        "name": kept.line.title,
        "kind": kept.line.kind_label,
        "letter": "",
        "url": kept.line.url or "",
        "latitude": None,
        "longitude": None,
        "coverage": outline_url(kept.zone.only) if kept.zone.only else None,
        "coverage_label": kept.zone.sentence,
        "stages": [],
    }
