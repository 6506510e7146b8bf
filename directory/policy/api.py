"""The page of a Région for machines: the same `RegionPage`, in brief."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from ninja.decorators import decorate_view
from pydantic import Field

from directory.api import OperatorOut, Refusal, SourceOut, TerritoryOut, source_out, territory_out
from directory.days import day_of
from directory.forms import first_errors
from directory.paging import cached_page, stamp_of
from directory.policy.actors import Actor, StageChain
from directory.policy.agreements import AgreementLine
from directory.policy.collectives import Collective
from directory.policy.figures import Measure, MeasureGroup
from directory.policy.lookup import region_or_404, region_url
from directory.policy.money import Amount, RegionCall
from directory.policy.page import RegionPage, region_page
from directory.policy.relays import DeadEnd, Handover
from directory.policy.timeline import Event
from directory.snapshot import snapshot

router = Router()


class KindOut(Schema):
    kind: str
    count: int
    operators: list[OperatorOut]


class StageChainOut(Schema):
    slug: str
    name: str
    local: int = Field(description="Structures de la région, nationales non comprises")
    national: int
    kinds: list[KindOut]
    networks: dict[str, int]
    schemes: list[str] = Field(description="Dispositifs que la Région finance")
    near_communes: int = Field(description="Communes où une offre de proximité répond")
    of_communes: int


class HandoverOut(Schema):
    from_name: str
    from_stage: str
    from_operators: list[str]
    to_name: str
    to_stage: str
    to_operators: list[str]
    condition: str
    is_internal: bool
    caveat: str
    sources: list[SourceOut]


class DeadEndOut(Schema):
    operator: OperatorOut
    after_stage: str
    communes: int = Field(description="Communes sans suite connue")
    of_communes: int


class AmountOut(Schema):
    scheme: str
    year: int | None
    amount_eur: float
    nature: str = Field(
        description="annoncé, prévu, voté, engagé, attribué, versé ; vide si non dit"
    )
    funder: str
    is_envelope: bool
    sources: list[SourceOut]


class RegionCallOut(Schema):
    key: str
    title: str
    year: int | None
    status: str
    status_label: str
    paid_by_region: bool
    url: str


class FigureOut(Schema):
    slug: str
    label: str
    value: float
    denominator: float | None
    unit: str
    qualifier: str
    as_of: str | None
    caveat: str
    sources: list[SourceOut]


class MeasureOut(Schema):
    label: str
    figures: list[FigureOut]
    counted: str = Field(description="Ce que l’annuaire compte lui-même ; vide s’il ne compte pas")
    lacking: list[TerritoryOut] = Field(description="Territoires sans aucun qui soit connu")


class AgreementOut(Schema):
    name: str
    territory: TerritoryOut | None
    signed_on: str | None
    ends_on: str | None
    has_ess_line: bool | None = Field(description="null : on ne le sait pas")
    pole: str | None
    caveat: str
    sources: list[SourceOut]


class CollectiveOut(Schema):
    operator: str
    members: list[dict[str, Any]]
    method: list[str]
    born: list[dict[str, Any]]
    figures: list[MeasureOut]


class EventOut(Schema):
    kind: str
    date: str
    title: str
    text: str


class ReadingOut(Schema):
    title: str
    publisher: str
    url: str | None = Field(description="null : adresse non trouvée")
    published_on: str | None


class RegionOut(Schema):
    region: TerritoryOut
    on: str = Field(description="Jour montré, AAAA-MM-JJ")
    url: str
    documented: str = Field(description="renseigné, en cours ou pas encore")
    stages: list[StageChainOut]
    relays: list[HandoverOut]
    dead_ends: list[DeadEndOut]
    calls: list[RegionCallOut]
    amounts: list[AmountOut]
    coverage: list[MeasureOut]
    figures: list[MeasureOut]
    agreements: list[AgreementOut]
    agreements_stated: list[MeasureOut]
    collectives: list[CollectiveOut]
    readings: list[ReadingOut]
    timeline: list[EventOut]


@router.get(
    "/{code}",
    response={200: RegionOut, 400: Refusal, 404: Refusal},
    summary="La politique d’une région",
)
@decorate_view(cached_page)
def region(
    request: HttpRequest,
    code: str,
    au: str = Query("", description="Un jour passé, AAAA-MM-JJ ; vide pour aujourd’hui"),
) -> Any:
    """The chain as a Région built it: stages, relays, money, figures, agreements, years."""
    day = day_of(request)
    if not day.is_valid:
        return Status(400, {"erreurs": first_errors(day.form)})
    now = snapshot(stamp_of(request), day.on)
    return region_out(region_page(now, region_or_404(now.places, code)))


def region_out(page: RegionPage) -> dict[str, Any]:
    figures = page.figures
    return {
        "region": territory_out(page.region),
        "on": page.on.isoformat(),
        "url": region_url(page.region),
        "documented": page.documentation.label,
        "stages": [
            {
                **_stage_out(chain),
                "near_communes": len(at.near),
                "of_communes": page.commune_count,
            }
            for chain, at in zip(page.chain, page.gaps, strict=True)
        ],
        "relays": [_handover_out(one) for one in page.relays],
        "dead_ends": [_dead_end_out(one) for one in page.dead_ends],
        "calls": [_call_out(call) for call in page.calls],
        "amounts": [_amount_out(amount) for one in page.money for amount in one.amounts],
        "coverage": [_measure_out(group) for group in figures.coverage],
        "figures": [_measure_out(group) for group in [*page.money_figures, *figures.activity]],
        "agreements": [_agreement_out(line) for line in page.agreements.lines],
        "agreements_stated": [_measure_out(group) for group in page.agreements.stated],
        "collectives": [_collective_out(one) for one in page.collectives],
        "readings": [
            {
                "title": line.resource.title,
                "publisher": line.resource.publisher,
                "url": line.resource.url or None,
                "published_on": line.resource.published_on,
            }
            for line in page.resources
        ],
        "timeline": [
            _event_out(event) for year in page.years for event in [*year.events, *year.figures]
        ],
    }


def _operator_out(actor: Actor) -> dict[str, Any]:
    return {"slug": actor.slug, "name": actor.name, "kind": actor.kind.slug, "url": actor.url}


def _stage_out(chain: StageChain) -> dict[str, Any]:
    return {
        "slug": chain.stage.slug,
        "name": chain.stage.name,
        "local": chain.local_count,
        "national": chain.national_count,
        "kinds": [
            {
                "kind": group.kind.slug,
                "count": len(group.actors),
                "operators": [_operator_out(actor) for actor in group.actors],
            }
            for group in chain.kinds
        ],
        "networks": {one.network.slug: one.count for one in chain.networks},
        "schemes": [call.edition.scheme.slug for call in chain.schemes],
    }


def _handover_out(handover: Handover) -> dict[str, Any]:
    relay = handover.relay
    return {
        "from_name": relay.from_name,
        "from_stage": relay.from_stage.slug,
        "from_operators": [actor.slug for actor in handover.givers],
        "to_name": relay.to_name,
        "to_stage": relay.to_stage.slug,
        "to_operators": [actor.slug for actor in handover.takers],
        "condition": relay.condition,
        "is_internal": relay.is_internal,
        "caveat": relay.caveat,
        "sources": [source_out(handover.source)],
    }


def _dead_end_out(end: DeadEnd) -> dict[str, Any]:
    return {
        "operator": _operator_out(end.actor),
        "after_stage": end.stage.slug,
        "communes": end.lacking,
        "of_communes": end.of_communes,
    }


def _call_out(call: RegionCall) -> dict[str, Any]:
    return {
        "key": call.edition.key,
        "title": call.line.title,
        "year": call.year,
        "status": call.line.status,
        "status_label": call.line.status_label,
        "paid_by_region": call.is_paid_by_region,
        "url": call.url,
    }


def _amount_out(amount: Amount) -> dict[str, Any]:
    return {
        "scheme": amount.call.edition.scheme.slug,
        "year": amount.year,
        "amount_eur": amount.amount,
        "nature": amount.nature_label if amount.nature else "",
        "funder": amount.who,
        "is_envelope": amount.is_envelope,
        "sources": [source_out(amount.source)],
    }


def _measure_out(group: MeasureGroup) -> dict[str, Any]:
    counted = group.counted
    return {
        "label": group.label,
        "figures": [_figure_out(measure) for measure in group.measures],
        "counted": counted.label if counted else "",
        "lacking": [territory_out(place) for place in counted.lacking] if counted else [],
    }


def _figure_out(measure: Measure) -> dict[str, Any]:
    row = measure.indicator
    return {
        "slug": row.slug,
        "label": row.label,
        "value": row.value,
        "denominator": row.denominator,
        "unit": row.unit,
        "qualifier": row.qualifier,
        "as_of": row.as_of,
        "caveat": row.caveat,
        "sources": [source_out(measure.line.source)],
    }


def _agreement_out(line: AgreementLine) -> dict[str, Any]:
    row = line.agreement
    return {
        "name": row.name,
        "territory": territory_out(row.territory) if row.territory else None,
        "signed_on": row.signed_on,
        "ends_on": row.ends_on,
        "has_ess_line": row.has_ess_line,
        "pole": row.pole.slug if row.pole else None,
        "caveat": row.caveat,
        "sources": [source_out(line.source)],
    }


def _collective_out(collective: Collective) -> dict[str, Any]:
    return {
        "operator": collective.operator.slug,
        "members": [
            {"name": member.name, "role": group.role, "source": group.source.label}
            for group in collective.groups
            for member in group.members
        ],
        "method": [line.step.title for line in collective.steps],
        "born": [
            {
                "name": line.project.name,
                "place": line.place_label,
                "financed_by": line.project.financed_by,
                "outcome": line.project.outcome,
                "caveat": line.project.caveat,
            }
            for line in collective.born
        ],
        "figures": [_measure_out(group) for group in collective.figures],
    }


def _event_out(event: Event) -> dict[str, Any]:
    return {
        "kind": event.kind.value,
        "date": event.date,
        "title": event.title,
        "text": event.text,
    }
