"""Calls: their funders, series and editions, with all that hangs on an edition."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from directory.admin.directory import OperatorCoverageInline
from directory.admin.sources import SOURCE_FIELDS, source_link
from directory.calls.carry_over import AlreadyThereError, carry_over
from directory.importing import output
from directory.importing.vocabulary import Vocabulary
from directory.models import (
    CallEdition,
    Claim,
    EditionDocument,
    Funder,
    Funding,
    FundingScheme,
    Laureate,
)

CONTACT_FIELDS = ("contact", "contact_email", "contact_phone")


class SchemeCoverageInline(OperatorCoverageInline):
    fk_name = "scheme"


class EditionCoverageInline(OperatorCoverageInline):
    fk_name = "edition"
    verbose_name_plural = "zones propres à cette édition (sinon, celles du dispositif)"


@admin.register(Funder)
class FunderAdmin(admin.ModelAdmin):
    list_display = ("name", "kind", "territory", "website")
    list_filter = ("kind",)
    search_fields = ("name", "slug")
    autocomplete_fields = ("territory",)
    list_select_related = ("territory",)
    prepopulated_fields: ClassVar[Any] = {"slug": ("name",)}


class CallEditionInline(admin.TabularInline):
    model = CallEdition
    extra = 0
    fields = (
        "title",
        "key",
        "year",
        "publication",
        "opens_on",
        "closes_on",
        "envelope",
        "source",
        "source_date",
    )
    show_change_link = True


class ClaimInline(admin.TabularInline):
    model = Claim
    extra = 0
    autocomplete_fields = ("edition",)
    fields = ("edition", "subject", "statement", *SOURCE_FIELDS)
    verbose_name_plural = "ce que disent les sources, quand elles diffèrent"


@admin.register(FundingScheme)
class FundingSchemeAdmin(admin.ModelAdmin):
    list_display = ("name", "kind", "always_open", "publication", source_link)
    list_filter = ("kind", "publication", "always_open", "is_example", "funders__kind")
    search_fields = ("name", "slug", "funders__name")
    prepopulated_fields: ClassVar[Any] = {"slug": ("name",)}
    filter_horizontal = ("funders",)
    inlines = (CallEditionInline, SchemeCoverageInline, ClaimInline)
    fieldsets = (
        (None, {"fields": ("name", "slug", "kind", "always_open", "description")}),
        ("Qui paie", {"fields": ("funders",)}),
        ("Qui joindre", {"fields": CONTACT_FIELDS}),
        ("Publication", {"fields": ("publication", "is_example")}),
        ("Provenance", {"fields": SOURCE_FIELDS}),
    )


class FundingInline(admin.TabularInline):
    model = Funding
    extra = 0
    autocomplete_fields = ("funder",)
    fields = ("funder", "amount", "nature", "note", *SOURCE_FIELDS)
    verbose_name_plural = "financements de cette édition (sinon, les financeurs du dispositif)"


class EditionDocumentInline(admin.TabularInline):
    model = EditionDocument
    extra = 0


class LaureateInline(admin.TabularInline):
    model = Laureate
    extra = 0
    autocomplete_fields = ("commune", "territory", "operator")
    fields = (
        "name",
        "project",
        "amount",
        "commune",
        "territory",
        "place",
        "operator",
        *SOURCE_FIELDS,
    )


def _attached(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@admin.register(CallEdition)
class CallEditionAdmin(admin.ModelAdmin):
    list_display = (
        "title",
        "year",
        "status",
        "publication",
        "opens_on",
        "closes_on",
        "envelope",
        source_link,
    )
    list_filter = ("publication", "year", "scheme__kind", "stages")
    search_fields = ("title", "key", "scheme__name", "fundings__funder__name")
    autocomplete_fields = ("scheme",)
    filter_horizontal = ("stages", "themes", "audiences")
    inlines = (
        FundingInline,
        EditionCoverageInline,
        EditionDocumentInline,
        LaureateInline,
    )
    fieldsets = (
        (None, {"fields": ("scheme", "key", "title", "year", "publication", "note", "link")}),
        ("Dates", {"fields": ("opens_on", "closes_on", "results_on")}),
        ("Montants", {"fields": ("envelope", "envelope_nature", "applicants", "selected")}),
        ("Pour qui", {"fields": ("stages", "themes", "audiences", "entry_modes")}),
        ("Qui joindre", {"fields": CONTACT_FIELDS}),
        ("Provenance", {"fields": SOURCE_FIELDS}),
    )

    actions = ("export_csv", "export_xlsx", "carry_over")
    change_list_template = "admin/directory/calledition/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallEdition]:
        return CallEdition.objects.with_status(timezone.localdate())

    @admin.action(description="Exporter en CSV", permissions=["view"])
    def export_csv(self, request: HttpRequest, editions: QuerySet[CallEdition]) -> HttpResponse:
        dataset = output.calls_dataset(editions, Vocabulary())
        return _attached(output.as_csv(dataset), output.CSV_TYPE, "appels.csv")

    @admin.action(description="Exporter en XLSX", permissions=["view"])
    def export_xlsx(self, request: HttpRequest, editions: QuerySet[CallEdition]) -> HttpResponse:
        vocabulary = Vocabulary()
        dataset = output.calls_dataset(editions, vocabulary)
        return _attached(output.as_xlsx(dataset, vocabulary), output.XLSX_TYPE, "appels.xlsx")

    @admin.action(
        description="Reprendre en brouillon pour l’année suivante", permissions=["add", "change"]
    )
    def carry_over(self, request: HttpRequest, editions: QuerySet[CallEdition]) -> None:
        for edition in editions.select_related("scheme"):
            year = (edition.year or timezone.localdate().year - 1) + 1
            try:
                draft = carry_over(edition, year)
            except AlreadyThereError as error:
                self.message_user(request, str(error), messages.WARNING)
            else:
                self.message_user(request, f"« {draft.title} » est en brouillon.")

    @admin.display(description="situation")
    def status(self, edition: CallEdition) -> str:
        return str(edition.status_on_day)  # type: ignore[attr-defined]
