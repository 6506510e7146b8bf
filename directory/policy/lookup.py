"""From an address to a Région, and back."""

from functools import cache

from django.urls import reverse

from directory.documentation import REGIONAL_KINDS
from regions.atlas import Atlas
from regions.missing import Nowhere
from regions.models import Territory


def region_url(region: Territory) -> str:
    """`/regions/<code>-<slug>/`; the page of its territory is `territory_url`."""
    return _address(region.code, region.slug)


@cache
def _address(code: str, slug: str) -> str:
    return reverse("region", args=[code, slug])


def region_or_404(places: Atlas, code: str) -> Territory:
    """The Région or overseas collectivity of that official code. Raises Nowhere with a sentence."""
    keys = (places.find(kind, code) for kind in REGIONAL_KINDS)
    found = next((places.territory(key) for key in keys if key is not None), None)
    if found is None:
        raise Nowhere(
            f"Aucune région ne porte le code « {code[:20]} ». Choisissez-la dans la liste des "
            "régions."
        )
    return found
