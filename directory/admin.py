"""The whole directory, for platform administrators: search, filters, autocompletion, sources."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from directory.models import (
    Alias,
    Audience,
    CallEdition,
    Coverage,
    FundingScheme,
    Host,
    Indicator,
    Laureate,
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
from directory.provenance import make_source

SOURCE_FIELDS = ("source", "source_date", "caveat")
DATE_FIELDS = ("valid_from", "valid_until")


@admin.display(description="source")
def source_link(fact: Any) -> str:
    """The source as a link to open, with its date."""
    source = make_source(fact.source, fact.source_date, timezone.localdate())
    if source.url:
        return format_html(
            '<a href="{}" rel="noreferrer">{}</a> {}', source.url, source.label, source.date_label
        )
    return f"{source.label} {source.date_label}".strip()


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


class SchemeCoverageInline(OperatorCoverageInline):
    fk_name = "scheme"


class EditionCoverageInline(OperatorCoverageInline):
    fk_name = "edition"
    verbose_name_plural = "zones propres à cette édition (sinon, celles du dispositif)"


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


class CallEditionInline(admin.TabularInline):
    model = CallEdition
    extra = 0
    fields = ("title", "key", "year", "opens_on", "closes_on", "envelope", "source", "source_date")
    show_change_link = True


@admin.register(FundingScheme)
class FundingSchemeAdmin(admin.ModelAdmin):
    list_display = ("name", "kind", "funder", "publication", source_link)
    list_filter = ("kind", "publication", "is_example")
    search_fields = ("name", "slug", "funder")
    prepopulated_fields: ClassVar[Any] = {"slug": ("name",)}
    inlines = (CallEditionInline, SchemeCoverageInline)


class LaureateInline(admin.TabularInline):
    model = Laureate
    extra = 0
    autocomplete_fields = ("commune",)


@admin.register(CallEdition)
class CallEditionAdmin(admin.ModelAdmin):
    list_display = ("title", "year", "funder", "opens_on", "closes_on", "envelope", source_link)
    list_filter = ("year", "scheme__kind", "stages")
    search_fields = ("title", "key", "funder", "scheme__name")
    autocomplete_fields = ("scheme",)
    filter_horizontal = ("stages", "themes", "audiences")
    inlines = (EditionCoverageInline, LaureateInline)


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
