"""What hangs on an edition: who was selected, the documents, and what its sources say."""

import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from directory.models.call_status import known_by
from directory.models.calls import CallEdition, FundingScheme
from directory.models.facts import Sourced
from regions.models import Kind, Territory


class LaureateQuerySet(models.QuerySet["Laureate"]):
    def known_by(self, on: datetime.date) -> "LaureateQuerySet":
        """Laureates that could be known on that day: results given, or source written, by then.

        An undated source counts as known.
        """
        return self.filter(known_by(on, "edition__results_on"), known_by(on, "source_date"))


class Laureate(Sourced):
    """Who was selected by an edition, and for what."""

    edition = models.ForeignKey(
        CallEdition,
        verbose_name="édition",
        on_delete=models.CASCADE,
        related_name="laureates",
    )
    name = models.CharField("lauréat", max_length=250)
    operator = models.ForeignKey(
        "directory.Operator",
        verbose_name="fiche de l’opérateur",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="awards",
    )
    project = models.CharField("pour quel projet", max_length=300, blank=True)
    commune = models.ForeignKey(
        Territory,
        verbose_name="commune",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to={"kind": Kind.COMMUNE},
    )
    territory = models.ForeignKey(
        Territory,
        verbose_name="territoire",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Quand la commune n’est pas connue : un département, un Pays…",
    )
    place = models.CharField(
        "lieu", max_length=120, blank=True, help_text="Tel que la source le dit."
    )
    amount = models.DecimalField(
        "montant (€)", max_digits=12, decimal_places=2, null=True, blank=True
    )

    objects = LaureateQuerySet.as_manager()

    class Meta:
        verbose_name = "lauréat"
        verbose_name_plural = "lauréats"
        ordering = ["edition_id", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "name"], name="directory_laureate_once"),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                name="directory_laureate_amount_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place_label(self) -> str:
        """The commune, else the words of the source, else the territory; empty when unknown."""
        return (
            str(self.commune or "") or self.place or (str(self.territory) if self.territory else "")
        )


class EditionDocument(models.Model):
    """A document of an edition: rules, form, list of the selected."""

    edition = models.ForeignKey(
        CallEdition,
        verbose_name="édition",
        on_delete=models.CASCADE,
        related_name="documents",
    )
    title = models.CharField("titre", max_length=200)
    url = models.URLField("adresse", max_length=500)

    class Meta:
        verbose_name = "document d’une édition"
        verbose_name_plural = "documents des éditions"
        ordering = ["edition_id", "title", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "url"],
                name="directory_editiondocument_once",
                violation_error_message="Ce document figure déjà.",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Claim(Sourced):
    """What one source says of a scheme or of an edition. Sources that differ stand side by side:
    same subject ("nombre de lauréats"), one row per source."""

    scheme = models.ForeignKey(
        FundingScheme,
        verbose_name="dispositif",
        on_delete=models.CASCADE,
        related_name="claims",
    )
    edition = models.ForeignKey(
        CallEdition,
        verbose_name="édition",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="claims",
        help_text="Vide si cela porte sur toute la série.",
    )
    subject = models.CharField("sujet", max_length=80)
    statement = models.CharField("ce que dit la source", max_length=300)

    class Meta:
        verbose_name = "dire d’une source"
        verbose_name_plural = "dires des sources"
        ordering = ["scheme_id", "edition_id", "subject", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(source=""),
                name="directory_claim_sourced",
                violation_error_message="Indiquez la source qui le dit.",
            ),
            models.UniqueConstraint(
                fields=["scheme", "edition", "subject", "source"],
                nulls_distinct=False,
                name="directory_claim_once",
                violation_error_message="Cette source a déjà dit quelque chose sur ce sujet.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} : {self.statement}"

    def clean(self) -> None:
        if self.edition and self.edition.scheme_id != self.scheme_id:
            raise ValidationError({"edition": "Cette édition est celle d’un autre dispositif."})
