"""What visitors type, read and checked in one place."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.http import urlencode

from directory.doors import DOORS, Door, door_of
from directory.models import Need, Stage, Theme
from directory.pathway.shape import ALL_CALLS
from directory.vocabulary import Vocabulary
from regions.models import Kind, Territory

#: Longer than any place name of France (45 characters) with its postcode.
LONGEST_SEARCH = 100


class CommuneSearchForm(forms.Form):
    """A commune by name or postcode; the door chosen at home travels along."""

    q = forms.CharField(
        label="Votre commune ou votre code postal",
        max_length=LONGEST_SEARCH,
        error_messages={
            "required": "Tapez le nom de votre commune ou son code postal.",
            "max_length": "C’est trop long pour un nom de commune : "
            "%(limit_value)d caractères au plus.",
            "null_characters_not_allowed": "Ce texte contient un caractère qui ne s’écrit pas "
            "dans un nom de commune.",
        },
    )
    profil = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    thematique = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)

    @property
    def narrowing(self) -> str:
        """The query string that keeps the door and the theme on the way; empty without them."""
        kept = {name: self[name].value() for name in ("profil", "thematique")}
        query = urlencode({name: value for name, value in kept.items() if value})
        return f"?{query}" if query else ""


class NarrowForm(forms.Form):
    """`?profil=&thematique=&tous=` of a pathway. An unknown value is an error, never ignored."""

    profil = forms.CharField(required=False, max_length=60)
    thematique = forms.CharField(required=False, max_length=60)
    tous = forms.CharField(required=False, max_length=60)

    def __init__(self, data: Any, words: Vocabulary) -> None:
        super().__init__(data)
        self.words = words

    def clean_profil(self) -> Door | None:
        return self._known("profil", door_of, "Ce profil", DOORS)

    def clean_thematique(self) -> Theme | None:
        return self._known("thematique", self.words.theme, "Cette thématique", self.words.themes)

    def clean_tous(self) -> str:
        """What to list in full: the slug of a stage, or `ALL_CALLS`."""
        slug: str = self.cleaned_data["tous"]
        if slug != ALL_CALLS:
            self._known("tous", self.words.stage, "Cette étape", self.words.stages)
        return slug

    def _known(self, name: str, find: Any, what: str, choices: Any) -> Any:
        slug = self.cleaned_data[name]
        if not slug:
            return None
        found = find(slug)
        if found is None:
            known = ", ".join(choice.slug for choice in choices)
            raise ValidationError(f"{what} n’existe pas : « {slug} ». Valeurs possibles : {known}.")
        return found


class PositionForm(forms.Form):
    """Where the visitor is, in degrees; read once, never kept."""

    latitude = forms.FloatField(min_value=-90, max_value=90)
    longitude = forms.FloatField(min_value=-180, max_value=180)


class NamesForm(forms.Form):
    """`?o=12,35`: some operators by primary key."""

    MOST = 200

    o = forms.RegexField(
        rf"^\d{{1,9}}(,\d{{1,9}}){{0,{MOST - 1}}}$",
        error_messages={"invalid": f"Des numéros séparés par des virgules, {MOST} au plus."},
    )

    def clean_o(self) -> list[int]:
        return [int(number) for number in self.cleaned_data["o"].split(",")]


class NeedForm(forms.ModelForm[Need]):
    """Report a need nobody answers."""

    #: A field people do not see; programs that fill everything in give themselves away.
    website = forms.CharField(required=False, label="Ne remplissez pas ce champ")

    commune = forms.ModelChoiceField(
        Territory.objects.filter(kind=Kind.COMMUNE),
        to_field_name="code",
        widget=forms.HiddenInput,
        error_messages={
            "required": "Choisissez d’abord votre commune.",
            "invalid_choice": "Cette commune n’existe pas. Revenez à la recherche pour la choisir.",
        },
    )
    stage = forms.ModelChoiceField(
        Stage.objects.all(),
        label="À quelle étape en est le projet ?",
        to_field_name="slug",
        required=False,
        empty_label="Je ne sais pas",
        error_messages={"invalid_choice": "Cette étape n’existe pas. Choisissez-la dans la liste."},
    )

    class Meta:
        model = Need
        fields = ["commune", "stage", "message", "email"]
        labels = {
            "message": "De quoi avez-vous besoin ?",
            "email": "Votre courriel",
        }
        help_texts = {
            "message": "Quelques lignes suffisent. N’indiquez ni nom ni information personnelle.",
            "email": "Seulement si vous souhaitez une réponse. Il est effacé au bout d’un an.",
        }
        widgets = {"message": forms.Textarea(attrs={"rows": 5})}
        error_messages = {
            "message": {
                "required": "Dites en quelques mots ce qui vous manque.",
                "max_length": "C’est un peu long : %(limit_value)d signes au plus "
                "(vous en avez %(show_value)d).",
            },
            "email": {"invalid": "Ce courriel n’est pas complet. Exemple : nom@exemple.fr"},
        }

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError("Laissez ce champ vide, puis envoyez de nouveau.")
        return ""


def first_errors(form: forms.BaseForm) -> dict[str, Any]:
    """Field name -> its first message, for pages and JSON answers that show one line each."""
    return {name: errors[0] for name, errors in form.errors.items()}
