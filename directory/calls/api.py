"""The calls as JSON: the same search and the same sheets as the pages."""

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from ninja.decorators import decorate_view
from pydantic import Field

from directory.api import CallOut, Refusal, SourceOut, call_out, source_out
from directory.calls.describe import sentence
from directory.calls.page import rows
from directory.calls.search import CallSearch
from directory.calls.shape import CallPage, EditionSheet
from directory.calls.sheet import call_page
from directory.paging import cached_page, stamp_of
from directory.snapshot import snapshot

#: Calls of one answer.
PER_PAGE: Final = 100

router = Router(tags=["appels"])


class FoundCall(CallOut):
    concerne: str = Field(description="La part du territoire demandé qui peut y répondre")


class CallsOut(Schema):
    phrase: str = Field(description="La recherche, dite en mots")
    total: int
    page: int
    pages: int
    appels: list[FoundCall]


class MoneyOut(Schema):
    financeur: str
    montant_eur: float | None
    nature: str = Field(description="annoncé, prévu, voté, engagé, attribué, versé ; ou vide")
    note: str


class ZoneOut(Schema):
    kind: str
    code: str
    nom: str
    exclu: bool


class LaureateOut(Schema):
    nom: str
    url: str | None = Field(description="Sa page, si c’est un opérateur de l’annuaire")
    projet: str
    lieu: str
    montant_eur: float | None
    source: SourceOut


class ClaimOut(Schema):
    sujet: str
    dit: str
    source: SourceOut


class EditionOut(CallOut):
    resultats: str | None
    themes: list[str]
    publics: list[str]
    note: str
    reserve: str
    dossiers_recus: int | None
    retenus: int | None
    financements: list[MoneyOut]
    territoires: list[ZoneOut]
    laureats: list[LaureateOut]
    dires: list[ClaimOut] = Field(description="Ce que disent les sources, quand elles diffèrent")


class SeriesEdition(Schema):
    annee: int | None
    titre: str
    situation: str
    enveloppe_eur: float | None
    page: str


class SeriesOut(Schema):
    nom: str
    type: str
    presentation: str
    habitudes: list[str] = Field(description="Ce que la série dit de ses habitudes, en phrases")
    editions: list[EditionOut] = Field(description="Celles de l’année demandée")
    serie: list[SeriesEdition] = Field(description="Toutes les éditions connues")


@router.get("", response={200: CallsOut, 400: Refusal}, summary="Chercher des appels et des aides")
@decorate_view(cached_page)
def appels(
    request: HttpRequest,
    q: str = Query("", description="Des mots"),
    territoire: str = Query("", description="kind:code, par exemple region:53"),
    statut: list[str] = Query(  # noqa: B008
        [], description="ferme-bientot, ouvert, a-venir, permanent, inconnu, clos, laureats"
    ),
    annee: list[str] = Query([], description="2025… ou « sans »"),  # noqa: B008
    etape: list[str] = Query([], description="Identifiants d’étapes"),  # noqa: B008
    type: list[str] = Query([], description="aap, ami, concours…"),  # noqa: A002, B008
    financeur: list[str] = Query([], description="Identifiants de financeurs"),  # noqa: B008
    thematique: list[str] = Query([], description="Identifiants de thématiques"),  # noqa: B008
    profil: list[str] = Query([], description="idee, besoin, structure"),  # noqa: B008
    ordre: str = Query("", description="urgence, annee, montant, nom"),
    page: int = Query(1, ge=1, description=f"{PER_PAGE} par page"),
) -> Any:
    """The calls of a search, most urgent first; values of one filter add up."""
    search = CallSearch(request.GET, snapshot(stamp_of(request), timezone.localdate()))
    if not search.is_valid:
        errors = search.form.errors.items()
        return Status(400, {"erreurs": {name: " ".join(map(str, said)) for name, said in errors}})
    found = Paginator(search.ordered, PER_PAGE).get_page(page)
    return {
        "phrase": sentence(search),
        "total": search.total,
        "page": found.number,
        "pages": found.paginator.num_pages,
        "appels": [
            {**call_out(row.line), "concerne": row.reason}
            for row in rows(search, list(found.object_list))
        ],
    }


@router.get(
    "/{slug}", response={200: SeriesOut, 404: Refusal}, summary="Une série et son édition actuelle"
)
@decorate_view(cached_page)
def serie(request: HttpRequest, slug: str) -> Any:
    """A series, and in full its editions without a year, or those of its most urgent year."""
    return series_out(call_page(snapshot(stamp_of(request), timezone.localdate()), slug, None))


@router.get(
    "/{slug}/{annee}",
    response={200: SeriesOut, 400: Refusal, 404: Refusal},
    summary="Une année d’une série",
)
@decorate_view(cached_page)
def edition(request: HttpRequest, slug: str, annee: int) -> Any:
    """Everything known of one year of a series."""
    return series_out(call_page(snapshot(stamp_of(request), timezone.localdate()), slug, annee))


def series_out(page: CallPage) -> dict[str, Any]:
    return {
        "nom": page.scheme.name,
        "type": page.kind_label,
        "presentation": page.scheme.description,
        "habitudes": page.habits,
        "editions": [edition_out(sheet) for sheet in page.shown],
        "serie": [
            {
                "annee": line.edition.year,
                "titre": line.title,
                "situation": line.status_label,
                "enveloppe_eur": line.edition.envelope,
                "page": line.page_url,
            }
            for line in page.timeline
        ],
    }


def edition_out(sheet: EditionSheet) -> dict[str, Any]:
    found = sheet.edition
    return {
        **call_out(sheet.line),
        "resultats": found.results_on,
        "themes": sheet.themes,
        "publics": sheet.audiences,
        "note": found.note,
        "reserve": found.caveat,
        "dossiers_recus": found.applicants,
        "retenus": found.selected,
        "financements": [
            {
                "financeur": line.funder,
                "montant_eur": line.amount,
                "nature": line.nature,
                "note": line.note,
            }
            for line in sheet.money
        ],
        "territoires": [
            {
                "kind": zone.territory.kind,
                "code": zone.territory.code,
                "nom": zone.territory.name,
                "exclu": zone.excluded,
            }
            for zone in sheet.zones
        ],
        "laureats": [
            {
                "nom": one.name,
                "url": one.url,
                "projet": one.project,
                "lieu": one.place,
                "montant_eur": one.amount,
                "source": source_out(one.source),
            }
            for one in sheet.laureates
        ],
        "dires": [
            {"sujet": group.subject, "dit": statement, "source": source_out(source)}
            for group in sheet.claims
            for statement, source, _ in group.claims
        ],
        "sources": [source_out(source) for source in sheet.sources],
    }
