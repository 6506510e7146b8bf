"""What a Région and its collectives did over the years: agreements, methods, projects, dates."""

from django.db import models
from django.db.models import Q

from directory.models.facts import Sourced
from directory.partial_dates import PartialDateField
from regions.models import Kind, Territory


def _region(related_name: str) -> models.ForeignKey:
    return models.ForeignKey(
        Territory,
        verbose_name="région",
        on_delete=models.PROTECT,
        related_name=related_name,
        limit_choices_to={"kind__in": [Kind.REGION, Kind.COLLECTIVITY]},
    )


def _sourced(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=~Q(source=""),
        name=name,
        violation_error_message="Indiquez la source.",
    )


class Agreement(Sourced):
    """An agreement between a Région and a local authority, with its line on the ESS or without."""

    slug = models.SlugField("identifiant", max_length=120, unique=True)
    region = _region("agreements")
    name = models.CharField("signataire", max_length=200)
    territory = models.ForeignKey(
        Territory,
        verbose_name="territoire du signataire",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="agreements_signed",
    )
    signed_on = PartialDateField("signée le")
    ends_on = PartialDateField("jusqu’au")
    has_ess_line = models.BooleanField(
        "comporte une ligne ESS",
        null=True,
        blank=True,
        help_text="Vide si on ne le sait pas.",
    )
    contact = models.CharField(
        "contact ESS",
        max_length=200,
        blank=True,
        help_text="Un service, jamais le nom d’une personne.",
    )
    pole = models.ForeignKey(
        "directory.Operator",
        verbose_name="pôle associé",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="agreements",
    )
    note = models.TextField("à savoir", blank=True)

    class Meta:
        verbose_name = "convention d’une Région"
        verbose_name_plural = "conventions des Régions"
        ordering = ["region_id", models.F("signed_on").asc(nulls_last=True), "name", "pk"]
        constraints = [_sourced("directory_agreement_sourced")]

    def __str__(self) -> str:
        return f"{self.region} et {self.name}"


class MethodStep(Sourced):
    """One step of the method of an operator, in its own order: from a need to an activity."""

    operator = models.ForeignKey(
        "directory.Operator",
        verbose_name="opérateur",
        on_delete=models.CASCADE,
        related_name="method",
    )
    position = models.PositiveSmallIntegerField("rang")
    title = models.CharField("étape", max_length=120)
    text = models.TextField("en quelques mots", blank=True)

    class Meta:
        verbose_name = "étape d’une méthode"
        verbose_name_plural = "étapes des méthodes"
        ordering = ["operator_id", "position"]
        constraints = [
            _sourced("directory_methodstep_sourced"),
            models.UniqueConstraint(
                fields=["operator", "position"],
                name="directory_methodstep_once",
                violation_error_message="Cette méthode a déjà une étape de ce rang.",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class BornProject(Sourced):
    """A project born of a générateur or a fabrique, the need it answers, and what became of it."""

    slug = models.SlugField("identifiant", max_length=120, unique=True)
    operator = models.ForeignKey(
        "directory.Operator",
        verbose_name="né avec",
        on_delete=models.CASCADE,
        related_name="born_projects",
    )
    name = models.CharField("projet", max_length=200)
    need = models.TextField("besoin auquel il répond", blank=True)
    commune = models.ForeignKey(
        Territory,
        verbose_name="commune",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to={"kind": Kind.COMMUNE},
    )
    place = models.CharField(
        "lieu", max_length=120, blank=True, help_text="Tel que la source le dit."
    )
    partners = models.CharField("avec", max_length=300, blank=True)
    financed_by = models.CharField("financé par", max_length=300, blank=True)
    outcome = models.TextField(
        "ce qu’il est devenu", blank=True, help_text="Vide si on ne le sait pas."
    )
    began_on = PartialDateField("commencé")
    ended_on = PartialDateField("terminé")

    class Meta:
        verbose_name = "projet né d’un collectif"
        verbose_name_plural = "projets nés de collectifs"
        ordering = ["operator_id", "name", "pk"]
        constraints = [_sourced("directory_bornproject_sourced")]

    def __str__(self) -> str:
        return self.name


class ResourceKind(models.TextChoices):
    ARTICLE = "article", "article"
    NEWSLETTER = "lettre", "lettre d’information"
    REPORT = "rapport", "rapport ou étude"
    PAGE = "page", "page de site"


class Resource(Sourced):
    """Something to read about what a Région does. The address may have been lost."""

    slug = models.SlugField("identifiant", max_length=120, unique=True)
    region = _region("resources")
    title = models.CharField("titre", max_length=250)
    publisher = models.CharField("éditeur", max_length=200, blank=True)
    kind = models.CharField("type", max_length=10, choices=ResourceKind.choices)
    url = models.URLField(
        "adresse", max_length=500, blank=True, help_text="Vide : « adresse non trouvée »."
    )
    published_on = PartialDateField("publié")

    class Meta:
        verbose_name = "ressource à lire"
        verbose_name_plural = "ressources à lire"
        ordering = ["region_id", models.F("published_on").desc(nulls_last=True), "title", "pk"]
        constraints = [
            _sourced("directory_resource_sourced"),
            models.CheckConstraint(
                condition=Q(kind__in=ResourceKind.values),
                name="directory_resource_kind_known",
                violation_error_message="Ce type de ressource n’existe pas.",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Milestone(Sourced):
    """A dated event of the policy of a Région, for its timeline."""

    slug = models.SlugField("identifiant", max_length=120, unique=True)
    region = _region("milestones")
    happened_on = PartialDateField("date", null=False, blank=False)
    title = models.CharField("événement", max_length=200)
    text = models.TextField("en quelques mots", blank=True)
    operator = models.ForeignKey(
        "directory.Operator",
        verbose_name="opérateur",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="milestones",
    )
    scheme = models.ForeignKey(
        "directory.FundingScheme",
        verbose_name="dispositif",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="milestones",
    )

    class Meta:
        verbose_name = "date de la politique régionale"
        verbose_name_plural = "dates de la politique régionale"
        ordering = ["region_id", "happened_on", "pk"]
        constraints = [_sourced("directory_milestone_sourced")]

    def __str__(self) -> str:
        return self.title
