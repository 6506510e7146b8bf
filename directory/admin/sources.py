"""How the administration shows where a fact comes from."""

from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html

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
