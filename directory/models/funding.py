"""Who pays for a call, how much, and how sure that money is."""

from django.db import models
from django.db.models import Q

from directory.models.facts import Sourced
from regions.models import Territory


class FunderKind(models.TextChoices):
    REGION = "region", "Région"
    DEPARTEMENT = "departement", "Département"
    LOCAL = "local", "intercommunalité ou commune"
    STATE = "etat", "État et établissements publics"
    EUROPE = "europe", "Union européenne"
    FOUNDATION = "fondation", "fondation ou mutuelle"
    ESS = "ess", "réseau ou structure de l’ESS"
    COMPANY = "entreprise", "entreprise"


class FundingNature(models.TextChoices):
    """How sure the money is, from a word in an article to a payment."""

    ANNOUNCED = "annonce", "annoncé"
    PLANNED = "prevu", "prévu"
    VOTED = "vote", "voté"
    COMMITTED = "engage", "engagé"
    AWARDED = "attribue", "attribué"
    PAID = "verse", "versé"


class Funder(models.Model):
    """Who puts money in calls: a Région, a Département, the State, a foundation."""

    slug = models.SlugField("identifiant", max_length=80, unique=True)
    name = models.CharField("nom", max_length=200, unique=True)
    kind = models.CharField("type", max_length=12, choices=FunderKind.choices)
    territory = models.ForeignKey(
        Territory,
        verbose_name="territoire",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="funders",
        help_text="La collectivité dont il s’agit : Région, Département, intercommunalité…",
    )
    website = models.URLField("site", max_length=500, blank=True)

    class Meta:
        verbose_name = "financeur"
        verbose_name_plural = "financeurs"
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=FunderKind.values),
                name="directory_funder_kind_known",
                violation_error_message="Ce type de financeur n’existe pas.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Funding(Sourced):
    """What one funder puts in one edition. An empty source is that of the edition."""

    edition = models.ForeignKey(
        "directory.CallEdition",
        verbose_name="édition",
        on_delete=models.CASCADE,
        related_name="fundings",
    )
    funder = models.ForeignKey(
        Funder, verbose_name="financeur", on_delete=models.PROTECT, related_name="fundings"
    )
    amount = models.DecimalField(
        "montant (€)", max_digits=14, decimal_places=2, null=True, blank=True
    )
    nature = models.CharField(
        "nature du montant",
        max_length=10,
        choices=FundingNature.choices,
        blank=True,
        help_text="Vide si la source ne le dit pas.",
    )
    note = models.CharField(
        "à savoir", max_length=200, blank=True, help_text="« gestion France Active Bretagne »…"
    )

    class Meta:
        verbose_name = "financement d’une édition"
        verbose_name_plural = "financements des éditions"
        ordering = ["edition_id", models.F("amount").desc(nulls_last=True), "funder__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "funder", "nature"],
                name="directory_funding_once",
                violation_error_message="Ce financeur figure déjà avec un montant de cette nature.",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                name="directory_funding_amount_positive",
                violation_error_message="Un montant ne peut pas être négatif.",
            ),
            models.CheckConstraint(
                condition=Q(nature="") | Q(nature__in=FundingNature.values),
                name="directory_funding_nature_known",
                violation_error_message="Cette nature de montant n’existe pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.funder} : {self.edition}"


class EffectiveFunder(models.Model):
    """The funders that count for each edition: its own fundings', else its scheme's usual ones.

    A database view (migration 0008), read only; the only place where this inheritance is written.
    """

    id = models.CharField(primary_key=True, max_length=42)
    edition = models.ForeignKey(
        "directory.CallEdition",
        on_delete=models.DO_NOTHING,
        related_name="effective_funders",
        db_constraint=False,
    )
    funder = models.ForeignKey(
        Funder, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )

    class Meta:
        managed = False
        db_table = "directory_effectivefunder"

    def __str__(self) -> str:
        return f"{self.edition_id} : {self.funder_id}"
