"""Operators, and the offers they make at each stage."""

import datetime
from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import JSONObject, Left, Length
from django.db.models.lookups import LessThanOrEqual
from django.urls import reverse

from directory.models.facts import Sourced, known_on
from directory.models.serving import ServedQuerySet
from directory.models.vocabulary import Audience, Network, OperatorKind, Stage, Theme
from directory.partial_dates import PartialDateField
from regions.models import Dated, Kind, Territory, in_force

if TYPE_CHECKING:
    from django.db.models.manager import Manager


class Publication(models.TextChoices):
    DRAFT = "brouillon", "brouillon"
    PUBLISHED = "publie", "publié"


class OperatorState(models.TextChoices):
    """Whether the operator is at work. Only an active one is offered to project holders."""

    ACTIVE = "active", "en activité"
    PLANNED = "planned", "en projet, existence à confirmer"
    CLOSED = "closed", "fermé"


class EntryMode(models.TextChoices):
    """What one comes in with. A générateur starts from a need, not from a project holder."""

    PROJECT = "projet", "une idée ou un projet"
    NEED = "besoin", "un besoin repéré sur un territoire"
    STRUCTURE = "structure", "une structure qui existe déjà"


class Service(models.TextChoices):
    """What one gets."""

    ORIENTATION = "orientation", "accueil et orientation"
    SUPPORT = "accompagnement", "accompagnement"
    FUNDING = "financement", "financement"
    HOSTING = "hebergement", "locaux"


def at_work(on: datetime.date, prefix: str = "") -> Q:
    """Condition "published and at work on that day" for an operator reached by `prefix`.

    Partial dates compare as text: opened "2017" counts as open on 2017-12-19,
    closed "2018" as closed from the first day of 2018. When no source says since when, it counts
    from the day that the first dated source speaks of it (docs/decisions/0010).
    """

    def field(name: str) -> str:
        return f"{prefix}{name}"

    day = on.isoformat()
    return (
        Q(**{field("publication"): Publication.PUBLISHED})
        & (Q(**{field("opened_on__isnull"): True}) | Q(**{field("opened_on__lte"): day}))
        & _spoken_of(on, prefix)
        & (
            Q(
                **{
                    field("state"): OperatorState.ACTIVE,
                    field("closed_on__isnull"): True,
                }
            )
            | (~Q(**{field("state"): OperatorState.PLANNED}) & Q(**{field("closed_on__gt"): day}))
        )
    )


def _spoken_of(on: datetime.date, prefix: str) -> Q:
    """Condition: known on that day, by its own dates and source or by one of its references."""
    known = known_on(on, "opened_on", prefix)
    if not known:
        return known
    read = Reference.objects.filter(operator=OuterRef(f"{prefix}pk"), source_date__lte=str(on))
    return known | Q(Exists(read))


class OperatorQuerySet(models.QuerySet["Operator"]):
    def public(self) -> "OperatorQuerySet":
        """What a visitor may read: published, closed operators included."""
        return self.filter(publication=Publication.PUBLISHED)

    def at_work(self, on: datetime.date) -> "OperatorQuerySet":
        return self.filter(at_work(on))

    def verified_since(self, day: datetime.date) -> "OperatorQuerySet":
        return self.filter(verified_on__gte=day)

    def for_sheet(self, on: datetime.date) -> "OperatorQuerySet":
        """With what its page names: `alias_names`, `network_names`, `host_names` of that day, and
        `reference_rows` (source, date)."""
        own = {"operator": OuterRef("pk")}
        networks = Network.objects.filter(operators=OuterRef("pk"))
        return self.select_related("kind", "commune", "region").annotate(
            alias_names=ArraySubquery(Alias.objects.filter(**own).values("name")),
            network_names=ArraySubquery(networks.values("name")),
            host_names=ArraySubquery(Host.objects.filter(in_force(on), **own).values("name")),
            reference_rows=ArraySubquery(
                Reference.objects.filter(**own).values(
                    row=JSONObject(source="source", date="source_date")
                )
            ),
        )

    def with_stages(self) -> "OperatorQuerySet":
        """With all a list shows, and `stages`: the stages of its offers, in order."""
        stages = Stage.objects.filter(offers__operator=OuterRef("pk")).distinct()
        return self.select_related("kind", "region", "commune").annotate(
            stages=ArraySubquery(
                stages.order_by("position").values(row=JSONObject(slug="slug", name="name"))
            )
        )


class Operator(Sourced):
    """Who helps: a legal structure, a scheme or a collective. Brand, host and scheme differ."""

    slug = models.SlugField("nom dans l’adresse", max_length=120, unique=True)
    name = models.CharField("nom", max_length=200)
    kind = models.ForeignKey(
        OperatorKind,
        verbose_name="type",
        on_delete=models.PROTECT,
        related_name="operators",
    )
    region = models.ForeignKey(
        Territory,
        verbose_name="région",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="operators",
        limit_choices_to={"kind__in": [Kind.REGION, Kind.COLLECTIVITY]},
        help_text="La région qui tient cette fiche ; ce n’est pas la zone d’intervention.",
    )
    description = models.TextField("présentation", blank=True)
    state = models.CharField(
        "situation",
        max_length=10,
        choices=OperatorState.choices,
        default=OperatorState.ACTIVE,
    )
    opened_on = PartialDateField("ouvert depuis")
    closed_on = PartialDateField("fermé depuis")
    publication = models.CharField(
        "publication",
        max_length=10,
        choices=Publication.choices,
        default=Publication.DRAFT,
    )
    is_example = models.BooleanField(
        "fiche d’exemple",
        default=False,
        help_text="Affiche la mention « Exemple » partout.",
    )
    verified_on = models.DateField(
        "vérifié le",
        null=True,
        blank=True,
        help_text="Dernière vérification auprès de la structure.",
    )

    address = models.CharField("adresse", max_length=250, blank=True)
    postcode = models.CharField(
        "code postal",
        max_length=5,
        blank=True,
        validators=[RegexValidator(r"^\d{5}$", "Un code postal compte cinq chiffres.")],
    )
    commune = models.ForeignKey(
        Territory,
        verbose_name="commune",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to={"kind": Kind.COMMUNE},
    )
    latitude = models.FloatField("latitude", null=True, blank=True)
    longitude = models.FloatField("longitude", null=True, blank=True)
    website = models.URLField("site", max_length=500, blank=True)
    email = models.EmailField("courriel", blank=True)
    phone = models.CharField(
        "téléphone",
        max_length=20,
        blank=True,
        validators=[RegexValidator(r"^[+\d][\d .()-]{5,}$", "Par exemple 03 81 00 00 00.")],
    )
    networks = models.ManyToManyField(
        Network, verbose_name="réseaux", blank=True, related_name="operators"
    )
    note = models.TextField("note interne", blank=True, help_text="Jamais montrée au public.")
    updated_at = models.DateTimeField("modifié le", auto_now=True)

    objects = OperatorQuerySet.as_manager()

    if TYPE_CHECKING:
        offers: Manager["Offer"]
        hosts: Manager["Host"]

    class Meta:
        verbose_name = "opérateur"
        verbose_name_plural = "opérateurs"
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(publication=Publication.DRAFT) | ~Q(source=""),
                name="directory_operator_published_is_sourced",
                violation_error_message="Indiquez la source avant de publier la fiche.",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True)
                | Q(opened_on__isnull=True)
                | Q(LessThanOrEqual(Left("opened_on", Length("closed_on")), F("closed_on"))),
                name="directory_operator_dates_in_order",
                violation_error_message="La fermeture ne peut pas précéder l’ouverture.",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="directory_operator_point_on_earth",
                violation_error_message="Latitude et longitude vont ensemble : de −90 à 90 "
                "et de −180 à 180.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OperatorState.values) & Q(publication__in=Publication.values),
                name="directory_operator_choices_known",
                violation_error_message="Cette situation ou cet état de publication n’existe pas.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("operator", args=[self.slug])

    @property
    def state_label(self) -> str:
        return OperatorState(self.state).label

    @property
    def point(self) -> tuple[float, float] | None:
        """(latitude, longitude): its own point, else that of its commune, else None."""
        for place in (self, self.commune):
            if place and place.latitude is not None and place.longitude is not None:
                return place.latitude, place.longitude
        return None

    @property
    def phone_link(self) -> str:
        """The number as a telephone link writes it."""
        return self.phone.replace(" ", "")

    @property
    def town(self) -> str:
        """Name of the commune of its address, or an empty string."""
        return self.commune.label if self.commune else ""


class Alias(Sourced, Dated):
    """A former or usual name of an operator."""

    operator = models.ForeignKey(
        Operator,
        verbose_name="opérateur",
        on_delete=models.CASCADE,
        related_name="aliases",
    )
    name = models.CharField("autre nom", max_length=200)

    class Meta(Dated.Meta):
        verbose_name = "autre nom"
        verbose_name_plural = "autres noms"
        ordering = ["name", "pk"]
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(fields=["operator", "name"], name="directory_alias_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Reference(Sourced):
    """A further page that says something of an operator, beside its main source."""

    operator = models.ForeignKey(
        Operator,
        verbose_name="opérateur",
        on_delete=models.CASCADE,
        related_name="references",
    )
    supports = models.CharField("ce qu’elle atteste", max_length=300, blank=True)

    class Meta:
        verbose_name = "autre source"
        verbose_name_plural = "autres sources"
        ordering = ["operator_id", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(source=""),
                name="directory_reference_has_source",
                violation_error_message="Indiquez l’adresse ou la référence de la source.",
            ),
            models.UniqueConstraint(fields=["operator", "source"], name="directory_reference_once"),
        ]

    def __str__(self) -> str:
        return self.source


class Host(Sourced, Dated):
    """The structure that carries an operator: a DLA is carried by a Ligue, a France Active…"""

    operator = models.ForeignKey(
        Operator,
        verbose_name="opérateur",
        on_delete=models.CASCADE,
        related_name="hosts",
    )
    name = models.CharField("structure porteuse", max_length=250)
    structure = models.ForeignKey(
        Operator,
        verbose_name="sa fiche",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="hosted",
    )

    class Meta(Dated.Meta):
        verbose_name = "structure porteuse"
        verbose_name_plural = "structures porteuses"
        ordering = ["operator_id", "valid_from", "name", "pk"]
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["operator", "name", "valid_from"],
                nulls_distinct=False,
                name="directory_host_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(Sourced, Dated):
    """A member of a collective: one of the actors of a générateur, a partner…"""

    collective = models.ForeignKey(
        Operator,
        verbose_name="collectif",
        on_delete=models.CASCADE,
        related_name="memberships",
    )
    name = models.CharField("membre", max_length=250)
    member = models.ForeignKey(
        Operator,
        verbose_name="sa fiche",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="member_of",
    )
    role = models.CharField("rôle", max_length=80, default="membre")

    class Meta(Dated.Meta):
        verbose_name = "membre d’un collectif"
        verbose_name_plural = "membres d’un collectif"
        ordering = ["collective_id", "name", "valid_from", "pk"]
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["collective", "name", "role", "valid_from"],
                nulls_distinct=False,
                name="directory_membership_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.role})"


class OfferQuerySet(ServedQuerySet["Offer"]):
    coverage_subject = "offer"

    def open_on(self, on: datetime.date) -> "OfferQuerySet":
        """Offers proposed to holders on that day, wherever they are."""
        return self.filter(in_force(on), at_work(on, "operator__"))

    def with_words(self) -> "OfferQuerySet":
        """With `audience_names` and `theme_names`, in order."""
        audiences = Audience.objects.filter(offers=OuterRef("pk"))
        themes = Theme.objects.filter(offers=OuterRef("pk"))
        return self.annotate(
            audience_names=ArraySubquery(audiences.values("name")),
            theme_names=ArraySubquery(themes.values("name")),
        )


class Offer(Sourced, Dated):
    """What one operator does at one stage, for whom. The unit that is matched.

    Without a source of its own, it has its operator's.
    """

    operator = models.ForeignKey(
        Operator,
        verbose_name="opérateur",
        on_delete=models.CASCADE,
        related_name="offers",
    )
    stage = models.ForeignKey(
        Stage, verbose_name="étape", on_delete=models.PROTECT, related_name="offers"
    )
    title = models.CharField(
        "nom de l’offre",
        max_length=120,
        blank=True,
        help_text="Idéateur, Révélateur, Starter…",
    )
    summary = models.CharField("ce qu’elle apporte", max_length=400)
    conditions = models.CharField("conditions", max_length=400, blank=True)
    audiences = models.ManyToManyField(
        Audience, verbose_name="pour qui", blank=True, related_name="offers"
    )
    themes = models.ManyToManyField(
        Theme, verbose_name="thématiques", blank=True, related_name="offers"
    )
    entry_modes = ArrayField(
        models.CharField(max_length=10, choices=EntryMode.choices),
        verbose_name="on y entre avec",
        default=list,
        blank=True,
    )
    services = ArrayField(
        models.CharField(max_length=16, choices=Service.choices),
        verbose_name="on y trouve",
        default=list,
        blank=True,
    )

    objects = OfferQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = "offre"
        verbose_name_plural = "offres"
        ordering = ["operator_id", "stage__position", "title", "pk"]
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["operator", "stage", "title", "valid_from"],
                nulls_distinct=False,
                name="directory_offer_once",
                violation_error_message="Cet opérateur a déjà cette offre à cette étape.",
            ),
            models.CheckConstraint(
                condition=Q(entry_modes__contained_by=EntryMode.values)
                & Q(services__contained_by=Service.values),
                name="directory_offer_choices_known",
                violation_error_message="Ce mode d’entrée ou ce service n’existe pas.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operator} — {self.title or self.stage}"
