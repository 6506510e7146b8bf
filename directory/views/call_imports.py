"""Imports of calls: send a file, read what it would change, correct, confirm, undo."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify

from directory.importing import imports, output, running
from directory.importing.columns import BY_NAME
from directory.importing.files import TOO_BIG
from directory.importing.forms import ConfirmForm, FilterForm, UploadForm, typed_cells
from directory.importing.imports import NotNowError
from directory.importing.rights import editions_of
from directory.importing.vocabulary import Vocabulary
from directory.models import CallImport, CallImportRow, ImportState, RowAction
from directory.views.agents import AgentRequest, for_agents

ROWS_PER_PAGE = 25
IMPORTS_PER_PAGE = 20


def _found(request: AgentRequest, pk: int) -> CallImport:
    """The import, for whoever may see it; 404 for the others, as for one that never was."""
    return get_object_or_404(CallImport.objects.of_region(request.agent.region).light(), pk=pk)


@for_agents("GET", "HEAD", "POST")
def import_list(request: AgentRequest) -> HttpResponse:
    """The form to send a file, and the imports so far."""
    form, status = UploadForm(), 200
    if request.method == "POST":
        form = UploadForm(
            {} if request.too_big else request.POST, None if request.too_big else request.FILES
        )
        if request.too_big:
            form.is_valid()
            form.errors["fichier"] = form.error_class([TOO_BIG])
        elif form.is_valid():
            file = form.cleaned_data["fichier"]
            received = imports.receive(request.agent, file.name, file.read())
            running.start(received, request.agent.name)
            return redirect("call_import", received.pk)
        status = 413 if request.too_big else 400
    found = CallImport.objects.of_region(request.agent.region).light().select_related("region")
    page = Paginator(found, IMPORTS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page_obj": page, "agent": request.agent}
    return render(request, "agents/import_list.html", context, status=status)


@for_agents("GET", "HEAD")
def call_import(request: AgentRequest, pk: int) -> HttpResponse:
    """Where the import stands: at work, refused, to confirm, loaded or undone."""
    found = _found(request, pk)
    context: dict[str, Any] = {"import": found, "agent": request.agent}
    if found.is_at_work:
        context["abandoned"] = imports.is_abandoned(found)
        return render(request, "agents/import_at_work.html", context)
    if found.state == ImportState.REFUSED:
        return render(request, "agents/import_refused.html", context | {"form": UploadForm()})
    filters = FilterForm(request.GET)
    if not filters.is_valid():
        return render(request, "400.html", status=400)
    rows = found.rows.defer("before", "values")
    context["effet"] = effet = filters.cleaned_data["effet"] or _first_to_see(found)
    context["tabs"] = _tabs(found)
    context["kept_rows"] = rows.filter(changes__contains=[{"kept": True}])[:ROWS_PER_PAGE]
    shown = rows.filter(action=effet)
    context["page_obj"] = page = Paginator(shown, ROWS_PER_PAGE).get_page(
        filters.cleaned_data["page"]
    )
    context["rows"] = [_with_cells(row, found) for row in page]
    context["query"] = f"effet={effet}&"
    return render(request, "agents/import_preview.html", context)


def _first_to_see(found: CallImport) -> str:
    """Errors before anything else, as long as they can be corrected; then what changes."""
    wrong = (RowAction.WRONG, found.wrong)
    changes = [(RowAction.CREATE, found.created), (RowAction.CHANGE, found.changed)]
    order = [wrong, *changes] if found.state == ImportState.READY else [*changes, wrong]
    for action, count in order:
        if count:
            return action.value
    return RowAction.LEAVE.value


def _tabs(found: CallImport) -> list[tuple[str, str, int]]:
    done = found.state != ImportState.READY
    return [
        (RowAction.WRONG, "En erreur", found.wrong),
        (RowAction.CREATE, "Créés" if done else "À créer", found.created),
        (RowAction.CHANGE, "Modifiés" if done else "À modifier", found.changed),
        (RowAction.LEAVE, "Inchangés", found.left),
    ]


def _with_cells(row: CallImportRow, found: CallImport) -> CallImportRow:
    """With, for each error, the name of the field where its cell can be typed again."""
    for error in row.errors:
        error["field"] = f"cellule-{row.line}-{error['name']}"
        error["typed"] = found.corrections.get(str(row.line), {}).get(error["name"], error["value"])
    return row


@for_agents("GET", "HEAD")
def import_progress(request: AgentRequest, pk: int) -> JsonResponse:
    """How far the work is, for the page that waits."""
    found = _found(request, pk)
    return JsonResponse({"enCours": found.is_at_work, "faites": found.done, "lignes": found.total})


@for_agents("POST")
def import_correct(request: AgentRequest, pk: int) -> HttpResponse:
    """Cells typed again in the page, then a new preview."""
    found = _found(request, pk)
    try:
        imports.correct(found, typed_cells(request.POST))
    except NotNowError as error:
        messages.error(request, str(error))
    else:
        running.start(_found(request, pk), request.agent.name)
    return redirect("call_import", pk)


@for_agents("POST")
def import_load(request: AgentRequest, pk: int) -> HttpResponse:
    """Confirm what was shown."""
    found, form = _found(request, pk), ConfirmForm(request.POST)
    if not form.is_valid():
        return render(request, "400.html", status=400)
    try:
        imports.ask_to_load(
            found,
            digest=form.cleaned_data["apercu"],
            good_rows_only=form.cleaned_data["lignes_bonnes"],
            overwrite=form.cleaned_data["ecraser"],
        )
    except NotNowError as error:
        messages.error(request, str(error))
    else:
        running.start(_found(request, pk), request.agent.name)
    return redirect("call_import", pk)


@for_agents("POST")
def import_resume(request: AgentRequest, pk: int) -> HttpResponse:
    """Start again what a dead process left at work."""
    found = _found(request, pk)
    if imports.is_abandoned(found):
        running.start(found, request.agent.name)
    return redirect("call_import", pk)


@for_agents("GET", "HEAD", "POST")
def import_undo(request: AgentRequest, pk: int) -> HttpResponse:
    """Ask, then undo the whole import, or say what stands in the way."""
    found = _found(request, pk)
    obstacles: list[Any] = []
    if request.method == "POST":
        try:
            obstacles = imports.undo(found, request.agent)
        except NotNowError as error:
            messages.error(request, str(error))
            return redirect("call_import", pk)
        if not obstacles:
            messages.success(request, "L’import est annulé : tout est comme avant lui.")
            return redirect("call_import", pk)
    context = {"import": found, "agent": request.agent, "obstacles": obstacles}
    return render(request, "agents/import_undo.html", context, status=409 if obstacles else 200)


@for_agents("POST")
def import_discard(request: AgentRequest, pk: int) -> HttpResponse:
    """Forget a preview. What was loaded is never forgotten."""
    found = _found(request, pk)
    if found.state in (ImportState.READY, ImportState.REFUSED):
        found.delete()
        messages.success(request, "L’aperçu est abandonné, rien n’a été chargé.")
    return redirect("call_imports")


@for_agents("GET", "HEAD")
def import_file(request: AgentRequest, pk: int) -> HttpResponse:
    """The file as it was sent."""
    found = _found(request, pk)
    response = HttpResponse(bytes(found.content), content_type="application/octet-stream")
    stem, _, extension = found.file_name.rpartition(".")
    name = f"{slugify(stem)[:80] or 'appels'}.{slugify(extension)[:8] or 'csv'}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@for_agents("GET", "HEAD")
def notice(request: AgentRequest) -> HttpResponse:
    """What to write in each column, with the choices of the day."""
    vocabulary = Vocabulary()
    lines = [
        (*line, column.needed)
        for line, column in zip(output.notice_lines(vocabulary), BY_NAME.values(), strict=True)
    ]
    return render(request, "agents/notice.html", {"lines": lines, "agent": request.agent})


@for_agents("GET", "HEAD")
def template_file(request: AgentRequest, extension: str) -> HttpResponse:
    """The empty spreadsheet, with its notice when it is a workbook."""
    return _spreadsheet("modele-appels", extension, output.template_dataset(), Vocabulary())


@for_agents("GET", "HEAD")
def calls_file(request: AgentRequest, extension: str) -> HttpResponse:
    """All the calls that this agent may change, as the import takes them back."""
    vocabulary = Vocabulary()
    editions = editions_of(request.agent.region).order_by("scheme__name", "-year", "pk")
    return _spreadsheet("appels", extension, output.calls_dataset(editions, vocabulary), vocabulary)


def _spreadsheet(name: str, extension: str, dataset: Any, vocabulary: Vocabulary) -> HttpResponse:
    match extension:
        case "csv":
            content, kind = output.as_csv(dataset), output.CSV_TYPE
        case "xlsx":
            content, kind = output.as_xlsx(dataset, vocabulary), output.XLSX_TYPE
        case _:
            raise Http404
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
    return response
