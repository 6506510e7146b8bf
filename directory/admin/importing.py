"""Who keeps the calls of a Région; the imports so far, made at /agents/imports/."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from directory.models import CallImport, Officer


@admin.register(Officer)
class OfficerAdmin(admin.ModelAdmin):
    list_display = ("user", "region")
    list_filter = ("region",)
    search_fields = ("user__username", "user__first_name", "user__last_name", "region__name")
    autocomplete_fields = ("user", "region")
    list_select_related = ("user", "region")


@admin.register(CallImport)
class CallImportAdmin(admin.ModelAdmin):
    """To read: an import is made, undone and purged by its own pages."""

    list_display = ("__str__", "state", "user_name", "region", "created_at", "page")
    list_filter = ("state", "region")
    search_fields = ("file_name", "user_name")
    list_select_related = ("region",)
    date_hierarchy = "created_at"
    fields = (
        *("page", "file_name", "state", "message", "user_name", "region", "created_at"),
        *("created", "changed", "left", "wrong", "kept", "good_rows_only", "overwrote"),
        *("loaded_at", "loaded_by", "undone_at", "undone_by"),
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallImport]:
        return CallImport.objects.light()

    @admin.display(description="page")
    def page(self, call_import: CallImport) -> str:
        return format_html(
            '<a href="{}">Ouvrir l’import</a>', reverse("call_import", args=[call_import.pk])
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: CallImport | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: CallImport | None = None) -> bool:
        return False
