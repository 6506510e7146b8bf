"""Facts carry a date and a source; contradictions stay side by side."""

import datetime
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils import timezone

from directory.partial_dates import PartialDateField
from regions.models import Kind, Territory


class Sourced(models.Model):
    """A fact with its provenance."""

    source = models.TextField(
        "source", blank=True, help_text="Adresse de la page, ou référence du document."
    )
    source_date = PartialDateField("date de la source")
    caveat = models.CharField(
        "réserve",
        max_length=500,
        blank=True,
        help_text="Ce qui est déduit, ancien ou incomplet. Visible par le public.",
    )

    class Meta:
        abstract = True


def known_on(on: datetime.date, about: str = "", prefix: str = "") -> Q:
    """Condition "known on that day" for a sourced fact; `about` names the date it speaks of.

    A fact was known on a past day when its source had been written, or when what it speaks of had
    happened, whoever told it later; an undated fact rules nothing out. On the present day all that
    the directory holds is known. Reasons: docs/decisions/0010. Partial dates count from their
    first day: as text, "2017" comes before "2017-12-19".
    """
    if on >= timezone.localdate():
        return Q()
    day, written = on.isoformat(), f"{prefix}source_date"
    if not about:
        return Q(**{f"{written}__isnull": True}) | Q(**{f"{written}__lte": day})
    when = f"{prefix}{about}"
    return (
        Q(**{f"{written}__lte": day})
        | Q(**{f"{when}__lte": day})
        | Q(**{f"{written}__isnull": True, f"{when}__isnull": True})
    )


#: Said before the figure; any other comes after it, between brackets.
LEADING_QUALIFIERS = ("plus de", "moins de", "près de", "au moins", "environ", "jusqu’à", "porté à")


class IndicatorSubject(models.TextChoices):
    """Which part of the page of a Région a figure belongs to."""

    COVERAGE = "couverture", "couverture du territoire"
    MONEY = "moyens", "moyens engagés"
    AGREEMENTS = "conventions", "conventions signées"
    ACTIVITY = "activite", "activité"


class Indicator(Sourced):
    """A dated, sourced figure: "18 Pays sur 21", 19/12/2017. Several may contradict each other.

    One that counts operators of a kind, or territories of a level that have one, says which: the
    directory then shows beside it what it counts itself.
    """

    slug = models.SlugField(
        "mesure",
        max_length=80,
        help_text="Même identifiant pour une même mesure à plusieurs dates.",
    )
    label = models.CharField("intitulé", max_length=250)
    value = models.DecimalField("valeur", max_digits=16, decimal_places=2)
    denominator = models.DecimalField(
        "sur un total de", max_digits=16, decimal_places=2, null=True, blank=True
    )
    unit = models.CharField("unité", max_length=40, blank=True, help_text="€, %, structures…")
    qualifier = models.CharField(
        "nuance",
        max_length=40,
        blank=True,
        help_text="« plus de », « environ », « prévision »…",
    )
    as_of = PartialDateField("à la date du")
    subject = models.CharField("sujet", max_length=12, choices=IndicatorSubject.choices, blank=True)
    counted_kind = models.ForeignKey(
        "directory.OperatorKind",
        verbose_name="compte les opérateurs de type",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="« 19 pôles ESS » compte des pôles : l’annuaire donne aussi le sien.",
    )
    counted_level = models.CharField(
        "ou les territoires qui en ont un, de niveau",
        max_length=16,
        choices=Kind.choices,
        blank=True,
        help_text="« 18 Pays sur 21 » compte des pays dotés d’un pôle.",
    )
    territory = models.ForeignKey(
        Territory,
        verbose_name="territoire",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="indicators",
    )
    operator = models.ForeignKey(
        "directory.Operator",
        verbose_name="opérateur",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="indicators",
    )

    class Meta:
        verbose_name = "chiffre daté"
        verbose_name_plural = "chiffres datés"
        ordering = ["slug", "as_of", "value", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(territory__isnull=False) | Q(operator__isnull=False),
                name="directory_indicator_about_something",
                violation_error_message="Un chiffre porte sur un territoire ou sur un opérateur.",
            ),
            models.CheckConstraint(
                condition=~Q(source=""),
                name="directory_indicator_sourced",
                violation_error_message="Un chiffre sans source ne se publie pas.",
            ),
            models.CheckConstraint(
                condition=Q(denominator__isnull=True) | Q(denominator__gt=0),
                name="directory_indicator_denominator_positive",
                violation_error_message="Le total doit être supérieur à zéro.",
            ),
            models.CheckConstraint(
                condition=(Q(subject="") | Q(subject__in=IndicatorSubject.values))
                & (Q(counted_level="") | Q(counted_level__in=Kind.values)),
                name="directory_indicator_choices_known",
                violation_error_message="Ce sujet ou ce niveau n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(counted_level="") | Q(counted_kind__isnull=False),
                name="directory_indicator_level_of_a_kind",
                violation_error_message="Dites de quel type d’opérateur ils sont dotés.",
            ),
            models.UniqueConstraint(
                fields=["slug", "as_of", "territory", "operator", "value", "source"],
                nulls_distinct=False,
                name="directory_indicator_once",
                violation_error_message="Ce chiffre existe déjà, à cette date et de cette source.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.as_of or 'non daté'})"

    @property
    def value_label(self) -> str:
        """ "plus de 300", "18 sur 21", "200 000 € (prévision)": the figure as it reads."""
        value = french_number(self.value)
        if self.denominator is not None:
            value = f"{value} sur {french_number(self.denominator)}"
        before = self.qualifier if self.qualifier in LEADING_QUALIFIERS else ""
        after = f"({self.qualifier})" if self.qualifier and not before else ""
        return " ".join(part for part in (before, value, self.unit, after) if part)


def french_number(number: Decimal | int) -> str:
    """1234.5 -> "1 234,5": thousands apart by a narrow no-break space, comma, no trailing zero."""
    text = f"{number:,.2f}".rstrip("0").rstrip(".") if number % 1 else f"{number:,.0f}"
    return text.translate({ord(","): "\N{NARROW NO-BREAK SPACE}", ord("."): ","})


class RegionFile(Sourced):
    """How far the directory of a Région is filled, and whom to turn to when nobody else answers.

    No row, or no `documented_since`: "en cours" when operators are known there, else "pas encore".
    """

    region = models.OneToOneField(
        Territory,
        verbose_name="région",
        on_delete=models.CASCADE,
        related_name="file",
        limit_choices_to={"kind__in": [Kind.REGION, Kind.COLLECTIVITY]},
    )
    documented_since = models.DateField(
        "annuaire renseigné depuis le",
        null=True,
        blank=True,
        help_text="Vide tant que la région n’a pas été parcourue en entier.",
    )
    fallback = models.ForeignKey(
        "directory.Operator",
        verbose_name="recours régional",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="fallback_of",
        help_text="Vers qui se tourner quand aucune offre ne couvre une commune.",
    )
    note = models.CharField("à savoir", max_length=500, blank=True)

    class Meta:
        verbose_name = "état de l’annuaire d’une région"
        verbose_name_plural = "état de l’annuaire par région"
        ordering = ["region__name", "pk"]

    def __str__(self) -> str:
        return f"annuaire de {self.region}"
