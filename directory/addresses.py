"""Addresses that pages print by the dozen."""

from functools import cache

from django.urls import reverse


@cache
def address_of(name: str) -> str:
    """Address of a view without arguments, resolved once."""
    return reverse(name)
