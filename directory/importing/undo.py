"""Undoing a whole import, while nothing later touched what it changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils import timezone

from directory.importing.rights import Rights
from directory.importing.states import TERMS, State, digest, read_states
from directory.importing.vocabulary import Vocabulary
from directory.importing.writing import (
    Pks,
    scheme_digest,
    set_coverage,
    set_fundings,
    set_terms,
    simple_fields,
    write_instances,
)
from directory.models import (
    CallEdition,
    CallImport,
    CallImportRow,
    Claim,
    EditionDocument,
    FundingScheme,
    ImportState,
    Laureate,
    RowAction,
)


@dataclass(frozen=True)
class Obstacle:
    """A row that cannot be put back, and why, in French."""

    line: int
    title: str
    reason: str


def undo_import(call_import: CallImport, rights: Rights, name: str) -> list[Obstacle]:
    """Puts back all that the import changed. Gives the obstacles; with one, nothing is done.

    Within a transaction, the lock of imports held.
    """
    rows = list(
        call_import.rows.filter(action__in=[RowAction.CREATE, RowAction.CHANGE]).order_by("line")
    )
    pks = [row.edition_id for row in rows if row.edition_id]
    editions = CallEdition.objects.filter(pk__in=pks).order_by("pk")
    list(editions.select_for_update().values_list("pk", flat=True))
    held = {state.pk: state for state in read_states(editions).values()}
    later, grown = _later(call_import, pks), _grown(rows)
    obstacles = [
        Obstacle(row.line, row.title, reason)
        for row in rows
        if (reason := _reason(row, held, later, grown, rights))
    ] + _completed_schemes(call_import)
    if obstacles:
        return obstacles
    _restore([row for row in rows if row.action == RowAction.CHANGE], held)
    CallEdition.objects.filter(
        pk__in=[row.edition_id for row in rows if row.action == RowAction.CREATE]
    ).delete()
    FundingScheme.objects.filter(
        slug__in=call_import.created_schemes, editions__isnull=True
    ).delete()
    call_import.state = ImportState.UNDONE
    call_import.undone_at = timezone.now()
    call_import.undone_by = name
    call_import.save(update_fields=["state", "undone_at", "undone_by"])
    return []


def _reason(
    row: CallImportRow,
    held: dict[int, State],
    later: dict[int, int],
    grown: set[int],
    rights: Rights,
) -> str:
    state = held.get(row.edition_id) if row.edition_id else None
    if state is None:
        return "cet appel a été supprimé depuis"
    if not rights.holds_scheme(state.scheme):
        return "cet appel n’est plus propre à votre région"
    if state.pk in later:
        return f"l’import n° {later[state.pk]} l’a changé depuis"
    if digest(state.whole) != row.after:
        return "il a été modifié à la main depuis"
    if row.action == RowAction.CREATE and state.pk in grown:
        return "on lui a ajouté depuis des lauréats, des documents ou d’autres faits"
    return ""


def _later(call_import: CallImport, pks: Iterable[int]) -> dict[int, int]:
    """Editions that a later import changed, and which."""
    rows = CallImportRow.objects.filter(
        edition__in=pks,
        action__in=[RowAction.CREATE, RowAction.CHANGE],
        call_import__state=ImportState.DONE,
        call_import__load_order__gt=call_import.load_order,
    )
    return dict(rows.order_by("call_import_id").values_list("edition_id", "call_import_id"))


def _grown(rows: list[CallImportRow]) -> set[int]:
    """Created editions on which something else hangs now."""
    created = [row.edition_id for row in rows if row.action == RowAction.CREATE]
    models_: tuple[type[models.Model], ...] = (Laureate, EditionDocument, Claim)
    found: set[int] = set()
    for model in models_:
        hanging = model._default_manager.filter(edition__in=created)
        found |= set(hanging.values_list("edition_id", flat=True))
    return found


def _completed_schemes(call_import: CallImport) -> list[Obstacle]:
    """Series that the import created and that somebody completed since."""
    schemes = FundingScheme.objects.filter(slug__in=call_import.created_schemes)
    return [
        Obstacle(0, scheme.name, "cette série, que l’import a créée, a été complétée depuis")
        for scheme in schemes.order_by("slug")
        if scheme_digest(scheme) != call_import.created_schemes[scheme.slug]
        or scheme.funders.exists()
        or scheme.coverage.exists()
        or scheme.claims.exists()
    ]


def _restore(rows: list[CallImportRow], held: dict[int, State]) -> None:
    """Gives the editions the state they had before the import."""
    pks = Pks(Vocabulary())
    instances = []
    before: dict[int, dict[str, Any]] = {}
    for row in rows:
        if row.edition_id and row.before:
            state = held[row.edition_id]
            before[state.pk] = row.before
            instances.append(
                CallEdition(
                    scheme_id=state.scheme_pk,
                    key=row.key,
                    **simple_fields(row.before["values"]),
                )
            )
    write_instances(instances)
    for name in TERMS:
        set_terms(name, {pk: whole["values"][name] for pk, whole in before.items()}, pks)
    set_fundings({pk: whole["fundings"] for pk, whole in before.items()}, pks)
    set_coverage({pk: whole["coverage"] for pk, whole in before.items()}, pks)
