"""Links that stay on the day that the page shows."""

from django import template

from directory.days import Day

register = template.Library()


@register.filter
def a_la_date(address: str, day: Day | str | None) -> str:
    """The address, on the day of the page: "/regions/53-bretagne/?au=2017-12-19"."""
    return day.url(address) if isinstance(day, Day) else address
