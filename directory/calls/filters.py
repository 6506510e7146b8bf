"""What may be asked of the calls: names of the parameters, and their values."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import django_filters

from directory.doors import DOORS
from directory.explore.filters import LONGEST_TEXT, TerritoryFilter, one_of, several
from directory.models import CallEdition, CallStatus, Funder, FundingKind, Service
from directory.vocabulary import Vocabulary
from regions.atlas import Atlas

URGENT, BY_YEAR, BY_AMOUNT, BY_NAME = "urgence", "annee", "montant", "nom"

#: The value of `annee` for what has no year.
NO_YEAR: Final = "sans"
#: Years that may be asked for, known in the base or not: a calendar may wait for the next one.
YEARS: Final = range(1990, 2101)

#: What brings someone to a call; looking for money is what every call answers.
CALL_DOORS: Final = tuple(door for door in DOORS if door.value != Service.FUNDING)


@dataclass(frozen=True)
class StatusChoice:
    """What may be asked of the status. What closes soon is open; what has laureates is closed."""

    slug: str
    label: str
    #: After a plural and after a singular: "12 appels et aides à venir".
    many: str
    one: str
    statuses: tuple[CallStatus, ...]


STATUSES: Final = (
    StatusChoice(
        *("ferme-bientot", "Ferme bientôt", "qui ferment bientôt", "qui ferme bientôt"),
        (CallStatus.CLOSING,),
    ),
    StatusChoice("ouvert", "Ouvert", "ouverts", "ouvert", (CallStatus.CLOSING, CallStatus.OPEN)),
    StatusChoice("a-venir", "À venir", "à venir", "à venir", (CallStatus.COMING,)),
    StatusChoice("permanent", "Permanent", "permanents", "permanent", (CallStatus.STANDING,)),
    StatusChoice(
        *("inconnu", "Dates inconnues", "aux dates inconnues", "aux dates inconnues"),
        (CallStatus.UNKNOWN,),
    ),
    StatusChoice("clos", "Clos", "clos", "clos", (CallStatus.CLOSED, CallStatus.AWARDED)),
    StatusChoice(
        *("laureats", "Clos, lauréats connus", "aux lauréats connus", "aux lauréats connus"),
        (CallStatus.AWARDED,),
    ),
)

ORDERS: Final = {
    URGENT: "Les plus urgents",
    BY_YEAR: "Les plus récents",
    BY_AMOUNT: "Les mieux dotés",
    BY_NAME: "Par nom",
}


class CallFilterSet(django_filters.FilterSet):
    """`?q=&territoire=&statut=&annee=&etape=&type=&financeur=&thematique=&profil=&ordre=`.

    Declares what is read and checked; `CallSearch` finds.
    """

    q = django_filters.CharFilter(label="Mots", max_length=LONGEST_TEXT)

    class Meta:
        model = CallEdition
        fields: list[str] = []

    def __init__(self, places: Atlas, words: Vocabulary, funders: Iterable[Funder]) -> None:
        super().__init__(None, queryset=CallEdition.objects.none())
        years = [*((str(year), str(year)) for year in YEARS), (NO_YEAR, "Sans année")]
        kinds = FundingKind.choices
        self.filters["territoire"] = TerritoryFilter(places, label="Territoire")
        self.filters["statut"] = several([(c.slug, c.label) for c in STATUSES], "Où en est l’appel")
        self.filters["annee"] = several(years, "Année", "n’est pas une année")
        self.filters["etape"] = several([(one.slug, one.name) for one in words.stages], "Étape")
        self.filters["type"] = several(kinds, "Type d’appel ou d’aide")
        self.filters["financeur"] = several([(one.slug, one.name) for one in funders], "Financeur")
        self.filters["thematique"] = several(
            [(one.slug, one.name) for one in words.themes], "Thématique"
        )
        self.filters["profil"] = several(
            [(door.slug, door.label) for door in CALL_DOORS], "D’où partez-vous ?"
        )
        self.filters["ordre"] = one_of(list(ORDERS.items()), "Ordre")
