"""What may be asked of the calls: names of the parameters, and their values."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import django_filters

from directory.doors import DOORS
from directory.explore.filters import LONGEST_TEXT, TerritoryFilter
from directory.models import CallEdition, CallStatus, FundingKind, Funder, Service
from directory.vocabulary import Vocabulary

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

Pairs = Iterable[tuple[str, str]]


def _several(pairs: Pairs, label: str, thing: str) -> django_filters.MultipleChoiceFilter:
    wrong = f"« %(value)s » {thing}. Choisissez dans la liste."
    return django_filters.MultipleChoiceFilter(
        label=label,
        choices=list(pairs),
        error_messages={"invalid_choice": wrong, "invalid_list": "Choisissez dans la liste."},
    )


class CallFilterSet(django_filters.FilterSet):
    """`?q=&territoire=&statut=&annee=&etape=&type=&financeur=&thematique=&profil=&ordre=`.

    Reads and checks; `CallSearch` finds.
    """

    q = django_filters.CharFilter(label="Mots", max_length=LONGEST_TEXT)
    territoire = TerritoryFilter(label="Territoire")

    class Meta:
        model = CallEdition
        fields: list[str] = []

    def __init__(self, data: Any, words: Vocabulary, funders: Iterable[Funder]) -> None:
        super().__init__(data, queryset=CallEdition.objects.public())
        years = [(str(year), str(year)) for year in YEARS]
        unknown = "n’existe pas"
        lists: list[tuple[str, str, Pairs, str]] = [
            ("statut", "Où en est l’appel", [(c.slug, c.label) for c in STATUSES], unknown),
            ("annee", "Année", [*years, (NO_YEAR, "Sans année")], "n’est pas une année"),
            ("etape", "Étape", [(one.slug, one.name) for one in words.stages], unknown),
            ("type", "Type d’appel ou d’aide", FundingKind.choices, unknown),
            ("financeur", "Financeur", [(one.slug, one.name) for one in funders], unknown),
            ("thematique", "Thématique", [(one.slug, one.name) for one in words.themes], unknown),
            ("profil", "D’où partez-vous ?", [(d.slug, d.label) for d in CALL_DOORS], unknown),
        ]
        for name, label, pairs, thing in lists:
            self.filters[name] = _several(pairs, label, thing)
        self.filters["ordre"] = django_filters.ChoiceFilter(
            label="Ordre",
            choices=[(order, order) for order in (URGENT, BY_YEAR, BY_AMOUNT, BY_NAME)],
            error_messages={
                "invalid_choice": "« %(value)s » n’existe pas. Choisissez dans la liste."
            },
        )
