"""From what an address says to a territory; the reason, in French, when it leads nowhere."""

from django.urls import reverse

from regions.missing import Nowhere
from regions.models import LEADING_KINDS, Kind, Territory

#: Kinds that have a page, the widest first. France as a whole is the way in, `/territoires/`.
PAGE_KINDS = (
    Kind.REGION,
    Kind.COLLECTIVITY,
    Kind.DEPARTEMENT,
    Kind.PAYS,
    Kind.EPCI,
    Kind.EPT,
    Kind.COMMUNE,
)


def territory_url(territory: Territory) -> str:
    """The page of the territory itself; `get_absolute_url` of a commune is its pathway."""
    return reverse("territory", args=[territory.kind, territory.code, territory.slug])


def territory_or_404(kind: str, rest: str) -> Territory:
    """The territory of that kind whose code begins `rest` ("44", "44-grand-est", "BZH-04-…").

    Codes may hold hyphens: the longest code wins. A former commune or an arrondissement leads to
    the current commune. Raises Nowhere with a sentence.
    """
    if kind not in PAGE_KINDS and kind not in LEADING_KINDS:
        known = ", ".join(PAGE_KINDS)
        raise Nowhere(
            f"« {kind[:30]} » n’est pas un niveau de territoire. Niveaux possibles : {known}."
        )
    parts = rest[:200].split("-")
    codes = ["-".join(parts[:count]) for count in range(1, min(len(parts), 4) + 1)]
    is_commune = kind == Kind.COMMUNE or kind in LEADING_KINDS
    kinds: list[str] = [Kind.COMMUNE, *LEADING_KINDS] if is_commune else [kind]
    found = (
        Territory.objects.with_outline_known()
        .filter(kind__in=kinds, code__in=codes)
        .select_related("successor")
    )
    # A current commune before a former one of the same code.
    ranked = sorted(found, key=lambda place: (-len(place.code), place.kind_rank))
    for place in ranked:
        if place.kind == Kind.COMMUNE or place.kind not in LEADING_KINDS:
            return place
        if place.successor:
            return place.successor
    raise Nowhere(
        f"Aucun territoire de niveau « {Kind(kind).label} » ne porte le code « {codes[0][:20]} ». "
        "Cherchez-le par son nom dans la page des territoires."
    )
