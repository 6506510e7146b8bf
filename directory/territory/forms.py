"""What the addresses of territories may ask, read and checked in one place."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from directory.explore.filters import TerritoryField
from directory.gaps import Counting
from directory.models import Stage
from directory.vocabulary import Vocabulary
from regions.atlas import Atlas
from regions.models import Kind, Territory

FEWEST, MOST = 2, 4


class GapsForm(forms.Form):
    """`?etape=&offres=`: the stage looked at, and which offers count as an answer.

    An unknown value is an error, never ignored.
    """

    etape = forms.CharField(required=False, max_length=60)
    offres = forms.ChoiceField(
        required=False,
        choices=[(counting.value, counting.value) for counting in Counting],
        error_messages={
            "invalid_choice": "« %(value)s » ne dit pas quelles offres compter. "
            f"Valeurs possibles : {', '.join(Counting)}."
        },
    )

    def __init__(self, data: Any, words: Vocabulary) -> None:
        super().__init__(data)
        self.words = words

    def clean_offres(self) -> Counting | None:
        chosen = self.cleaned_data["offres"]
        return Counting(chosen) if chosen else None

    def clean_etape(self) -> Stage | None:
        slug = self.cleaned_data["etape"]
        if not slug:
            return None
        if stage := self.words.stage(slug):
            return stage
        known = ", ".join(stage.slug for stage in self.words.stages)
        raise ValidationError(
            f"Cette étape n’existe pas : « {slug} ». Valeurs possibles : {known}."
        )


class SearchForm(forms.Form):
    """A territory by its name."""

    q = forms.CharField(
        label="Une région, un département, une intercommunalité, un pays ou une commune",
        max_length=100,
        error_messages={
            "required": "Tapez le nom d’un territoire, ou un code postal.",
            "max_length": "C’est trop long pour un nom : %(limit_value)d caractères au plus.",
            "null_characters_not_allowed": "Ce texte contient un caractère qui ne s’écrit pas "
            "dans un nom.",
        },
    )


class ComparisonForm(forms.Form):
    """`?t=region:44&t=region:27`: two to four territories of the same kind."""

    t = forms.CharField(required=False)
    niveau = forms.CharField(required=False, max_length=20)

    def __init__(self, data: Any, places: Atlas) -> None:
        super().__init__(data)
        self.places = places
        self.keys = list(dict.fromkeys(key for key in data.getlist("t") if key))
        self.territories: list[Territory] = []

    def clean(self) -> dict[str, Any]:
        """Sets `territories` to those that exist, whatever else is wrong."""
        field = TerritoryField()
        field.places = self.places
        errors = []
        for key in self.keys[: MOST + 1]:
            try:
                place = field.clean(key)
            except ValidationError as error:
                errors.extend(error.messages)
                continue
            if place.kind == Kind.COUNTRY:
                errors.append("La France entière ne se compare à aucun autre territoire d’ici.")
            elif place not in self.territories:
                self.territories.append(place)
        if errors:
            raise ValidationError(errors)
        self._check_count()
        if len({place.kind for place in self.territories}) > 1:
            names = ", ".join(
                f"{place.label} ({place.get_kind_display()})" for place in self.territories
            )
            raise ValidationError(
                f"Comparez des territoires de même niveau. Vous avez choisi : {names}."
            )
        return self.cleaned_data

    def _check_count(self) -> None:
        if len(self.keys) > MOST:
            raise ValidationError(
                f"Vous avez choisi {len(self.keys)} territoires : {MOST} au plus tiennent côte à "
                "côte. Retirez-en."
            )
        if len(self.territories) < FEWEST:
            raise ValidationError(
                "Choisissez au moins deux territoires différents pour les comparer."
            )
