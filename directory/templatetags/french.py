"""Numbers and names as French typography wants them, for templates."""

from django import template

from directory.models.facts import french_number

register = template.Library()


@register.filter
def nombre(value: int | None) -> str:
    """34969 -> "34 969", with narrow no-break spaces; empty when not known."""
    return "" if value is None else french_number(value)


@register.filter
def apostrophes(text: str) -> str:
    """ "L'Haÿ-les-Roses" -> "L’Haÿ-les-Roses": official files have straight apostrophes."""
    return str(text).replace("'", "’")
