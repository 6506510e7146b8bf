"""Two to four territories of the same kind side by side, on the same grid."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from directory.gaps import StageGaps
from directory.models import Stage
from directory.snapshot import Snapshot
from directory.territory.sheet import StageColumn, TerritorySheet, territory_sheet
from directory.territory.surroundings import KIND_PLURALS
from regions.models import Containment, Kind, Territory, in_force
from regions.ordering import alphabetical
from regions.wording import of

#: Kinds short enough to choose from a list of all of them.
LISTED_KINDS = (Kind.REGION, Kind.DEPARTEMENT, Kind.PAYS, Kind.EPT, Kind.COLLECTIVITY)

#: The example shown to whoever has chosen nothing.
EXAMPLE = ("region:44", "region:27", "region:53")


@dataclass(frozen=True)
class StageRow:
    """One stage across the territories."""

    stage: Stage
    cells: list[StageColumn]


@dataclass(frozen=True)
class Spread:
    """The stage at which territories differ the most, by their share of communes."""

    stage: Stage
    least: StageGaps
    most: StageGaps

    @property
    def width(self) -> int:
        """In points of percentage."""
        return self.most.near_share.percent - self.least.near_share.percent

    @property
    def sentence(self) -> str:
        """Who has the smallest and the largest share of communes with an offer that is near."""
        least, most = (
            (f"{at.near_share.percent}\N{NO-BREAK SPACE}%", of(at.landscape.territory))
            for at in (self.least, self.most)
        )
        return (
            f"L’écart est le plus grand à l’étape {self.stage.name}\N{NO-BREAK SPACE}: une offre "
            f"de proximité répond dans {least[0]} des communes {least[1]}, dans {most[0]} de "
            f"celles {most[1]}."
        )


@dataclass(frozen=True)
class Comparison:
    sheets: list[TerritorySheet]
    rows: list[StageRow]

    @property
    def title(self) -> str:
        """ "Grand Est, Bourgogne-Franche-Comté et Bretagne"."""
        *first, last = (sheet.territory.label for sheet in self.sheets)
        return f"{', '.join(first)} et {last}"

    @property
    def spread(self) -> Spread | None:
        """None where nothing differs, where the directory is not filled for two of them, and for
        communes, which have no shares."""
        known = {
            sheet.territory
            for sheet in self.sheets
            if sheet.is_documented and sheet.territory.kind != Kind.COMMUNE
        }
        spreads = []
        for row in self.rows:
            gaps = [cell.gaps for cell in row.cells if cell.gaps.landscape.territory in known]
            gaps.sort(key=lambda at: at.near_share.percent)
            if len(gaps) > 1:
                spreads.append(Spread(row.stage, gaps[0], gaps[-1]))
        widest = max(spreads, key=lambda spread: spread.width, default=None)
        return widest if widest and widest.width else None


def compare(snapshot: Snapshot, territories: Sequence[Territory]) -> Comparison:
    """The sheets of these territories, turned stage by stage; one query per territory."""
    stages = snapshot.words.stages
    sheets = [territory_sheet(snapshot, place) for place in territories]
    rows = [
        StageRow(stage, [sheet.columns[number] for sheet in sheets])
        for number, stage in enumerate(stages)
    ]
    return Comparison(sheets, rows)


@dataclass(frozen=True)
class Choice:
    """A territory that may be chosen in the form."""

    key: str
    label: str


@dataclass(frozen=True)
class KindChoice:
    label: str
    url: str
    selected: bool


def comparison_url(territories: Sequence[Territory]) -> str:
    return keys_url([place.key for place in territories])


def keys_url(keys: Sequence[str]) -> str:
    query = urlencode([("t", key) for key in keys], safe=":")
    return f"{reverse('territory_compare')}?{query}"


def kind_to_choose(chosen: Sequence[Territory], asked: str) -> str:
    """The level of the form: that of what is chosen, else what is asked for, else régions."""
    if chosen:
        return chosen[0].kind
    return asked if asked in LISTED_KINDS else Kind.REGION


def kind_choices(current: str) -> list[KindChoice]:
    """The levels one can start from; an EPCI is compared from its own page."""
    address = reverse("territory_compare")
    return [
        KindChoice(KIND_PLURALS[kind].capitalize(), f"{address}?niveau={kind}", kind == current)
        for kind in LISTED_KINDS
    ]


def choices(kind: str, chosen: Sequence[Territory], on: datetime.date) -> list[Choice]:
    """What may stand beside: all of a short level; EPCI and communes of the same Régions or
    département as the first; 1 query."""
    places = Territory.objects.filter(kind=kind)
    if kind not in LISTED_KINDS:
        level = Kind.DEPARTEMENT if kind == Kind.COMMUNE else Kind.REGION
        around = Containment.objects.filter(
            in_force(on),
            territory__kind=level,
            commune__containments__territory=chosen[0],
        ).values("territory")
        inside = Containment.objects.filter(in_force(on), territory__in=around).values("commune")
        near = Territory.objects.filter(
            in_force(on, "members__"), kind=kind, members__commune__in=inside
        ).values("pk")
        places = places.filter(pk__in=near) | Territory.objects.filter(
            pk__in=[place.pk for place in chosen]
        )
    return [
        Choice(place.key, place.label)
        for place in places.order_by(alphabetical("name"), "code").only("kind", "code", "name")
    ]
