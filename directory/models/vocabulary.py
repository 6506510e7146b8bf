"""The words of the field, as data: a Région may invent a new kind, a stage may be reworded."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q


class Term(models.Model):
    """A named entry of a vocabulary, keyed by its slug."""

    slug = models.SlugField("identifiant", max_length=60, unique=True)
    name = models.CharField("nom", max_length=120)
    description = models.TextField("en quelques mots", blank=True)

    class Meta:
        abstract = True
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


class Stage(Term):
    """One of the ordered stages of a project, from the first idea to scaling up."""

    position = models.PositiveSmallIntegerField("rang", unique=True)
    question = models.CharField(
        "où en est le projet",
        max_length=160,
        help_text="La situation vue par le porteur ou la porteuse.",
    )

    class Meta(Term.Meta):
        verbose_name = "étape"
        verbose_name_plural = "étapes"
        ordering = ["position"]


class OperatorKind(Term):
    """What an operator is: DLA, TAg, pôle ESS, incubateur… Data, not code."""

    plural = models.CharField("nom au pluriel", max_length=120)
    expansion = models.CharField("sigle développé", max_length=160, blank=True)
    letter = models.CharField(
        "lettre sur la carte",
        max_length=2,
        validators=[RegexValidator(r"^[A-ZÉ]{1,2}$", "Une ou deux lettres capitales.")],
    )
    is_desk = models.BooleanField(
        "reçoit le public",
        default=True,
        help_text="Non pour un réseau ou un portail : jamais proposé comme premier contact.",
    )

    class Meta(Term.Meta):
        verbose_name = "type d’opérateur"
        verbose_name_plural = "types d’opérateurs"
        constraints = [
            models.CheckConstraint(
                condition=Q(letter__regex=r"^[A-ZÉ]{1,2}$"),
                name="directory_operatorkind_letter",
                violation_error_message="La lettre de la carte : une ou deux capitales.",
            )
        ]


class Theme(Term):
    """A field of activity an offer is devoted to."""

    class Meta(Term.Meta):
        verbose_name = "thématique"
        verbose_name_plural = "thématiques"


class Audience(Term):
    """For whom an offer is meant: a person, a citizen group, a structure, a local authority…"""

    position = models.PositiveSmallIntegerField("rang", default=0)

    class Meta(Term.Meta):
        verbose_name = "public"
        verbose_name_plural = "publics"
        ordering = ["position", "name", "pk"]


class Network(Term):
    """A network or scheme several operators belong to: Fabrique à initiatives, TAg BZH…"""

    website = models.URLField("site", max_length=500, blank=True)

    class Meta(Term.Meta):
        verbose_name = "réseau"
        verbose_name_plural = "réseaux"
