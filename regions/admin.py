"""The geography, to read: it is loaded by `load_territories`, not typed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from regions.models import Territory, Vintage


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that come from official files: no adding, changing or deleting by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Territory)
class TerritoryAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "code", "population", "commune_count"]
    list_filter = ["kind"]
    search_fields = ["name", "code", "postcodes"]
    ordering = ["kind_rank", "name", "code"]
    show_full_result_count = False


@admin.register(Vintage)
class VintageAdmin(ReadOnlyAdmin):
    list_display = ["name", "in_force_from", "loaded_at"]
