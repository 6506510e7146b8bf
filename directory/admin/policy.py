"""The policy of the Régions: agreements, methods, projects born, readings, timeline."""

from typing import Any, ClassVar

from django.contrib import admin

from directory.admin.sources import SOURCE_FIELDS, source_link
from directory.models import Agreement, BornProject, MethodStep, Milestone, Resource


@admin.register(Agreement)
class AgreementAdmin(admin.ModelAdmin):
    list_display = ("name", "region", "signed_on", "ends_on", "has_ess_line", source_link)
    list_filter = ("region", "has_ess_line")
    search_fields = ("name", "slug", "territory__name")
    autocomplete_fields = ("region", "territory", "pole")
    list_select_related = ("region",)
    prepopulated_fields: ClassVar[Any] = {"slug": ("name",)}


@admin.register(MethodStep)
class MethodStepAdmin(admin.ModelAdmin):
    list_display = ("operator", "position", "title", source_link)
    search_fields = ("title", "operator__name")
    autocomplete_fields = ("operator",)
    list_select_related = ("operator",)


@admin.register(BornProject)
class BornProjectAdmin(admin.ModelAdmin):
    list_display = ("name", "operator", "commune", "began_on", "financed_by", source_link)
    search_fields = ("name", "slug", "operator__name", "need")
    autocomplete_fields = ("operator", "commune")
    list_select_related = ("operator", "commune")
    prepopulated_fields: ClassVar[Any] = {"slug": ("name",)}


@admin.register(Resource)
class ResourceAdmin(admin.ModelAdmin):
    list_display = ("title", "region", "publisher", "kind", "published_on", "url")
    list_filter = ("region", "kind")
    search_fields = ("title", "slug", "publisher")
    autocomplete_fields = ("region",)
    list_select_related = ("region",)
    prepopulated_fields: ClassVar[Any] = {"slug": ("title",)}


@admin.register(Milestone)
class MilestoneAdmin(admin.ModelAdmin):
    list_display = ("happened_on", "title", "region", "operator", "scheme", source_link)
    list_filter = ("region",)
    search_fields = ("title", "slug", "text")
    autocomplete_fields = ("region", "operator", "scheme")
    list_select_related = ("region", "operator", "scheme")
    fields = (
        "region",
        "happened_on",
        "title",
        "slug",
        "text",
        "operator",
        "scheme",
        *SOURCE_FIELDS,
    )
    prepopulated_fields: ClassVar[Any] = {"slug": ("title",)}
