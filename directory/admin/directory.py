"""The whole directory, for platform administrators: search, filters, autocompletion, sources."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from directory.admin.sources import DATE_FIELDS, SOURCE_FIELDS, source_link
from directory.models import (
    Alias,
    Audience,
    Coverage,
    Host,
    Indicator,
    Membership,
    Need,
    Network,
    Offer,
    Operator,
    OperatorKind,
    Reference,
    RegionFile,
    Relay,
    Stage,
    Synonym,
    Theme,
)


class TermAdmin(admin.ModelAdmin):
    search_fields = ("name", "slug")
    list_display: Any = ("name", "slug", "description")
    prepopulated_fields: ClassVar[Any] = {"slug": ("name",)}


@admin.register(Stage)
class StageAdmin(TermAdmin):
    list_display = ("position", "name", "question")
    list_display_links = ("name",)
    ordering = ("position",)


@admin.register(OperatorKind)
class OperatorKindAdmin(TermAdmin):
    list_display = ("name", "letter", "expansion", "is_desk")


@admin.register(Theme, Network)
class PlainTermAdmin(TermAdmin):
    pass


@admin.register(Audience)
class AudienceAdmin(TermAdmin):
    list_display = ("name", "slug", "position")
    ordering = ("position", "name")


class OfferInline(admin.StackedInline):
    model = Offer
    extra = 0
    filter_horizontal = ("audiences", "themes")
    show_change_link = True
    classes = ("collapse",)


class OperatorCoverageInline(admin.TabularInline):
    model = Coverage
    fk_name = "operator"
    extra = 0
    autocomplete_fields = ("territory",)
    fields = ("territory", "excluded", *DATE_FIELDS, *SOURCE_FIELDS)


class OfferCoverageInline(OperatorCoverageInline):
    fk_name = "offer"
    verbose_name_plural = "zones propres à cette offre (sinon, celles de l’opérateur)"


class HostInline(admin.TabularInline):
    model = Host
    fk_name = "operator"
    extra = 0
    autocomplete_fields = ("structure",)
    fields = ("name", "structure", *DATE_FIELDS, *SOURCE_FIELDS)


class MembershipInline(admin.TabularInline):
    model = Membership
    fk_name = "collective"
    extra = 0
    autocomplete_fields = ("member",)
    fields = ("name", "member", "role", *DATE_FIELDS, *SOURCE_FIELDS)


class AliasInline(admin.TabularInline):
    model = Alias
    extra = 0
    fields = ("name", *DATE_FIELDS, *SOURCE_FIELDS)


class ReferenceInline(admin.TabularInline):
    model = Reference
    extra = 0


@admin.register(Operator)
class OperatorAdmin(admin.ModelAdmin):
    list_display = ("name", "kind", "region", "state", "publication", "verified_on", source_link)
    list_filter = ("publication", "state", "is_example", "kind", "networks", "region")
    search_fields = ("name", "slug", "aliases__name", "hosts__name")
    search_help_text = "Nom, ancien nom ou structure porteuse."
    list_select_related = ("kind", "region")
    autocomplete_fields = ("commune", "region", "kind")
    filter_horizontal = ("networks",)
    prepopulated_fields: ClassVar[Any] = {"slug": ("name",)}
    date_hierarchy = "verified_on"
    view_on_site = True
    inlines = (
        OfferInline,
        OperatorCoverageInline,
        HostInline,
        MembershipInline,
        AliasInline,
        ReferenceInline,
    )
    fieldsets = (
        (None, {"fields": ("name", "slug", "kind", "region", "networks", "description")}),
        (
            "Situation",
            {"fields": ("state", "opened_on", "closed_on", "publication", "is_example")},
        ),
        (
            "Joindre",
            {"fields": ("address", "postcode", "commune", "phone", "email", "website")},
        ),
        (
            "Position, si elle est plus précise que la commune",
            {"fields": ("latitude", "longitude")},
        ),
        ("Provenance", {"fields": ("verified_on", *SOURCE_FIELDS, "note")}),
    )


@admin.register(Offer)
class OfferAdmin(admin.ModelAdmin):
    list_display = ("operator", "stage", "title", "summary")
    list_filter = ("stage", "operator__kind", "themes", "audiences")
    search_fields = ("operator__name", "title", "summary")
    list_select_related = ("operator", "stage")
    autocomplete_fields = ("operator",)
    filter_horizontal = ("audiences", "themes")
    inlines = (OfferCoverageInline,)


@admin.register(Coverage)
class CoverageAdmin(admin.ModelAdmin):
    list_display = ("subject", "territory", "excluded", *DATE_FIELDS, source_link)
    list_filter = ("excluded", "territory__kind")
    search_fields = ("operator__name", "offer__operator__name", "territory__name")
    autocomplete_fields = ("operator", "offer", "scheme", "edition", "territory")
    list_select_related = (
        "operator",
        "offer__operator",
        "offer__stage",
        "scheme",
        "edition",
        "territory",
    )

    @admin.display(description="porte sur")
    def subject(self, row: Coverage) -> str:
        return str(row.operator or row.offer or row.scheme or row.edition)


@admin.register(Relay)
class RelayAdmin(admin.ModelAdmin):
    list_display = ("from_name", "from_stage", "to_name", "to_stage", "condition", source_link)
    list_filter = ("from_stage", "to_stage", "is_internal")
    search_fields = (
        "from_operator__name",
        "to_operator__name",
        "from_label",
        "to_label",
        "condition",
    )
    autocomplete_fields = (
        "from_operator",
        "from_kind",
        "from_network",
        "to_operator",
        "to_kind",
        "to_network",
        "territory",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Relay]:
        return Relay.objects.with_ends()


@admin.register(Indicator)
class IndicatorAdmin(admin.ModelAdmin):
    list_display = ("label", "value_label", "as_of", "territory", "operator", source_link)
    list_filter = ("slug", "territory")
    search_fields = ("label", "slug", "source")
    autocomplete_fields = ("territory", "operator")
    list_select_related = ("territory", "operator")

    @admin.display(description="valeur", ordering="value")
    def value_label(self, row: Indicator) -> str:
        return row.value_label


@admin.register(Synonym)
class SynonymAdmin(admin.ModelAdmin):
    """Words that mean the same to whoever searches; a change is felt on the next search."""

    list_display = ("term", "equivalents")
    search_fields = ("term", "equivalents")


@admin.register(RegionFile)
class RegionFileAdmin(admin.ModelAdmin):
    list_display = ("region", "documented_since", "fallback", "note")
    search_fields = ("region__name",)
    autocomplete_fields = ("region", "fallback")
    list_select_related = ("region", "fallback")


@admin.register(Need)
class NeedAdmin(admin.ModelAdmin):
    """Visitors' reports: read, then marked as handled; the text is theirs, so it is not edited."""

    list_display = ("commune", "stage", "reported_at", "handled_on")
    list_filter = ("stage", ("handled_on", admin.EmptyFieldListFilter))
    search_fields = ("commune__name", "message")
    date_hierarchy = "reported_at"
    fields = ("commune", "stage", "message", "email", "reported_at", "handled_on")
    readonly_fields = ("commune", "stage", "message", "email", "reported_at")
    list_select_related = ("commune", "stage")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
