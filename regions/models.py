"""The official geography of France as sets of communes.

Every territory is a set of communes (`Containment`), dated, and not a tree: an EPCI can straddle
two régions, a Pays can change. The key of a territory is (kind, code), never the bare code:
région 44 is Grand Est, département 44 is Loire-Atlantique.
"""

import datetime
from functools import cache

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.text import slugify


class Kind(models.TextChoices):
    """Levels of the geography; the values are those of the data files and of the addresses."""

    COMMUNE = "commune", "commune"
    ARRONDISSEMENT = "arrondissement", "arrondissement municipal"
    FORMER = "ancienne", "ancienne commune"
    EPCI = "epci", "intercommunalité"
    EPT = "ept", "établissement public territorial"
    PAYS = "pays", "pays"
    DEPARTEMENT = "departement", "département"
    REGION = "region", "région"
    COLLECTIVITY = "collectivite", "collectivité d’outre-mer"
    COUNTRY = "country", "pays entier"


#: Kinds that only lead to a current commune: they have a successor and no communes of their own.
LEADING_KINDS = (Kind.ARRONDISSEMENT, Kind.FORMER)

#: From the narrowest to the widest; breaks ties between territories of as many communes.
KIND_ORDER = {
    kind: rank
    for rank, kind in enumerate(
        [
            Kind.COMMUNE,
            Kind.ARRONDISSEMENT,
            Kind.FORMER,
            Kind.EPT,
            Kind.EPCI,
            Kind.PAYS,
            Kind.DEPARTEMENT,
            Kind.COLLECTIVITY,
            Kind.REGION,
            Kind.COUNTRY,
        ]
    )
}


def in_force(on: datetime.date, prefix: str = "") -> Q:
    """Condition "in force on that day" for a model with `valid_from` and `valid_until`.

    Both ends may be empty (not known, so not bounding); `valid_until` is the first day after.
    `prefix` is a relation path ending in "__" when the dates are on a related model.
    """
    begins, ends = f"{prefix}valid_from", f"{prefix}valid_until"
    return (Q(**{f"{begins}__isnull": True}) | Q(**{f"{begins}__lte": on})) & (
        Q(**{f"{ends}__isnull": True}) | Q(**{f"{ends}__gt": on})
    )


class Dated(models.Model):
    """A fact that held for a time. Empty bounds are unknown bounds."""

    valid_from = models.DateField("depuis le", null=True, blank=True)
    valid_until = models.DateField(
        "jusqu’au (exclu)",
        null=True,
        blank=True,
        help_text="Premier jour où le fait n’est plus vrai.",
    )

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_from__lt=F("valid_until")),
                name="%(app_label)s_%(class)s_dates_in_order",
                violation_error_message="La date de fin doit être postérieure à la date de début.",
            )
        ]


class TerritoryQuerySet(models.QuerySet["Territory"]):
    def communes(self) -> "TerritoryQuerySet":
        return self.filter(kind=Kind.COMMUNE)

    def with_outline_known(self) -> "TerritoryQuerySet":
        """With `has_outline`: France and the overseas collectivities have none."""
        return self.annotate(has_outline=Exists(Outline.objects.filter(territory=OuterRef("pk"))))

    def enclosing_code(self, code: str, on: datetime.date) -> "TerritoryQuerySet":
        """Territories that enclose the commune of that Insee code on that day, itself included.

        Narrowest first: by number of communes, then by level. Empty for an unknown code.
        """
        return self.filter(
            in_force(on, "members__"),
            members__commune__kind=Kind.COMMUNE,
            members__commune__code=code,
        ).order_by("commune_count", "kind_rank", "code")

    def enclosing(self, commune: "Territory", on: datetime.date) -> "TerritoryQuerySet":
        """Territories that enclose the commune on that day; see `enclosing_code`."""
        return self.enclosing_code(commune.code, on)

    def within(self, territory: "Territory", on: datetime.date) -> "TerritoryQuerySet":
        """The communes that make up the territory on that day."""
        return self.filter(
            in_force(on, "containments__"), containments__territory=territory
        ).order_by("name", "code")


class Territory(models.Model):
    """A place of the official geography, or a dated grouping of communes."""

    kind = models.CharField("niveau", max_length=16, choices=Kind.choices)
    code = models.CharField(
        "code", max_length=16, help_text="Code officiel, ou convention pour les pays."
    )
    name = models.CharField("nom", max_length=200)
    slug = models.SlugField("nom dans l’adresse", max_length=200)
    population = models.PositiveIntegerField("population", null=True, blank=True)
    latitude = models.FloatField("latitude", null=True, blank=True, help_text="Degrés, WGS 84.")
    longitude = models.FloatField("longitude", null=True, blank=True, help_text="Degrés, WGS 84.")
    postcodes = ArrayField(
        models.CharField(max_length=5),
        default=list,
        blank=True,
        verbose_name="codes postaux",
    )
    commune_count = models.PositiveIntegerField(
        "nombre de communes",
        default=0,
        help_text="Communes actuelles de ce territoire.",
    )
    kind_rank = models.PositiveSmallIntegerField("rang du niveau", default=0, editable=False)
    liaison = models.PositiveSmallIntegerField(
        "type de nom (Insee)",
        null=True,
        blank=True,
        help_text="Code TNCC, pour l’article du nom.",
    )
    successor = models.ForeignKey(
        "self",
        verbose_name="commune actuelle",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="predecessors",
    )
    source = models.CharField("source", max_length=1000, blank=True)

    objects = TerritoryQuerySet.as_manager()

    class Meta:
        verbose_name = "territoire"
        verbose_name_plural = "territoires"
        ordering = ["kind_rank", "name", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "code"],
                name="regions_territory_key",
                violation_error_message="Un territoire de ce niveau porte déjà ce code.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values),
                name="regions_territory_kind_known",
                violation_error_message="Ce niveau de territoire n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=LEADING_KINDS) | Q(successor__isnull=True),
                name="regions_territory_only_former_has_successor",
                violation_error_message="Seule une ancienne commune ou un arrondissement mène "
                "à une autre commune.",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="regions_territory_point_on_earth",
                violation_error_message="Latitude et longitude vont ensemble : de −90 à 90 "
                "et de −180 à 180.",
            ),
        ]
        indexes = [
            models.Index(fields=["slug"], name="regions_territory_slug"),
            GinIndex(fields=["postcodes"], name="regions_territory_postcodes"),
            models.Index(
                fields=["latitude", "longitude"],
                condition=Q(kind=Kind.COMMUNE),
                name="regions_territory_point",
            ),
        ]

    def __str__(self) -> str:
        """The name with what tells it from its namesakes: "Doubs (département, 25)"."""
        return f"{self.name} ({Kind(self.kind).label}, {self.code})"

    def save(self, *args: object, **kwargs: object) -> None:
        self.slug = self.slug or slugify(self.name)[:200] or self.code.lower()
        self.kind_rank = KIND_ORDER[Kind(self.kind)]
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def get_absolute_url(self) -> str:
        """The pathway of a commune, the page of a wider territory, all of them for the country."""
        if self.kind == Kind.COMMUNE:
            return reverse("pathway", args=[self.code, self.slug])
        if self.kind == Kind.COUNTRY:
            return reverse("territory_index")
        return f"{_territories()}{self.kind}/{self.code}-{self.slug}/"

    @property
    def label(self) -> str:
        """The name with the apostrophe people read: official files have the straight one."""
        return self.name.replace("'", "’")

    @property
    def key(self) -> str:
        """`kind:code`, as the data files and the addresses write it."""
        return f"{self.kind}:{self.code}"


@cache
def _territories() -> str:
    """What stands before the kind in the address of a territory: pages print dozens of them."""
    address = reverse("territory", args=[Kind.REGION.value, "00", "x"])
    return address.removesuffix(f"{Kind.REGION.value}/00-x/")


class ContainmentQuerySet(models.QuerySet["Containment"]):
    def in_force(self, on: datetime.date) -> "ContainmentQuerySet":
        return self.filter(in_force(on))


class Containment(Dated):
    """A commune belongs to a territory, for a time. Each commune belongs to itself."""

    commune = models.ForeignKey(
        Territory,
        verbose_name="commune",
        on_delete=models.CASCADE,
        related_name="containments",
    )
    territory = models.ForeignKey(
        Territory,
        verbose_name="territoire",
        on_delete=models.CASCADE,
        related_name="members",
    )
    source = models.CharField("source", max_length=1000, blank=True)

    objects = ContainmentQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = "appartenance"
        verbose_name_plural = "appartenances"
        ordering = ["commune_id", "territory_id", "valid_from", "pk"]
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["commune", "territory", "valid_from"],
                nulls_distinct=False,
                name="regions_containment_once",
                violation_error_message="Cette commune appartient déjà à ce territoire "
                "depuis cette date.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commune} ∈ {self.territory}"


class Outline(models.Model):
    """Simplified outline of a territory: a GeoJSON geometry, degrees WGS 84."""

    territory = models.OneToOneField(
        Territory, verbose_name="territoire", primary_key=True, on_delete=models.CASCADE
    )
    geometry = models.JSONField("contour (GeoJSON)")

    class Meta:
        verbose_name = "contour"
        verbose_name_plural = "contours"

    def __str__(self) -> str:
        return f"contour de {self.territory}"


class PlaceName(models.Model):
    """A name that leads to a current commune: its own, a former one, an arrondissement's."""

    commune = models.ForeignKey(
        Territory,
        verbose_name="commune actuelle",
        on_delete=models.CASCADE,
        related_name="names",
    )
    label = models.CharField("nom", max_length=200)
    key = models.CharField("clé de recherche", max_length=200)
    kind = models.CharField("niveau", max_length=16, choices=Kind.choices, default=Kind.COMMUNE)
    code = models.CharField("code d’origine", max_length=16)
    weight = models.PositiveIntegerField(
        "poids", default=0, help_text="Population de la commune, pour ranger les réponses."
    )

    class Meta:
        verbose_name = "nom de lieu"
        verbose_name_plural = "noms de lieux"
        ordering = ["key", "code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["commune", "kind", "code", "key"], name="regions_placename_once"
            )
        ]
        indexes = [
            GinIndex(
                fields=["key"],
                opclasses=["gin_trgm_ops"],
                name="regions_placename_trigram",
            ),
            GinIndex(
                SearchVector("key", config="simple"),
                name="regions_placename_words",
            ),
            models.Index(
                fields=["key"],
                opclasses=["text_pattern_ops"],
                name="regions_placename_prefix",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Vintage(models.Model):
    """A vintage of the geography that was loaded, and the digest of its files."""

    name = models.CharField("millésime", max_length=50, unique=True)
    in_force_from = models.DateField("en vigueur depuis le")
    digest = models.CharField("empreinte des fichiers", max_length=64)
    loaded_at = models.DateTimeField("chargé le", auto_now=True)

    class Meta:
        verbose_name = "millésime"
        verbose_name_plural = "millésimes"
        ordering = ["-in_force_from", "-pk"]

    def __str__(self) -> str:
        return self.name
