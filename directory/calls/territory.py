"""Which calls a territory can answer, by the rule of `directory.models.serving`."""

from typing import NamedTuple

from directory.models.facts import french_number
from directory.snapshot import Snapshot
from regions.models import Territory


class Part(NamedTuple):
    """How many communes of the territory may answer."""

    served: int
    total: int

    def reason(self, territory: Territory) -> str:
        """ "Concerne 12 communes sur 43 : Rennes Métropole": part is never shown as whole."""
        if self.total == 1:
            return f"Concerne {territory.label}"
        if self.served == self.total:
            return f"Concerne tout le territoire\N{NO-BREAK SPACE}: {territory.label}"
        communes = "communes" if self.served > 1 else "commune"
        return (
            f"Concerne {french_number(self.served)} {communes} sur {french_number(self.total)}"
            f"\N{NO-BREAK SPACE}: {territory.label}"
        )


def parts(snapshot: Snapshot, territory: Territory) -> dict[int, Part]:
    """Of each public call that serves the territory, the part of it; no query."""
    within = snapshot.calls.within(territory)
    total = len(within.communes)
    return {
        pk: Part(len(reach.communes), total) for pk, reach in snapshot.calls.reach(within).items()
    }
