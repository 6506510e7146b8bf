"""The life of an import: received, previewed, corrected, confirmed, undone, purged.

Pages and the command call these functions and nothing below them. Each runs in one transaction: cut
anywhere, nothing is half there. `work` is what a thread or a request does with an import at work.
"""

import contextlib
import datetime
import logging
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import Max
from django.utils import timezone

from directory.importing import undo as undoing
from directory.importing.files import read_table
from directory.importing.plan import Plan, make_plan
from directory.importing.refusal import FileRefusedError
from directory.importing.rights import Agent, rights_of
from directory.importing.undo import Obstacle
from directory.importing.writing import apply_plan, rows_of, save_rows, wait_for_loads
from directory.loading.load import LOCK
from directory.models import CallImport, ImportState, RowAction

logger = logging.getLogger(__name__)

#: First number of the lock that says "somebody works on this import"; the second is its key.
WORK_LOCK: Final = 0x696D70
#: How long a preview that nobody confirms is kept, and how many of them for one account.
KEPT_DAYS: Final = 7
MOST_PENDING: Final = 5
#: Cells that somebody may correct in the page, and the length of what they type.
MOST_CORRECTIONS: Final = 500
LONGEST_CORRECTION: Final = 2000

CHANGED_MEANWHILE: Final = (
    "Les données ont changé depuis cet aperçu : rien n’a été chargé. Voici le nouvel aperçu, à "
    "confirmer."
)
BROKE_DOWN: Final = (
    "Une erreur de notre côté a arrêté la lecture ; rien n’a été chargé. Réessayez, et prévenez "
    "l’administration du service si cela recommence."
)
#: A thread takes its lock well within this time.
STARTS_WITHIN: Final = datetime.timedelta(seconds=15)
Step = Callable[[int, int], None]


class NotNowError(Exception):
    """What was asked cannot be done to an import in this state; the message says why, in French."""


def receive(agent: Agent, file_name: str, content: bytes) -> CallImport:
    """Keeps a file to be previewed, and purges what is too old or too many of the same account."""
    purge()
    account = agent.user if agent.user.pk else None  # none on the command line
    pending = CallImport.objects.filter(user=account, user_name=agent.name, loaded_at__isnull=True)
    kept = pending.order_by("-pk").values_list("pk", flat=True)[: MOST_PENDING - 1]
    pending.exclude(pk__in=list(kept)).exclude(state=ImportState.LOADING).delete()
    return CallImport.objects.create(
        user=account,
        user_name=agent.name,
        region=agent.region,
        file_name=file_name[:200] or "sans nom",
        content=content,
        state=ImportState.READING,
    )


def purge(days: int = KEPT_DAYS) -> int:
    """Deletes previews that nobody confirmed in that time. Gives how many."""
    limit = timezone.now() - datetime.timedelta(days=days)
    old = CallImport.objects.filter(loaded_at__isnull=True, created_at__lt=limit)
    deleted = old.exclude(state=ImportState.LOADING).delete()[1]
    return deleted.get(CallImport._meta.label, 0)


def correct(call_import: CallImport, typed: dict[str, dict[str, str]]) -> None:
    """Keeps texts typed instead of cells, by line and column name, for the next preview."""
    with transaction.atomic():
        current = _in_state(call_import, ImportState.READY)
        corrections = {line: dict(cells) for line, cells in current.corrections.items()}
        for line, cells in typed.items():
            corrections.setdefault(line, {}).update(cells)
        if sum(map(len, corrections.values())) > MOST_CORRECTIONS:
            raise NotNowError(
                f"Plus de {MOST_CORRECTIONS} cellules corrigées ici : corrigez plutôt le fichier."
            )
        current.corrections = corrections
        current.state, current.message, current.done = ImportState.READING, "", 0
        current.asked_at = timezone.now()
        current.save(update_fields=["corrections", "state", "message", "done", "asked_at"])


def ask_to_load(
    call_import: CallImport, *, digest: str, good_rows_only: bool, overwrite: bool
) -> None:
    """Confirms what was shown. Raises NotNowError when it cannot be loaded as it is."""
    with transaction.atomic():
        current = _in_state(call_import, ImportState.READY)
        if current.digest != digest:
            raise NotNowError("Un autre aperçu a été fait entre-temps : le voici, à confirmer.")
        if current.wrong and not good_rows_only:
            raise NotNowError(
                "Des lignes sont en erreur : corrigez-les, ou choisissez de charger les autres."
            )
        if not (current.created or current.changed or (overwrite and current.kept)):
            raise NotNowError("Il n’y a rien à charger.")
        current.state, current.message, current.done = ImportState.LOADING, "", 0
        current.asked_at = timezone.now()
        current.good_rows_only = bool(current.wrong)
        current.overwrote = overwrite and bool(current.kept)
        current.save(
            update_fields=["state", "message", "done", "asked_at", "good_rows_only", "overwrote"]
        )


def work(pk: int, name: str, step: Step | None = None) -> CallImport:
    """Does what the state of the import asks for: a preview, or a load. Gives it as it is after.

    `name` is who asked. `step` is called with (rows done, rows). Waits for whoever is at it.
    Whatever is raised, the import does not stay "at work" without somebody at work.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [WORK_LOCK, pk])
            current = CallImport.objects.get(pk=pk)
            with _progress(current, step) as progress:
                if current.state == ImportState.READING:
                    _preview(current, progress)
                elif current.state == ImportState.LOADING:
                    _load(current, name, progress)
    except Exception:
        logger.exception("Import %s broke down", pk)
        CallImport.objects.filter(pk=pk, state=ImportState.READING).update(
            state=ImportState.REFUSED, message=BROKE_DOWN
        )
        CallImport.objects.filter(pk=pk, state=ImportState.LOADING).update(
            state=ImportState.READY, message=BROKE_DOWN
        )
    return CallImport.objects.light().get(pk=pk)


def is_abandoned(call_import: CallImport) -> bool:
    """At work by its state, and nobody at it: its process died. `work` starts it again."""
    if not call_import.is_at_work or timezone.now() - call_import.asked_at < STARTS_WITHIN:
        return False
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [WORK_LOCK, call_import.pk])
        free: bool = cursor.fetchone()[0]
    return free


def undo(call_import: CallImport, agent: Agent) -> list[Obstacle]:
    """Undoes a loaded import as a whole. Gives what stands in the way; then nothing was done."""
    with transaction.atomic():
        wait_for_loads(LOCK)
        current = _in_state(call_import, ImportState.DONE)
        return undoing.undo_import(current, rights_of(agent.region), agent.name)


def _in_state(call_import: CallImport, state: ImportState) -> CallImport:
    current = CallImport.objects.light().select_for_update().get(pk=call_import.pk)
    if current.state != state:
        raise NotNowError(
            f"Cet import est maintenant dans l’état « {current.get_state_display()} »."
        )
    return current


def _preview(call_import: CallImport, progress: Callable[[int], None]) -> None:
    try:
        table = read_table(bytes(call_import.content))
        call_import.total = len(table.rows)
        progress(0)
        plan = make_plan(
            table, rights_of(call_import.region), call_import.corrections, progress=progress
        )
    except FileRefusedError as error:
        call_import.state, call_import.message = ImportState.REFUSED, str(error)
        call_import.rows.all().delete()
        call_import.save(update_fields=["state", "message"])
        return
    _show(call_import, plan)


def _show(call_import: CallImport, plan: Plan) -> None:
    """Keeps the plan as the preview to confirm."""
    save_rows(call_import, rows_of(plan, call_import))
    call_import.state = ImportState.READY
    _count(call_import, plan)


def _count(call_import: CallImport, plan: Plan) -> None:
    call_import.digest = plan.digest
    call_import.ignored_headings = plan.ignored
    call_import.total = call_import.done = len(plan.rows)
    call_import.created = plan.count(RowAction.CREATE)
    call_import.changed = plan.count(RowAction.CHANGE)
    call_import.left = plan.count(RowAction.LEAVE)
    call_import.wrong = plan.count(RowAction.WRONG)
    call_import.kept = plan.kept
    call_import.save()


def _load(call_import: CallImport, name: str, progress: Callable[[int], None]) -> None:
    """Applies exactly what was shown, or shows again what would now be done."""
    wait_for_loads(LOCK)
    shown = call_import.digest
    plan = make_plan(
        read_table(bytes(call_import.content)),
        rights_of(call_import.region),
        call_import.corrections,
        lock=True,
        progress=progress,
    )
    if plan.digest != shown:
        call_import.message = CHANGED_MEANWHILE
        _show(call_import, plan)
        return
    apply_plan(plan, call_import, overwrite=call_import.overwrote)
    call_import.state = ImportState.DONE
    call_import.loaded_at, call_import.loaded_by = timezone.now(), name
    last = CallImport.objects.aggregate(last=Max("load_order"))["last"]  # we hold the lock of loads
    call_import.load_order = (last or 0) + 1
    call_import.message = ""
    _count(call_import, plan)
    if call_import.overwrote:
        actions = call_import.rows.filter(action=RowAction.CHANGE).count()
        call_import.left -= actions - call_import.changed
        call_import.changed, call_import.kept = actions, 0
        call_import.save(update_fields=["changed", "left", "kept"])


@contextlib.contextmanager
def _progress(call_import: CallImport, step: Step | None) -> Iterator[Callable[[int], None]]:
    """Says how far the work is, over a connection of its own: ours is in a transaction.

    Never waits: a row that somebody holds is not worth it.
    """
    beside: Any = connections.create_connection(DEFAULT_DB_ALIAS)

    def progress(done: int) -> None:
        if step:
            step(done, call_import.total)
        with beside.cursor() as cursor:
            cursor.execute(
                "UPDATE directory_callimport SET done = %s, total = %s WHERE id IN "
                "(SELECT id FROM directory_callimport WHERE id = %s FOR UPDATE SKIP LOCKED)",
                [done, call_import.total, call_import.pk],
            )

    try:
        yield progress
    finally:
        beside.close()
