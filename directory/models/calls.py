"""Calls for projects: a series (scheme), and each year's edition."""

import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left, Length
from django.db.models.lookups import LessThanOrEqual

from directory.models.facts import Sourced
from directory.models.operators import EntryMode, Publication
from directory.models.serving import ServedQuerySet
from directory.models.vocabulary import Audience, Stage, Theme
from directory.partial_dates import PartialDateField
from regions.models import Kind, Territory


class FundingKind(models.TextChoices):
    AAP = "aap", "appel à projets"
    AMI = "ami", "appel à manifestation d’intérêt"
    CONTEST = "concours", "concours"
    GRANT = "subvention", "subvention"
    STANDING = "dispositif", "aide permanente"


class FundingScheme(Sourced):
    """The series: one scheme, edition after edition."""

    slug = models.SlugField("nom dans l’adresse", max_length=120, unique=True)
    name = models.CharField("nom", max_length=200)
    kind = models.CharField("type", max_length=12, choices=FundingKind.choices)
    funder = models.CharField("financeur", max_length=250, blank=True)
    description = models.TextField("présentation", blank=True)
    publication = models.CharField(
        "publication",
        max_length=10,
        choices=Publication.choices,
        default=Publication.DRAFT,
    )
    is_example = models.BooleanField("fiche d’exemple", default=False)

    class Meta:
        verbose_name = "dispositif de financement"
        verbose_name_plural = "dispositifs de financement"
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=FundingKind.values),
                name="directory_scheme_kind_known",
                violation_error_message="Ce type de financement n’existe pas.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class CallEditionQuerySet(ServedQuerySet["CallEdition"]):
    coverage_subject = "edition"

    def public(self) -> "CallEditionQuerySet":
        return self.filter(scheme__publication=Publication.PUBLISHED)


class CallEdition(Sourced):
    """One year of a scheme. A standing aid has a single edition without a year."""

    scheme = models.ForeignKey(
        FundingScheme,
        verbose_name="dispositif",
        on_delete=models.CASCADE,
        related_name="editions",
    )
    key = models.SlugField("clé externe", max_length=160, unique=True)
    title = models.CharField("titre", max_length=250)
    year = models.PositiveSmallIntegerField("année", null=True, blank=True)
    funder = models.CharField("financeur", max_length=250, blank=True)
    envelope = models.DecimalField(
        "enveloppe (€)", max_digits=14, decimal_places=2, null=True, blank=True
    )
    opens_on = PartialDateField("ouverture")
    closes_on = PartialDateField("clôture")
    stages = models.ManyToManyField(Stage, verbose_name="étapes", blank=True, related_name="calls")
    themes = models.ManyToManyField(
        Theme, verbose_name="thématiques", blank=True, related_name="calls"
    )
    audiences = models.ManyToManyField(
        Audience, verbose_name="pour qui", blank=True, related_name="calls"
    )
    entry_modes = ArrayField(
        models.CharField(max_length=10, choices=EntryMode.choices),
        verbose_name="on y répond avec",
        default=list,
        blank=True,
    )
    link = models.URLField("page de l’appel", max_length=500, blank=True)
    note = models.TextField("à savoir", blank=True)

    objects = CallEditionQuerySet.as_manager()

    class Meta:
        verbose_name = "édition d’un appel"
        verbose_name_plural = "éditions d’appels"
        ordering = [F("year").desc(nulls_last=True), "title", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(envelope__isnull=True) | Q(envelope__gte=0),
                name="directory_edition_envelope_positive",
                violation_error_message="Une enveloppe ne peut pas être négative.",
            ),
            models.CheckConstraint(
                condition=Q(opens_on__isnull=True)
                | Q(closes_on__isnull=True)
                | Q(LessThanOrEqual(Left("opens_on", Length("closes_on")), F("closes_on"))),
                name="directory_edition_dates_in_order",
                violation_error_message="La clôture ne peut pas précéder l’ouverture.",
            ),
            models.CheckConstraint(
                condition=~Q(source=""),
                name="directory_edition_sourced",
                violation_error_message="Indiquez la source de cette édition.",
            ),
            models.CheckConstraint(
                condition=Q(entry_modes__contained_by=EntryMode.values),
                name="directory_edition_choices_known",
                violation_error_message="Ce mode d’entrée n’existe pas.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def status(self, on: datetime.date) -> str:
        """ "à venir", "ouvert", "clos", "permanent" or "date inconnue", from the dates alone.

        A partial closing date is open until the last day it may mean; an edition of a past year
        without a closing date is over.
        """
        if self.opens_on and self.opens_on.first_day > on:
            return "à venir"
        if self.closes_on:
            return "clos" if self.closes_on.last_day < on else "ouvert"
        if self.scheme.kind == FundingKind.STANDING:
            return "permanent"
        if self.year and self.year < on.year:
            return "clos"
        return "ouvert" if self.opens_on else "date inconnue"


class Laureate(Sourced):
    """Who was selected by an edition."""

    edition = models.ForeignKey(
        CallEdition,
        verbose_name="édition",
        on_delete=models.CASCADE,
        related_name="laureates",
    )
    name = models.CharField("lauréat", max_length=250)
    commune = models.ForeignKey(
        Territory,
        verbose_name="commune",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to={"kind": Kind.COMMUNE},
    )
    amount = models.DecimalField(
        "montant (€)", max_digits=12, decimal_places=2, null=True, blank=True
    )

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
