"""French words around place names, from the Insee code of the name (TNCC).

Source of the codes: Insee, code officiel géographique, variable TNCC.
"""

from regions.models import Kind, Territory

#: TNCC -> (article that the name does not hold, "de" form)
_OF = {
    0: "de ",
    1: "d’",
    2: "du ",
    3: "de la ",
    4: "des ",
    5: "de l’",
    6: "des ",
    7: "de ",
    8: "de ",
}


def of(territory: Territory) -> str:
    """ "du Doubs", "de l’Ain", "d’Eure-et-Loir": the name after the preposition « de »."""
    return f"{_OF[territory.liaison or 0]}{territory.label}"


def of_region(region: Territory) -> str:
    """ "de la région Bretagne", "de Saint-Barthélemy": a région or an overseas collectivity."""
    return f"de la région {region.label}" if region.kind == Kind.REGION else of(region)


def covers_sentence(territory: Territory) -> str:
    """ "Intervient dans le département du Doubs": coverage of one territory, as a sentence."""
    return f"Intervient {inside(territory)}"


def inside(territory: Territory) -> str:
    """ "dans le département du Doubs", "sur Rennes Métropole": where, after a verb."""
    match territory.kind:
        case Kind.COMMUNE:
            return f"sur la commune {of(territory)}"
        case Kind.DEPARTEMENT:
            return f"dans le département {of(territory)}"
        case Kind.REGION:
            return f"dans la région {territory.label}"
        case Kind.COUNTRY:
            return "dans toute la France"
        case _:
            return f"sur {territory.label}"


def count_of_communes(territory: Territory) -> str:
    """ " (549 communes)" for a territory of several communes; empty otherwise."""
    if territory.commune_count <= 1 or territory.kind == Kind.COUNTRY:
        return ""
    count = f"{territory.commune_count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f" ({count} communes)"


def distance_label(kilometres: float | None, *, same_commune: bool = False) -> str:
    """ "dans la commune", "à 4 km"; empty when the distance is not known."""
    if same_commune:
        return "dans la commune"
    if kilometres is None:
        return ""
    return f"à {max(1, round(kilometres))}\N{NO-BREAK SPACE}km"
