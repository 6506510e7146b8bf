"""The JSON API: the same answers as the pages, for machines. Built on the same `Pathway`."""

import datetime
from typing import Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import NinjaAPI, Query, Schema, Status
from ninja.decorators import decorate_view
from ninja.errors import ValidationError
from pydantic import Field

from directory.doors import DOORS, door_of
from directory.explore.places import search_territories
from directory.forms import LONGEST_SEARCH
from directory.paging import cached_page, read_only, stamp_of, stamped_page
from directory.pathway import Match, Pathway, Step, build_pathway
from directory.pathway.offers import add_contents
from directory.pathway.shape import CallLine, Gap, Near, RelayLine
from directory.places import commune_or_404, geography
from directory.provenance import Source
from directory.snapshot import snapshot
from regions.search import search_communes

#: Offers of one stage in one answer.
OFFERS_PER_STAGE = 100

api = NinjaAPI(
    title="Parcours ESS",
    version="1",
    urls_namespace="api",
    docs_decorator=read_only,
    description=(
        "Les réponses des pages, pour les machines : trouver une commune, puis savoir qui y "
        "accompagne les projets de l’économie sociale et solidaire, étape par étape. "
        "Données sous Licence Ouverte 2.0, chaque fait avec sa source."
    ),
)


class Refusal(Schema):
    """What was wrong, in French, by parameter."""

    erreurs: dict[str, str]


class CommuneOut(Schema):
    code: str = Field(description="Code Insee")
    nom: str
    codes_postaux: list[str]
    departement: str | None = Field(description="Nom du département ou de la collectivité")
    population: int | None
    url: str
    ancien_nom: str | None = Field(
        description="Nom qui a été reconnu, s’il n’est pas le nom actuel"
    )


class CommunesOut(Schema):
    q: str
    total: int
    communes: list[CommuneOut]
    conseil: str = Field(description="Que faire quand rien n’est trouvé")


class TerritoryOut(Schema):
    kind: str
    code: str
    name: str


class OperatorOut(Schema):
    slug: str
    name: str
    kind: str
    url: str


class SourceOut(Schema):
    label: str
    url: str | None
    date: str


class RelayOut(Schema):
    to_name: str
    to_url: str | None
    to_stage: str
    condition: str
    is_internal: bool


class OfferOut(Schema):
    operator: OperatorOut
    title: str
    summary: str
    conditions: str
    audiences: list[str]
    themes: list[str]
    via: TerritoryOut
    reason: str
    distance_km: float | None
    is_first_contact: bool
    verified_on: datetime.date | None
    sources: list[SourceOut]
    relays: list[RelayOut]


class NearOut(Schema):
    name: str
    kind: str
    url: str
    distance: str


class GapOut(Schema):
    message: str
    nearest: NearOut | None
    fallback: NearOut | None
    report_url: str


class StageOut(Schema):
    slug: str
    name: str
    total: int = Field(description="Offres qui couvrent la commune à cette étape, sans filtre")
    matching: int = Field(description="Celles qui répondent au profil et à la thématique")
    offers: list[OfferOut]
    gap: GapOut | None = Field(
        description="Personne ne couvre la commune à cette étape ; toujours null là où l’annuaire "
        "n’est pas renseigné"
    )
    notice: str = Field(description="Ce que dit une étape vide qui n’est pas une zone blanche")


class CallOut(Schema):
    key: str = Field(description="Ne change jamais")
    year: int | None
    title: str
    kind: str
    funder: str
    status: str
    status_label: str
    opens: str | None
    closes: str | None
    envelope_eur: float | None
    stages: list[str]
    url: str | None = Field(description="La page du financeur")
    page: str = Field(description="Notre page sur cet appel")
    sources: list[SourceOut]


class PathwayOut(Schema):
    commune: CommuneOut
    territories: list[TerritoryOut]
    documented: str = Field(description="renseigné, en cours ou pas encore")
    stages: list[StageOut]
    calls: list[CallOut]


def _answer(content: dict[str, Any], status: int = 200) -> HttpResponse:
    """The content as it is: checking it against its schema, as tests do, costs several times it."""
    kind = "application/json; charset=utf-8"
    return HttpResponse(orjson.dumps(content), content_type=kind, status=status)


_Q = {
    "in": "query",
    "name": "q",
    "required": False,
    "description": "Nom ou code postal",
    "schema": {"type": "string", "default": "", "maxLength": LONGEST_SEARCH},
}


@api.get(
    "/communes",
    response={200: CommunesOut, 400: Refusal},
    summary="Chercher une commune",
    openapi_extra={"parameters": [_Q]},
)
@read_only
@stamped_page
def communes(request: HttpRequest) -> HttpResponse:
    """By name or postcode: accents, case, hyphens, former names and typos are forgiven.

    Asked at every letter that somebody types, so `directory.urls` leads to it without ninja, which
    describes it: what ninja does around it would take as long as the search.
    """
    q = request.GET.get("q", "")
    if len(q) > LONGEST_SEARCH:
        return _answer(
            {"erreurs": {"q": f"Trop long : {LONGEST_SEARCH} caractères au plus."}}, status=400
        )
    found = search_communes(geography(stamp_of(request)), q, limit=20)
    return _answer(
        {
            "q": found.query,
            "total": found.total,
            "conseil": found.hint or "",
            "communes": [
                commune_out(hit.commune, hit.departement_name, hit.matched_name)
                for hit in found.hits
            ],
        }
    )


class PlaceOut(Schema):
    kind: str
    code: str
    nom: str
    niveau: str = Field(description="région, département, pays, intercommunalité, commune…")
    precision: str = Field(description="Le département d’une commune")
    valeur: str = Field(description="kind:code, comme le filtre territoire l’attend")


class PlacesOut(Schema):
    q: str
    territoires: list[PlaceOut]


@api.get("/territoires", response={200: PlacesOut, 400: Refusal}, summary="Chercher un territoire")
@decorate_view(cached_page)
def territoires(request: HttpRequest, q: str = Query("", description="Nom ou code postal")) -> Any:
    """Communes and wider territories by name or postcode, the wider first."""
    if len(q) > LONGEST_SEARCH:
        return Status(400, {"erreurs": {"q": f"Trop long : {LONGEST_SEARCH} caractères au plus."}})
    return {
        "q": q,
        "territoires": [
            {
                "kind": hit.territory.kind,
                "code": hit.territory.code,
                "nom": hit.territory.name,
                "niveau": hit.kind_label,
                "precision": hit.detail,
                "valeur": hit.value,
            }
            for hit in search_territories(geography(stamp_of(request)), q)
        ],
    }


@api.get(
    "/parcours/{insee}",
    response={200: PathwayOut, 400: Refusal, 404: Refusal},
    summary="Le parcours d’une commune",
)
@decorate_view(cached_page)
def parcours(
    request: HttpRequest,
    insee: str,
    profil: str = Query("", description="Un de : " + ", ".join(door.slug for door in DOORS)),
    thematique: str = Query("", description="Identifiant d’une thématique"),
) -> Any:
    """Who helps in a commune, stage by stage, why each one is there, and what nobody covers."""
    now = snapshot(stamp_of(request), timezone.localdate())
    words = now.words
    door, theme = door_of(profil), words.theme(thematique)
    wrong = {}
    if profil and door is None:
        known = ", ".join(door.slug for door in DOORS)
        wrong["profil"] = f"Ce profil n’existe pas. Valeurs possibles : {known}."
    if thematique and theme is None:
        known = ", ".join(theme.slug for theme in words.themes)
        wrong["thematique"] = f"Cette thématique n’existe pas. Valeurs possibles : {known}."
    if wrong:
        return Status(400, {"erreurs": wrong})
    place = now.place(commune_or_404(now.places, insee))
    found = build_pathway(now, place, door, theme, cards=OFFERS_PER_STAGE, lines=0)
    add_contents(now, [match for step in found.steps for match in step.matches])
    return _answer(pathway_out(found))


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    message = str(error) or "Cette adresse ne mène à rien."
    return api.create_response(request, {"erreurs": {"adresse": message}}, status=404)


@api.exception_handler(ValidationError)
def not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    wrong = {str(item["loc"][-1]): "Cette valeur n’est pas comprise." for item in error.errors}
    return api.create_response(request, {"erreurs": wrong}, status=400)


def commune_out(
    commune: Any, departement: str | None, matched: str | None = None
) -> dict[str, Any]:
    return {
        "code": commune.code,
        "nom": commune.name,
        "codes_postaux": commune.postcodes,
        "departement": departement,
        "population": commune.population,
        "url": commune.get_absolute_url(),
        "ancien_nom": matched,
    }


def pathway_out(pathway: Pathway) -> dict[str, Any]:
    departement = pathway.departement or pathway.region
    return {
        "commune": commune_out(pathway.commune, departement.name if departement else None),
        "territories": [territory_out(place) for place in pathway.territories],
        "documented": pathway.documentation.label,
        "stages": [stage_out(step) for step in pathway.steps],
        "calls": [call_out(call) for call in pathway.calls],
    }


def territory_out(place: Any) -> dict[str, str]:
    return {"kind": place.kind, "code": place.code, "name": place.name}


def stage_out(step: Step) -> dict[str, Any]:
    return {
        "slug": step.stage.slug,
        "name": step.stage.name,
        "total": step.total,
        "matching": step.fitting,
        "offers": [offer_out(match) for match in step.matches if match.contents_or_none],
        "gap": gap_out(step.gap) if step.gap else None,
        "notice": step.notice,
    }


def offer_out(match: Match) -> dict[str, Any]:
    operator, offer = match.contents
    return {
        "operator": {
            "slug": operator.slug,
            "name": operator.name,
            "kind": match.kind.slug,
            "url": operator.get_absolute_url(),
        },
        "title": offer.title,
        "summary": offer.summary,
        "conditions": offer.conditions,
        "audiences": offer.audiences,
        "themes": offer.themes,
        "via": territory_out(match.via),
        "reason": match.reason,
        "distance_km": None if match.distance_km is None else round(match.distance_km, 1),
        "is_first_contact": match.is_first_contact,
        "verified_on": operator.verified_on,
        "sources": [source_out(match.source)],
        "relays": [relay_out(relay) for relay in match.relays],
    }


def source_out(source: Source) -> dict[str, Any]:
    return {"label": source.label, "url": source.url, "date": source.date_label}


def relay_out(relay: RelayLine) -> dict[str, Any]:
    return {
        "to_name": relay.to_name,
        "to_url": relay.to_url,
        "to_stage": relay.to_anchor.removeprefix("#"),
        "condition": relay.condition,
        "is_internal": relay.is_internal,
    }


def near_out(near: Near | None) -> dict[str, Any] | None:
    if near is None:
        return None
    return {
        "name": near.operator_name,
        "kind": near.kind_name,
        "url": near.url,
        "distance": near.distance_label,
    }


def gap_out(gap: Gap) -> dict[str, Any]:
    return {
        "message": gap.message,
        "nearest": near_out(gap.nearest),
        "fallback": near_out(gap.fallback),
        "report_url": gap.report_url,
    }


def call_out(call: CallLine) -> dict[str, Any]:
    edition = call.edition
    return {
        "key": edition.key,
        "year": edition.year,
        "title": call.title,
        "kind": call.kind_label,
        "funder": call.funder,
        "status": call.status,
        "status_label": call.status_label,
        "opens": edition.opens_on,
        "closes": edition.closes_on,
        "envelope_eur": None if edition.envelope is None else float(edition.envelope),
        "stages": call.stages,
        "url": call.url,
        "page": call.page_url,
        "sources": [source_out(call.source)],
    }
