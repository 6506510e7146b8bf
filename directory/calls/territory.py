"""Which calls a territory can answer, by the rule of `directory.models.serving`."""

import datetime
from typing import NamedTuple

from directory.models import CallEdition
from directory.models.facts import french_number
from regions.models import Territory


class Part(NamedTuple):
    """How many communes of the territory may answer."""

    served: int
    total: int

    def reason(self, territory: Territory) -> str:
        """ "Ouvert à 12 communes sur 43 : Rennes Métropole": part is never shown as whole."""
        if self.total == 1:
            return f"Concerne {territory.label}"
        if self.served == self.total:
            return f"Concerne tout le territoire\N{NO-BREAK SPACE}: {territory.label}"
        communes = "communes" if self.served > 1 else "commune"
        return (
            f"Concerne {french_number(self.served)} {communes} sur {french_number(self.total)}"
            f"\N{NO-BREAK SPACE}: {territory.label}"
        )


def parts(territory: Territory, on: datetime.date) -> dict[int, Part]:
    """Of each public call that serves the territory, the part of it; one query."""
    rows = CallEdition.objects.public().serving(territory, on)
    return {
        pk: Part(served, total)
        for pk, served, total in rows.values_list("pk", "served_communes", "total_communes")
    }
