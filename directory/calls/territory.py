"""Which calls a territory can answer, by the rule of `directory.models.serving`, and why."""

from directory.models.facts import french_number
from directory.models.serving import Communes
from directory.snapshot import Snapshot
from regions.models import Kind, Territory
from regions.wording import inside

#: The reason of each public call that serves a territory, by primary key.
Reasons = dict[int, str]


def reasons(snapshot: Snapshot, territory: Territory) -> Reasons:
    """For a commune, the narrowest territory that includes it; else how much of it may answer.

    No query.
    """
    if territory.kind == Kind.COMMUNE:
        return _of_commune(snapshot, territory)
    within = snapshot.calls.within(territory)
    return {
        pk: _part(reach.communes, within.communes, territory)
        for pk, reach in snapshot.calls.reach(within).items()
    }


def _of_commune(snapshot: Snapshot, commune: Territory) -> Reasons:
    enclosing = snapshot.places.enclosing(commune.pk, snapshot.on)
    found = snapshot.calls.serving(enclosing)
    sentences = {
        rank: f"Valable {inside(snapshot.places.territory(enclosing[rank]))}"
        for rank in set(found.values())
    }
    return {pk: sentences[rank] for pk, rank in found.items()}


def _part(served: Communes, communes: Communes, territory: Territory) -> str:
    """ "Valable pour 12 communes sur 43 : Rennes Métropole": part is never shown as whole."""
    if served == communes:
        return f"Valable sur tout le territoire\N{NO-BREAK SPACE}: {territory.label}"
    plural = "s" if len(served) > 1 else ""
    return (
        f"Valable pour {french_number(len(served))} commune{plural} sur "
        f"{french_number(len(communes))}\N{NO-BREAK SPACE}: {territory.label}"
    )
