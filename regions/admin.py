"""The geography, to read: it is loaded by `load_territories`, not typed."""

from typing import Any

from django.contrib import admin
from django.contrib.postgres.lookups import Unaccent
from django.db.models import Case, IntegerField, Q, QuerySet, When
from django.db.models.functions import Lower
from django.http import HttpRequest

from regions.models import Kind, PlaceName, Territory, Vintage
from regions.names import search_key


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
    search_fields = ["name"]
    search_help_text = "Nom, code, code postal, ou les deux ensemble : « departement:25 »."
    ordering = ["kind_rank", "name", "code"]
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """As on the site: accents, hyphens and former names forgiven; the whole name or code first.

        A bare code is asked of every level: "44" gives the département and the région.
        """
        kind, _, code = search_term.strip().rpartition(":")
        key = search_key(search_term)
        if kind:
            return queryset.filter(kind=kind, code__iexact=code), False
        if not key:
            return queryset, False
        named = PlaceName.objects.filter(key__startswith=key).values("commune")
        whole = PlaceName.objects.filter(key=key, kind=Kind.COMMUNE).values("commune")
        found = queryset.annotate(plain=Lower(Unaccent("name"))).filter(
            Q(code__iexact=code)
            | Q(postcodes__contains=[code])
            | Q(kind=Kind.COMMUNE, pk__in=named)
            | (~Q(kind=Kind.COMMUNE) & Q(plain__contains=search_term.strip().lower()))
            | (~Q(kind=Kind.COMMUNE) & Q(plain__contains=key))
        )
        is_whole = Q(code__iexact=code) | Q(plain=key) | Q(pk__in=whole)
        return found.annotate(
            nearness=Case(When(is_whole, then=0), default=1, output_field=IntegerField())
        ).order_by("nearness", "-kind_rank", "-population", "code"), False


@admin.register(Vintage)
class VintageAdmin(ReadOnlyAdmin):
    list_display = ["name", "in_force_from", "loaded_at"]
