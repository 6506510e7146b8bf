"""What people send and choose on the pages of imports."""

import re
from typing import Any, Final

from django import forms

from directory.importing.columns import BY_NAME
from directory.importing.files import MOST_BYTES, TOO_BIG
from directory.importing.imports import LONGEST_CORRECTION
from directory.models import RowAction

_CELL: Final = re.compile(r"cellule-(\d{1,7})-([a-z_]+)")


class UploadForm(forms.Form):
    fichier = forms.FileField(
        label="Le fichier des appels",
        help_text="CSV ou XLSX, 10 Mo et 10 000 lignes au plus. Rien n’est écrit avant que vous "
        "ayez vu et confirmé ce qui changerait.",
        max_length=255,
        allow_empty_file=True,  # told like the other files that cannot be read
        error_messages={
            "required": "Choisissez un fichier.",
            "max_length": "Le nom de ce fichier est trop long : renommez-le.",
            "invalid": "Choisissez un fichier.",
        },
        widget=forms.FileInput(
            attrs={"accept": ".csv,.txt,.tsv,.xlsx", "data-most-bytes": MOST_BYTES}
        ),
    )

    def clean_fichier(self) -> Any:
        file = self.cleaned_data["fichier"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(TOO_BIG)
        return file


class ConfirmForm(forms.Form):
    """What is confirmed is what was shown: `apercu` is its digest."""

    apercu = forms.CharField(widget=forms.HiddenInput, max_length=64)
    lignes_bonnes = forms.BooleanField(required=False)
    ecraser = forms.BooleanField(required=False)


class FilterForm(forms.Form):
    """`?effet=&page=` of the rows of an import."""

    effet = forms.ChoiceField(choices=RowAction.choices, required=False)
    page = forms.IntegerField(min_value=1, max_value=10_000, required=False)


def typed_cells(data: Any) -> dict[str, dict[str, str]]:
    """line -> column name -> text, from the fields `cellule-<line>-<column>` of a page."""
    typed: dict[str, dict[str, str]] = {}
    for field, text in data.items():
        found = _CELL.fullmatch(field)
        if found and found[2] in BY_NAME:
            typed.setdefault(found[1], {})[found[2]] = text.replace("\x00", "").strip()[
                :LONGEST_CORRECTION
            ]
    return typed
