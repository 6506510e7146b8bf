"""What may be asked of the operators: each filter is one line onto a queryset method."""

import datetime
import re
from collections.abc import Iterable
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from directory.doors import DOORS
from directory.models import Operator
from directory.snapshot import Snapshot
from regions.atlas import Atlas
from regions.models import Kind, Territory

LONGEST_TEXT = 200
_TERRITORY = re.compile(r"([a-z]{3,16}):([0-9A-Za-z-]{1,20}|france)")

WHOLE, PART = "tout", "partie"
RELEVANCE, NEAREST, BY_NAME = "pertinence", "proximite", "nom"


class TerritoryField(forms.CharField):
    """`kind:code` -> a `Territory`; a former commune gives the current one."""

    places: Atlas
    default_error_messages = {
        "form": "« %(value)s » n’est pas un territoire. Écrivez par exemple region:53 "
        "ou commune:35238.",
        "unknown": "Aucun territoire ne porte le code %(value)s.",
    }

    def to_python(self, value: Any) -> Territory | None:  # type: ignore[override]
        text = super().to_python(value)
        if not text:
            return None
        found = _TERRITORY.fullmatch(text)
        if not found or found[1] not in Kind.values:
            raise ValidationError(self.error_messages["form"], "form", {"value": text[:60]})
        key = self.places.find(found[1], found[2])
        if key is None:
            former = Territory.objects.filter(
                kind=found[1], code=found[2], successor__isnull=False
            ).first()
            key = former.successor_id if former else None
        if key is None:
            raise ValidationError(self.error_messages["unknown"], "unknown", {"value": text[:60]})
        return self.places.territory(key)


class TerritoryFilter(django_filters.Filter):
    """The field finds territories in the `places` it is given."""

    field_class = TerritoryField

    def __init__(self, places: Atlas, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.places = places

    @property
    def field(self) -> TerritoryField:
        field: TerritoryField = super().field
        field.places = self.places
        return field


class BoundsField(forms.CharField):
    """`south,west,north,east` in degrees -> four floats."""

    default_error_messages = {
        "form": "La zone de la carte s’écrit sud,ouest,nord,est en degrés, par exemple 47,5,48,7.",
    }

    def to_python(  # type: ignore[override]
        self, value: Any
    ) -> tuple[float, float, float, float] | None:
        text = super().to_python(value)
        if not text:
            return None
        try:
            south, west, north, east = (float(part) for part in text.split(","))
        except ValueError as error:
            raise ValidationError(self.error_messages["form"], "form") from error
        if not (-90 <= south <= north <= 90 and -180 <= west <= east <= 180):
            raise ValidationError(self.error_messages["form"], "form")
        return south, west, north, east


class BoundsFilter(django_filters.Filter):
    field_class = BoundsField


def several(
    pairs: Iterable[tuple[str, str]], label: str, wrong: str = "n’existe pas"
) -> django_filters.MultipleChoiceFilter:
    """A filter of several values, among these (value, label)."""
    return django_filters.MultipleChoiceFilter(
        label=label,
        choices=list(pairs),
        error_messages={
            "invalid_choice": f"« %(value)s » {wrong}. Choisissez dans la liste.",
            "invalid_list": "Choisissez dans la liste.",
        },
    )


def _several(choices: Iterable[Any], label: str) -> django_filters.MultipleChoiceFilter:
    pairs = [(choice.slug, getattr(choice, "name", None) or choice.label) for choice in choices]
    return several(pairs, label)


def one_of(choices: list[tuple[str, str]], label: str) -> django_filters.ChoiceFilter:
    """A filter of one value, among these (value, label)."""
    return django_filters.ChoiceFilter(
        label=label,
        choices=choices,
        error_messages={"invalid_choice": "« %(value)s » n’existe pas. Choisissez dans la liste."},
    )


class OperatorFilterSet(django_filters.FilterSet):
    """`?q=&territoire=&etape=&type=&thematique=&profil=&reseau=&portee=&verifie=&zone=&ordre=`.

    Declares what is read and checked; `Exploration` puts the sets together, because stage, theme,
    profile and territory must hold for one and the same offer.
    """

    q = django_filters.CharFilter(label="Mots", max_length=LONGEST_TEXT)
    verifie = django_filters.BooleanFilter(
        label="Vérifié depuis moins d’un an", widget=forms.CheckboxInput
    )
    zone = BoundsFilter(label="Zone de la carte")

    class Meta:
        model = Operator
        fields: list[str] = []

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(None, queryset=Operator.objects.none())
        words = snapshot.words
        self.filters["territoire"] = TerritoryFilter(snapshot.places, label="Territoire")
        self.filters["etape"] = _several(words.stages, "Étape")
        self.filters["type"] = _several(words.kinds, "Type de structure")
        self.filters["thematique"] = _several(words.themes, "Thématique")
        self.filters["profil"] = _several(DOORS, "Votre situation")
        self.filters["reseau"] = _several(words.networks, "Réseau")
        self.filters["portee"] = one_of(
            [(WHOLE, "Sur tout le territoire"), (PART, "Sur une partie du territoire")], "Portée"
        )
        self.filters["ordre"] = one_of(
            [
                (RELEVANCE, "Les plus pertinents"),
                (NEAREST, "Les plus proches du terrain"),
                (BY_NAME, "Par nom"),
            ],
            "Ordre",
        )


class SharedFields(dict[str, forms.Field]):
    """Fields that all forms of a class share: nothing of ours changes a field of one form.

    Django copies them for each form, choices included, which costs more than reading the search.
    """

    def __deepcopy__(self, memo: object) -> dict[str, forms.Field]:
        return dict(self)


def form_class_of(filters: django_filters.FilterSet) -> type[forms.Form]:
    """The class of the forms that read these filters, made once and kept."""
    form_class: type[forms.Form] = filters.get_form_class()
    form_class.base_fields = SharedFields(form_class.base_fields)
    return form_class


def read(form_class: type[forms.Form], data: QueryDict) -> forms.Form:
    """The form of a search. What the address does not say is empty, and not worth checking."""
    form = form_class(data)
    every = form.fields
    form.fields = {name: field for name, field in every.items() if name in data}
    form.full_clean()
    form.fields = every
    return form


#: A sheet checked less than this long ago counts as verified.
VERIFIED_WITHIN = datetime.timedelta(days=365)
