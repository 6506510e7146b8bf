"""Where an offer is open: typed, included or excluded, dated and sourced rows."""

from collections.abc import Iterable

from django.db import models
from django.db.models import Exists, OuterRef, Q

from directory.models.facts import Sourced
from directory.models.operators import Operator
from regions.models import Dated, Outline, Territory

SUBJECTS = ("operator", "offer", "scheme", "edition")


def _exactly_one_subject() -> Q:
    alternatives = [
        Q(**{f"{other}__isnull": other != subject for other in SUBJECTS}) for subject in SUBJECTS
    ]
    one_of = alternatives[0]
    for alternative in alternatives[1:]:
        one_of |= alternative
    return one_of


class CoverageQuerySet(models.QuerySet["Coverage"]):
    def of_operator(self, operator: Operator, offers: Iterable[int]) -> "CoverageQuerySet":
        """The operator's own rows and those of its offers, the included ones first.

        `offers`: their primary keys. To look for them here would read the whole table.
        """
        return (
            self.filter(Q(operator=operator) | Q(offer__in=list(offers)))
            .select_related("offer__stage", "territory")
            .annotate(is_outlined=Exists(Outline.objects.filter(territory=OuterRef("territory"))))
            .order_by("excluded", "offer__stage__position", "territory__name", "pk")
        )


class Coverage(Sourced, Dated):
    """A territory where an operator, one of its offers, a scheme or a call is open, or is not.

    No row at all means "unknown", never "everywhere": the whole country is an explicit row.
    """

    operator = models.ForeignKey(
        "directory.Operator",
        verbose_name="opérateur",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="coverage",
    )
    offer = models.ForeignKey(
        "directory.Offer",
        verbose_name="offre",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="own_coverage",
        help_text="Seulement si l’offre a une zone différente de celle de l’opérateur.",
    )
    scheme = models.ForeignKey(
        "directory.FundingScheme",
        verbose_name="dispositif",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="coverage",
    )
    edition = models.ForeignKey(
        "directory.CallEdition",
        verbose_name="édition d’un appel",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="own_coverage",
    )
    territory = models.ForeignKey(
        Territory,
        verbose_name="territoire",
        on_delete=models.PROTECT,
        related_name="coverage",
    )
    excluded = models.BooleanField(
        "territoire exclu",
        default=False,
        help_text="Coché : l’offre n’y est pas ouverte.",
    )

    objects = CoverageQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = "zone d’intervention"
        verbose_name_plural = "zones d’intervention"
        ordering = ["excluded", "territory_id", "valid_from", "pk"]
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=_exactly_one_subject(),
                name="directory_coverage_one_subject",
                violation_error_message="Une zone porte sur un seul opérateur, offre, dispositif "
                "ou édition d’appel.",
            ),
            models.UniqueConstraint(
                fields=[*SUBJECTS, "territory", "excluded", "valid_from"],
                nulls_distinct=False,
                name="directory_coverage_once",
                violation_error_message="Ce territoire figure déjà dans la zone d’intervention.",
            ),
        ]

    def __str__(self) -> str:
        return f"{'sauf ' if self.excluded else ''}{self.territory}"

    @property
    def place(self) -> Territory:
        """The territory, `has_outline` known: of a row read by `of_operator`."""
        self.territory.has_outline = self.is_outlined  # type: ignore[attr-defined]
        return self.territory


class EffectiveCoverage(models.Model):
    """The rows that count for each offer and each edition: their own, or the inherited ones.

    A database view (migration 0002): an offer without rows of its own takes its operator's,
    an edition its scheme's, and a row that names a former commune counts for the current one.
    Read only; the only place where inheritance is written.
    """

    coverage = models.OneToOneField(
        Coverage,
        primary_key=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
    )
    offer = models.ForeignKey(
        "directory.Offer",
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="effective_coverage",
        db_constraint=False,
    )
    edition = models.ForeignKey(
        "directory.CallEdition",
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="effective_coverage",
        db_constraint=False,
    )
    territory = models.ForeignKey(
        Territory, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    excluded = models.BooleanField()
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)

    class Meta:
        managed = False
        db_table = "directory_effectivecoverage"

    def __str__(self) -> str:
        return f"{self.offer_id or self.edition_id} : {self.territory_id}"
