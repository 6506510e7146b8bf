"""From what an address says to a commune and all that encloses it."""

import datetime
import re
from dataclasses import dataclass
from functools import cached_property

from django.db import connection

from directory.documentation import Documentation, documentation_of, with_documentation
from directory.models import Revision, Stamp
from regions.atlas import Atlas, atlas
from regions.missing import Nowhere
from regions.models import LEADING_KINDS, Kind, Territory


def geography(stamp: Stamp | None = None) -> Atlas:
    """The territories in memory, as of that stamp (by default the current one)."""
    state = (stamp or Revision.current()).geography
    return atlas((connection.settings_dict["NAME"], state))


_INSEE = re.compile(r"^(\d{2}|2[AB])\d{3}$")


@dataclass
class Place:
    """A commune and the territories that enclose it on a day, itself first, narrowest to widest."""

    commune: Territory
    territories: list[Territory]

    def of_kind(self, *kinds: str) -> Territory | None:
        """The narrowest enclosing territory of one of these kinds."""
        return next((place for place in self.territories if place.kind in kinds), None)

    @cached_property
    def documentation(self) -> Documentation:
        return documentation_of(self.territories)


def place_of(code: str, on: datetime.date) -> Place | None:
    """The current commune of that code with what encloses it, in one query; None if unknown."""
    territories = list(with_documentation(Territory.objects.enclosing_code(code, on)))
    commune = next((place for place in territories if place.kind == Kind.COMMUNE), None)
    return Place(commune, territories) if commune else None


def place_or_404(insee: str, on: datetime.date) -> Place:
    """The place of that Insee code; a former commune or an arrondissement leads to the current one.

    Raises Nowhere, a 404, with a sentence that says what was wrong.
    """
    if not _INSEE.match(insee):
        raise Nowhere(
            f"« {insee[:20]} » n’est pas un code de commune : il en faut un de cinq caractères, "
            "comme 25388 pour Montbéliard."
        )
    if found := place_of(insee, on):
        return found
    leading = (
        Territory.objects.filter(code=insee, kind__in=LEADING_KINDS, successor__isnull=False)
        .select_related("successor")
        .first()
    )
    if leading and leading.successor and (found := place_of(leading.successor.code, on)):
        return found
    raise Nowhere(f"Aucune commune de France ne porte le code {insee}.")
