"""Who hands over to whom, from which stage to which, under which condition."""

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce, NullIf

from directory.models.facts import Sourced
from directory.models.operators import Operator
from directory.models.vocabulary import Network, OperatorKind, Stage
from regions.models import Dated, Territory


def _end_is_named(end: str) -> Q:
    return (
        Q(**{f"{end}_operator__isnull": False})
        | Q(**{f"{end}_kind__isnull": False})
        | Q(**{f"{end}_network__isnull": False})
        | ~Q(**{f"{end}_label": ""})
    )


class RelayQuerySet(models.QuerySet["Relay"]):
    def with_ends(self) -> "RelayQuerySet":
        """With all that naming both ends and the stages takes, in the same query."""
        return self.select_related(
            "from_operator",
            "from_kind",
            "from_network",
            "to_operator",
            "to_kind",
            "to_network",
            "from_stage",
            "to_stage",
        )

    def with_destination(self) -> "RelayQuerySet":
        """With `destination` and `destination_slug`: `to_name`, and the address if it has one."""
        label = NullIf("to_label", Value(""))
        names = ("to_operator__name", "to_network__name", "to_kind__name")
        return self.annotate(
            destination=Coalesce(label, *names, Value("")),
            destination_slug=Coalesce("to_operator__slug", Value("")),
        )

    def touching(self, operator: Operator, end: str) -> "RelayQuerySet":
        """Relays whose `end` ("from" or "to") is the operator, by name, kind or network."""
        networks = operator.networks.values("pk")
        generic = (Q(**{f"{end}_kind": operator.kind_id}) | Q(**{f"{end}_kind__isnull": True})) & (
            Q(**{f"{end}_network__in": networks}) | Q(**{f"{end}_network__isnull": True})
        )
        named = Q(**{f"{end}_kind__isnull": False}) | Q(**{f"{end}_network__isnull": False})
        reach = (
            Q(territory__isnull=True)
            | Q(territory__in=operator.coverage.order_by().values("territory"))
            | Q(territory=operator.region_id)
        )
        return self.filter(Q(**{f"{end}_operator": operator}) | (named & generic & reach))


class Relay(Sourced, Dated):
    """A handover. Each end is one operator, or "whoever of that kind or network serves the place".

    "The DLA of the département" is `to_kind=dla` within `territory`: on a pathway it becomes the
    DLA that serves the commune. An end that sources leave unnamed keeps only its label.
    """

    from_operator = models.ForeignKey(
        Operator,
        verbose_name="de l’opérateur",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="relays_out",
    )
    from_kind = models.ForeignKey(
        OperatorKind,
        verbose_name="de tout opérateur de type",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    from_network = models.ForeignKey(
        Network,
        verbose_name="de tout membre du réseau",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    from_label = models.CharField("de (en toutes lettres)", max_length=200, blank=True)
    to_operator = models.ForeignKey(
        Operator,
        verbose_name="vers l’opérateur",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="relays_in",
    )
    to_kind = models.ForeignKey(
        OperatorKind,
        verbose_name="vers tout opérateur de type",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    to_network = models.ForeignKey(
        Network,
        verbose_name="vers tout membre du réseau",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    to_label = models.CharField("vers (en toutes lettres)", max_length=200, blank=True)
    territory = models.ForeignKey(
        Territory,
        verbose_name="sur le territoire",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Vide : partout où les deux interviennent.",
    )
    from_stage = models.ForeignKey(
        Stage,
        verbose_name="de l’étape",
        on_delete=models.PROTECT,
        related_name="relays_from",
    )
    to_stage = models.ForeignKey(
        Stage,
        verbose_name="à l’étape",
        on_delete=models.PROTECT,
        related_name="relays_to",
    )
    condition = models.CharField("quand", max_length=400, blank=True)
    is_internal = models.BooleanField("étape interne à l’opérateur", default=False)

    objects = RelayQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = "passage de relais"
        verbose_name_plural = "passages de relais"
        ordering = ["from_stage__position", "to_stage__position", "pk"]
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=_end_is_named("from") & _end_is_named("to"),
                name="directory_relay_ends_named",
                violation_error_message="Dites de qui et vers qui se fait le relais.",
            ),
            models.CheckConstraint(
                condition=Q(from_operator__isnull=True)
                | Q(from_kind__isnull=True, from_network__isnull=True),
                name="directory_relay_from_one_way",
                violation_error_message="Départ : un opérateur précis, ou un type ou un réseau, "
                "pas les deux.",
            ),
            models.CheckConstraint(
                condition=Q(to_operator__isnull=True)
                | Q(to_kind__isnull=True, to_network__isnull=True),
                name="directory_relay_to_one_way",
                violation_error_message="Arrivée : un opérateur précis, ou un type ou un réseau, "
                "pas les deux.",
            ),
            models.CheckConstraint(
                condition=~Q(source=""),
                name="directory_relay_sourced",
                violation_error_message="Indiquez la source du relais.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_name} → {self.to_name}"

    @property
    def from_name(self) -> str:
        end = self.from_operator or self.from_network or self.from_kind
        return self.from_label or (end.name if end else "")

    @property
    def to_name(self) -> str:
        end = self.to_operator or self.to_network or self.to_kind
        return self.to_label or (end.name if end else "")
