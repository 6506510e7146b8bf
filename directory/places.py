"""From what an address says to a commune and all that encloses it."""

import re
from dataclasses import dataclass

from django.db import connection

from directory.documentation import Documentation
from directory.models import Revision, Stamp
from regions.atlas import Atlas, atlas
from regions.missing import Nowhere
from regions.models import LEADING_KINDS, Kind, Territory


def geography(stamp: Stamp | None = None) -> Atlas:
    """The territories in memory, as of that stamp (by default the current one)."""
    state = (stamp or Revision.current()).geography
    return atlas((connection.settings_dict["NAME"], state))


_INSEE = re.compile(r"^(\d{2}|2[AB])\d{3}$")


@dataclass(frozen=True)
class Place:
    """A commune and the territories that enclose it on a day, itself first, narrowest to widest."""

    commune: Territory
    territories: list[Territory]
    documentation: Documentation

    def of_kind(self, *kinds: str) -> Territory | None:
        """The narrowest enclosing territory of one of these kinds."""
        return next((place for place in self.territories if place.kind in kinds), None)


def commune_or_404(places: Atlas, insee: str) -> int:
    """The current commune of that Insee code, of that former commune or arrondissement.

    Raises Nowhere, a 404, with a sentence that says what was wrong.
    """
    if not _INSEE.match(insee):
        raise Nowhere(
            f"« {insee[:20]} » n’est pas un code de commune : il en faut un de cinq caractères, "
            "comme 25388 pour Montbéliard."
        )
    if found := places.find(Kind.COMMUNE, insee):
        return found
    leading = Territory.objects.filter(
        code=insee, kind__in=LEADING_KINDS, successor__isnull=False
    ).first()
    if leading and leading.successor_id and leading.successor_id in places.communes:
        return leading.successor_id
    raise Nowhere(f"Aucune commune de France ne porte le code {insee}.")
