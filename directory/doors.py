"""The four doors: what brings someone here, and which offers answer it.

A door narrows a pathway on what offers say of themselves: what one comes in with
(`Offer.entry_modes`) or what one gets (`Offer.services`). An offer that says nothing is kept,
after those that say yes; only an offer that says otherwise is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from directory.models import EntryMode, Service


class SaysWhatItAnswers(Protocol):
    """An offer, of the database or of a snapshot."""

    @property
    def entry_modes(self) -> Sequence[str]: ...

    @property
    def services(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class Door:
    slug: str
    label: str
    sentence: str
    hint: str
    field: str
    value: str

    def answers(self, offer: SaysWhatItAnswers) -> bool:
        """Whether the offer says that it answers this door."""
        return self.value in getattr(offer, self.field)

    def may_answer(self, offer: SaysWhatItAnswers) -> bool:
        """Whether it answers, or says nothing on the matter."""
        said = getattr(offer, self.field)
        return not said or self.value in said


DOORS = (
    Door(
        slug="idee",
        label="Une idée",
        sentence="Vous partez d’une idée",
        hint="Vous avez une idée ou un projet, seul·e ou à plusieurs.",
        field="entry_modes",
        value=EntryMode.PROJECT,
    ),
    Door(
        slug="besoin",
        label="Un besoin repéré",
        sentence="Vous partez d’un besoin repéré",
        hint="Il manque quelque chose sur votre territoire, et personne ne porte encore le projet.",
        field="entry_modes",
        value=EntryMode.NEED,
    ),
    Door(
        slug="structure",
        label="Une structure qui se développe",
        sentence="Votre structure existe et se développe",
        hint="Votre association, coopérative ou entreprise existe déjà.",
        field="entry_modes",
        value=EntryMode.STRUCTURE,
    ),
    Door(
        slug="financement",
        label="Un financement",
        sentence="Vous cherchez un financement",
        hint="Prêt, garantie, subvention ou appel à projets.",
        field="services",
        value=Service.FUNDING,
    ),
)


def door_of(slug: str) -> Door | None:
    """The door of that slug, or None."""
    return next((door for door in DOORS if door.slug == slug), None)
