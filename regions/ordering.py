"""Alphabetical order as French readers expect it, whatever the database's own collation."""

from typing import Any

from django.contrib.postgres.lookups import Unaccent
from django.db.models.functions import Lower


def alphabetical(path: str) -> Any:
    """Order by the field of that path, accents and case apart: "Évident!" stands among the E."""
    return Lower(Unaccent(path)).asc()
