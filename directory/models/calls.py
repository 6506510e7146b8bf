"""Calls for projects: a series (scheme), and each year's edition."""

import datetime
from collections.abc import Iterable

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Left, Length
from django.db.models.lookups import LessThanOrEqual
from django.urls import reverse

from directory.models.call_status import CallFacts, CallStatus, rank_case, status_case, status_of
from directory.models.facts import Sourced, known_on
from directory.models.funding import EffectiveFunder, Funder, FundingNature
from directory.models.operators import EntryMode, Publication
from directory.models.serving import ServedQuerySet
from directory.models.vocabulary import Audience, Stage, Theme
from directory.partial_dates import PartialDateField


class FundingKind(models.TextChoices):
    AAP = "aap", "appel à projets"
    AMI = "ami", "appel à manifestation d’intérêt"
    CONTEST = "concours", "concours"
    CANDIDACIES = "candidatures", "appel à candidatures"
    GRANT = "subvention", "subvention"
    STANDING = "dispositif", "aide permanente"


class Contact(models.Model):
    """Whom to ask: a service, never a person."""

    contact = models.CharField(
        "contact", max_length=200, blank=True, help_text="Un service, jamais le nom d’une personne."
    )
    contact_email = models.EmailField("courriel", blank=True)
    contact_phone = models.CharField("téléphone", max_length=30, blank=True)

    class Meta:
        abstract = True

    @property
    def has_contact(self) -> bool:
        return bool(self.contact or self.contact_email or self.contact_phone)


class FundingScheme(Contact, Sourced):
    """The series: one scheme, edition after edition."""

    slug = models.SlugField("nom dans l’adresse", max_length=120, unique=True)
    name = models.CharField("nom", max_length=200)
    kind = models.CharField("type", max_length=12, choices=FundingKind.choices)
    always_open = models.BooleanField(
        "dépôt en continu",
        default=False,
        help_text="Un appel permanent, sans date limite ; une aide l’est toujours.",
    )
    funders = models.ManyToManyField(
        Funder, verbose_name="financeurs habituels", blank=True, related_name="schemes"
    )
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

    def get_absolute_url(self) -> str:
        return reverse("call_series", args=[self.slug])

    @property
    def is_standing(self) -> bool:
        """One can ask at any time: a standing aid, or a call that takes files all the time."""
        return self.always_open or self.kind == FundingKind.STANDING


class CallEditionQuerySet(ServedQuerySet["CallEdition"]):
    coverage_subject = "edition"

    def public(self) -> "CallEditionQuerySet":
        """What a visitor may read: neither the edition nor its scheme is a draft."""
        return self.filter(
            publication=Publication.PUBLISHED, scheme__publication=Publication.PUBLISHED
        )

    def known_on(self, on: datetime.date) -> "CallEditionQuerySet":
        """Editions that one could know of on that day: announced, open, or of a year begun."""
        known = known_on(on, "opens_on")
        if not known:
            return self
        dated_by_year = Q(opens_on__isnull=True, year__isnull=False)
        return self.filter(
            Q(source_date__lte=on.isoformat())
            | (dated_by_year & Q(year__lte=on.year))
            | (~dated_by_year & known)
        )

    def with_status(self, on: datetime.date) -> "CallEditionQuerySet":
        """With `status_on_day`, a value of CallStatus: what `status_of` says, in SQL.

        Filter it like a field: `.with_status(day).filter(status_on_day__in=[CallStatus.OPEN])`.
        """
        from directory.models.call_details import Laureate

        later = CallEdition.objects.filter(
            scheme=OuterRef("scheme"),
            year__gt=OuterRef("year"),
            year__lte=on.year,
            publication=Publication.PUBLISHED,
        )
        standing = Q(scheme__kind=FundingKind.STANDING) | Q(scheme__always_open=True)
        return self.alias(
            is_standing=Case(When(standing, then=Value(True)), default=Value(False)),
            is_superseded=Case(When(standing & Exists(later), then=Value(True)), default=False),
            has_laureates=Exists(Laureate.objects.known_by(on).filter(edition=OuterRef("pk"))),
        ).annotate(status_on_day=status_case(on))

    def by_urgency(self, on: datetime.date) -> "CallEditionQuerySet":
        """Most urgent first, in the order of CallStatus; the past comes last, newest first.

        Within a status that one can answer, the first to close comes first.
        """
        past = [CallStatus.AWARDED, CallStatus.CLOSED]
        return (
            self.with_status(on)
            .alias(
                urgency=rank_case("status_on_day"),
                closes_first=Case(When(status_on_day__in=past, then=None), default="closes_on"),
                opens_first=Case(When(status_on_day=CallStatus.COMING, then="opens_on")),
            )
            .order_by(
                "urgency",
                F("opens_first").asc(nulls_last=True),
                F("closes_first").asc(nulls_last=True),
                F("year").desc(nulls_last=True),
                F("closes_on").desc(nulls_last=True),
                "title",
                "pk",
            )
        )

    def with_funders(self) -> "CallEditionQuerySet":
        """With `funder_names`, in alphabetical order, and `payers`, the territories among them.

        Those of its own fundings, else the usual ones.
        """
        funders = EffectiveFunder.objects.filter(edition=OuterRef("pk")).order_by("funder__name")
        territories = funders.filter(funder__territory__isnull=False)
        return self.annotate(
            funder_names=ArraySubquery(funders.values("funder__name")),
            payers=ArraySubquery(territories.values("funder__territory")),
        )

    def funded_by(self, slugs: Iterable[str]) -> "CallEditionQuerySet":
        """Editions that one of these funders pays for."""
        paid = EffectiveFunder.objects.filter(edition=OuterRef("pk"), funder__slug__in=list(slugs))
        return self.filter(Exists(paid))


class CallEdition(Contact, Sourced):
    """One year of a scheme; of a standing aid, a single edition, or one per year it is attested."""

    scheme = models.ForeignKey(
        FundingScheme,
        verbose_name="dispositif",
        on_delete=models.CASCADE,
        related_name="editions",
    )
    key = models.SlugField(
        "clé externe",
        max_length=160,
        unique=True,
        help_text="Ne change jamais : imports, agendas et sélections s’y réfèrent.",
    )
    title = models.CharField("titre", max_length=250)
    year = models.PositiveSmallIntegerField("année", null=True, blank=True)
    publication = models.CharField(
        "publication",
        max_length=10,
        choices=Publication.choices,
        default=Publication.DRAFT,
        help_text="Une édition en brouillon ne se voit nulle part.",
    )
    envelope = models.DecimalField(
        "enveloppe (€)",
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Tous financeurs réunis.",
    )
    envelope_nature = models.CharField(
        "nature de l’enveloppe",
        max_length=10,
        choices=FundingNature.choices,
        blank=True,
        help_text="Vide si la source ne le dit pas.",
    )
    opens_on = PartialDateField("ouverture")
    closes_on = PartialDateField("clôture")
    results_on = PartialDateField("résultats")
    applicants = models.PositiveIntegerField("dossiers reçus", null=True, blank=True)
    selected = models.PositiveIntegerField(
        "lauréats",
        null=True,
        blank=True,
        help_text="Combien, même si leurs noms ne sont pas tous connus.",
    )
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
    updated_at = models.DateTimeField("modifiée le", auto_now=True)

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
                condition=Q(envelope_nature="") | Q(envelope_nature__in=FundingNature.values),
                name="directory_edition_nature_known",
                violation_error_message="Cette nature d’enveloppe n’existe pas.",
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

    def get_absolute_url(self) -> str:
        """The page of its year, or of its series when it has none; the scheme is at hand."""
        if self.year is None:
            return self.scheme.get_absolute_url()
        return reverse("call", args=[self.scheme.slug, self.year])

    def status(self, on: datetime.date) -> CallStatus:
        """Its status on that day, in Python: costs two queries, lists use `with_status`."""
        is_standing = self.scheme.is_standing
        is_superseded = False
        if is_standing and self.year:
            years = range(self.year + 1, on.year + 1)
            others = self.scheme.editions.filter(publication=Publication.PUBLISHED)
            is_superseded = others.filter(year__in=years).exists()
        facts = CallFacts(
            opens_on=self.opens_on,
            closes_on=self.closes_on,
            year=self.year,
            is_standing=is_standing,
            is_superseded=is_superseded,
            has_laureates=self.laureates.known_by(on).exists(),
        )
        return status_of(facts, on)

    @property
    def days_are_known(self) -> bool:
        """Both days of the call are known exactly."""
        return bool(
            self.opens_on and self.closes_on and self.opens_on.is_exact and self.closes_on.is_exact
        )
