"""Neutral objects for tests: each test says only what matters to it."""

import datetime
from typing import Any

import factory
from factory.django import DjangoModelFactory

from directory.models import (
    Agreement,
    BornProject,
    CallEdition,
    Coverage,
    Funder,
    Funding,
    FundingScheme,
    Laureate,
    MethodStep,
    Milestone,
    Offer,
    Operator,
    OperatorKind,
    Publication,
    Resource,
    Stage,
    Theme,
)
from regions.models import KIND_ORDER, Containment, Kind, Territory

TODAY = datetime.date(2026, 11, 23)


class StageFactory(DjangoModelFactory[Stage]):
    class Meta:
        model = Stage
        django_get_or_create = ("slug",)

    slug = "emergence"
    name = factory.LazyAttribute(lambda stage: stage.slug.capitalize())
    position = factory.Sequence(lambda n: n + 1)
    question = "Où en êtes-vous ?"


class ThemeFactory(DjangoModelFactory[Theme]):
    class Meta:
        model = Theme
        django_get_or_create = ("slug",)

    slug = "alimentation"
    name = factory.LazyAttribute(lambda theme: theme.slug.capitalize())


class OperatorKindFactory(DjangoModelFactory[OperatorKind]):
    class Meta:
        model = OperatorKind
        django_get_or_create = ("slug",)

    slug = "incubateur"
    name = factory.LazyAttribute(lambda kind: kind.slug)
    plural = factory.LazyAttribute(lambda kind: kind.slug + "s")
    letter = "I"


class OperatorFactory(DjangoModelFactory[Operator]):
    class Meta:
        model = Operator

    slug = factory.Sequence(lambda n: f"operateur-{n}")
    name = factory.Sequence(lambda n: f"Opérateur {n:04}")
    kind = factory.SubFactory(OperatorKindFactory)
    publication = Publication.PUBLISHED
    source = "https://exemple.fr/source"


class OfferFactory(DjangoModelFactory[Offer]):
    class Meta:
        model = Offer

    operator = factory.SubFactory(OperatorFactory)
    stage = factory.SubFactory(StageFactory)
    summary = "Aide à démarrer."


class FundingSchemeFactory(DjangoModelFactory[FundingScheme]):
    class Meta:
        model = FundingScheme

    slug = factory.Sequence(lambda n: f"dispositif-{n}")
    name = factory.Sequence(lambda n: f"Dispositif {n}")
    kind = "aap"
    publication = Publication.PUBLISHED


class CallEditionFactory(DjangoModelFactory[CallEdition]):
    class Meta:
        model = CallEdition

    scheme = factory.SubFactory(FundingSchemeFactory)
    key = factory.Sequence(lambda n: f"appel-{n}")
    title = factory.Sequence(lambda n: f"Appel {n}")
    publication = Publication.PUBLISHED
    source = "https://exemple.fr/appel"


class FunderFactory(DjangoModelFactory[Funder]):
    class Meta:
        model = Funder

    slug = factory.Sequence(lambda n: f"financeur-{n}")
    name = factory.Sequence(lambda n: f"Financeur {n:04}")
    kind = "region"


class FundingFactory(DjangoModelFactory[Funding]):
    class Meta:
        model = Funding

    edition = factory.SubFactory(CallEditionFactory)
    funder = factory.SubFactory(FunderFactory)


class LaureateFactory(DjangoModelFactory[Laureate]):
    class Meta:
        model = Laureate

    edition = factory.SubFactory(CallEditionFactory)
    name = factory.Sequence(lambda n: f"Lauréat {n}")
    source = "https://exemple.fr/laureats"


class _RegionalFactory(DjangoModelFactory[Any]):
    """Something of a Région: give it `region`, a territory."""

    class Meta:
        abstract = True

    slug = factory.Sequence(lambda n: f"fait-{n}")
    source = "https://exemple.fr/region"


class AgreementFactory(_RegionalFactory):
    class Meta:
        model = Agreement

    name = factory.Sequence(lambda n: f"Signataire {n}")


class ResourceFactory(_RegionalFactory):
    class Meta:
        model = Resource

    title = factory.Sequence(lambda n: f"À lire {n}")
    kind = "article"


class MilestoneFactory(_RegionalFactory):
    class Meta:
        model = Milestone

    title = factory.Sequence(lambda n: f"Événement {n}")
    happened_on = "2017"


class BornProjectFactory(DjangoModelFactory[BornProject]):
    class Meta:
        model = BornProject

    slug = factory.Sequence(lambda n: f"projet-{n}")
    operator = factory.SubFactory(OperatorFactory)
    name = factory.Sequence(lambda n: f"Projet {n}")
    source = "https://exemple.fr/projet"


class MethodStepFactory(DjangoModelFactory[MethodStep]):
    class Meta:
        model = MethodStep

    operator = factory.SubFactory(OperatorFactory)
    position = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence(lambda n: f"Étape {n}")
    source = "https://exemple.fr/methode"


def territory(kind: str, code: str, name: str = "", **fields: Any) -> Territory:
    """A territory of that key."""
    return Territory.objects.create(kind=kind, code=code, name=name or code, **fields)


def compose(
    outer: Territory,
    communes: list[Territory],
    valid_from: datetime.date | None = None,
    valid_until: datetime.date | None = None,
) -> Territory:
    """Say which communes make up a territory, for a time."""
    Containment.objects.bulk_create(
        Containment(
            commune=commune, territory=outer, valid_from=valid_from, valid_until=valid_until
        )
        for commune in communes
    )
    Territory.objects.filter(pk=outer.pk).update(
        commune_count=outer.members.values("commune").distinct().count()
    )
    outer.refresh_from_db()
    return outer


class SmallFrance:
    """Six communes, on purpose awkward.

    a, b: EPCI e1, département d1, région r1.  c: EPCI e2, d1, r1.
    d: EPCI e2 too, but département d2, région r2 (e2 straddles both).
    e: no EPCI, d1, r1.  f: d2, r2, alone in its EPCI e3.
    Pays p1 held e1 and c until 2023, then only e1.
    """

    def __init__(self) -> None:
        points = {"a": (47.0, 6.0), "b": (47.1, 6.0), "c": (47.5, 6.0), "d": (47.6, 6.1)}
        self.communes = {}
        for name in "abcdef":
            latitude, longitude = points.get(name, (48.0, 7.0))
            commune = territory(
                Kind.COMMUNE,
                f"0100{'abcdef'.index(name) + 1}",
                name=f"Commune {name}",
                latitude=latitude,
                longitude=longitude,
                population=100,
            )
            compose(commune, [commune])
            self.communes[name] = commune
        self.e1 = self._outer(Kind.EPCI, "e1", "ab")
        self.e2 = self._outer(Kind.EPCI, "e2", "cd")
        self.e3 = self._outer(Kind.EPCI, "e3", "f")
        self.d1 = self._outer(Kind.DEPARTEMENT, "d1", "abce")
        self.d2 = self._outer(Kind.DEPARTEMENT, "d2", "df")
        self.r1 = self._outer(Kind.REGION, "r1", "abce")
        self.r2 = self._outer(Kind.REGION, "r2", "df")
        self.france = self._outer(Kind.COUNTRY, "france", "abcdef")
        self.p1 = territory(Kind.PAYS, "p1")
        compose(self.p1, [self.communes["a"], self.communes["b"]])
        compose(self.p1, [self.communes["c"]], valid_until=datetime.date(2023, 9, 21))
        self.everywhere = [
            *self.communes.values(),
            self.e1,
            self.e2,
            self.e3,
            self.p1,
            self.d1,
            self.d2,
            self.r1,
            self.r2,
            self.france,
        ]

    def _outer(self, kind: str, code: str, names: str) -> Territory:
        return compose(territory(kind, code), [self.communes[name] for name in names])

    def __getattr__(self, name: str) -> Territory:
        try:
            return self.__dict__["communes"][name]
        except KeyError:
            raise AttributeError(name) from None


def covers(
    subject: Operator | Offer | FundingScheme | CallEdition, place: Territory, **fields: Any
) -> Coverage:
    """Add a coverage row to an operator, an offer, a scheme or an edition."""
    owner = {
        Operator: "operator",
        Offer: "offer",
        FundingScheme: "scheme",
        CallEdition: "edition",
    }[type(subject)]
    return Coverage.objects.create(**{owner: subject}, territory=place, **fields)


__all__ = ["KIND_ORDER", "TODAY", "SmallFrance", "compose", "covers", "territory"]
