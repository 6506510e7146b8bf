"""The page of a territory as the address asks for it: at which stage, counting which offers."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.templatetags.static import static
from django.urls import reverse

from directory.days import on_day
from directory.documentation import REGIONAL_KINDS
from directory.gaps import CommuneFacts, Counting, Share, StageGaps
from directory.maps import GROUND, outline_url, tiles
from directory.models import Stage
from directory.models.facts import french_number
from directory.policy.lookup import region_url
from directory.territory.cells import Cell, LegendLine, cells_of, draws_epci, legend
from directory.territory.lookup import territory_url
from directory.territory.sheet import CALLS_SHOWN, TerritoryCall, TerritorySheet
from directory.territory.surroundings import (
    Initial,
    NeighbourGroup,
    communes_by_initial,
    contents,
    enclosing,
    straddles,
)
from regions.models import Kind

ANSWER_WORDS = {
    Counting.NEAR: "une offre de proximité",
    Counting.LOCAL: "une offre de proximité ou régionale",
    Counting.ALL: "une offre, nationale comprise,",
}
COUNTING_LABELS = {
    Counting.NEAR: "Offres de proximité",
    Counting.LOCAL: "et régionales",
    Counting.ALL: "et nationales",
}

#: Uncovered communes that the page lists; the file has them all.
LISTED = 40


def communes_of(share: Share) -> str:
    """ "896 communes, 2 033 412 habitants"."""
    noun = "commune" if share.communes == 1 else "communes"
    people = f"{french_number(share.population)} habitants"
    return f"{french_number(share.communes)} {noun}, {people}"


@dataclass(frozen=True)
class MapChoice:
    """One way to look at the map."""

    label: str
    url: str
    selected: bool
    stage: Stage | None = None


@dataclass(frozen=True)
class Lacking:
    """The communes where nobody answers at one stage, as the address asks."""

    at: StageGaps
    communes: list[CommuneFacts]
    csv_url: str

    @property
    def shown(self) -> list[CommuneFacts]:
        return self.communes[:LISTED]

    @property
    def hidden_count(self) -> int:
        return max(0, len(self.communes) - LISTED)

    @property
    def population(self) -> int:
        return self.at.landscape.people(facts.pk for facts in self.communes)


@dataclass(frozen=True)
class TerritoryPage:
    sheet: TerritorySheet
    stage: Stage | None
    counting: Counting

    @property
    def counts_all(self) -> bool:
        return self.counting == Counting.ALL

    @property
    def answer_words(self) -> str:
        """ "une offre de proximité": what counts as an answer, as the address asks."""
        return ANSWER_WORDS[self.counting]

    @property
    def title(self) -> str:
        """ "Région Bretagne", "Le département du Doubs" would need an article: kind then name."""
        return self.sheet.territory.label

    @property
    def is_commune(self) -> bool:
        return self.sheet.land.is_commune

    @property
    def kind_label(self) -> str:
        return str(Kind(self.sheet.territory.kind).label).capitalize()

    @cached_property
    def straddles(self) -> str:
        return ", ".join(straddles(self.sheet.land))

    @cached_property
    def in_words(self) -> list[str]:
        """What the figures say, for whoever reads one sentence: nobody first, then who is far."""
        if self.is_commune or not self.sheet.is_documented:
            return []
        gaps = [at for at in self.sheet.gaps if at.gaps]
        words = [
            f"À l’étape {at.stage.name}, personne ne répond dans {communes_of(at.gap_share)}."
            for at in gaps
        ] or ["À chaque étape, au moins une offre répond dans chaque commune."]
        far = [at for at in self.sheet.gaps if len(at.near) < self.sheet.commune_count]
        if far:
            worst = min(far, key=lambda at: len(at.near))
            lacking = self.sheet.land.share(worst.lacking(Counting.NEAR))
            where = f"à l’étape {worst.stage.name}"
            if len(far) == 1:
                start = f"Une offre de proximité manque {where}"
            else:
                start = f"Une offre de proximité manque le plus {where}"
            words.append(f"{start} : {communes_of(lacking)}.")
        else:
            words.append("Partout, l’une d’elles est de proximité.")
        return words

    @cached_property
    def enclosing(self) -> list[NeighbourGroup]:
        return enclosing(self.sheet.land)

    @cached_property
    def contents(self) -> list[NeighbourGroup]:
        return contents(self.sheet.land)

    @cached_property
    def initials(self) -> list[Initial]:
        return communes_by_initial(self.sheet.land)

    @property
    def compare_url(self) -> str:
        query = urlencode({"t": self.sheet.territory.key}, safe=":")
        return f"{reverse('territory_compare')}?{query}"

    @property
    def pathway_url(self) -> str:
        """The pathway of a commune; empty for wider territories."""
        place = self.sheet.territory
        return on_day(place.get_absolute_url(), self.sheet.land.on) if self.is_commune else ""

    @property
    def region_url(self) -> str:
        """The policy of the Région, when the territory is one; empty otherwise."""
        place = self.sheet.territory
        if place.kind not in REGIONAL_KINDS:
            return ""
        return on_day(region_url(place), self.sheet.land.on)

    @property
    def current_calls(self) -> list[TerritoryCall]:
        return self.sheet.calls[:CALLS_SHOWN]

    @property
    def further_calls(self) -> list[TerritoryCall]:
        return self.sheet.calls[CALLS_SHOWN:]

    def url(self, **changes: Any) -> str:
        """This page with another stage, or counting other offers."""
        stage = changes.get("stage", self.stage)
        counting = changes.get("counting", self.counting)
        query = {"etape": stage.slug} if stage else {}
        if counting != Counting.NEAR:
            query["offres"] = counting.value
        address = territory_url(self.sheet.territory)
        return on_day(address + (f"?{urlencode(query)}" if query else ""), self.sheet.land.on)

    # --- The map ---

    @cached_property
    def cells(self) -> list[Cell]:
        return [] if self.is_commune else cells_of(self.sheet.land, self.sheet.gaps)

    @property
    def draws_epci(self) -> bool:
        return draws_epci(self.sheet.land)

    @property
    def position(self) -> int:
        """Which of the classes of a cell the map shows; see `cells.classes_of`."""
        if self.stage is None:
            return list(Counting).index(self.counting)
        return len(Counting) + [at.stage for at in self.sheet.gaps].index(self.stage)

    @cached_property
    def legend(self) -> list[LegendLine]:
        return legend(self.cells, self.position, len(self.sheet.gaps))

    @property
    def map_choices(self) -> list[MapChoice]:
        anchor = "#zones-blanches"
        everything = MapChoice(
            "Toutes les étapes", self.url(stage=None) + anchor, self.stage is None
        )
        return [
            everything,
            *(
                MapChoice(
                    at.stage.name,
                    self.url(stage=at.stage) + anchor,
                    at.stage == self.stage,
                    at.stage,
                )
                for at in self.sheet.gaps
            ),
        ]

    @property
    def offer_choices(self) -> list[MapChoice]:
        anchor = "#zones-blanches"
        return [
            MapChoice(label, self.url(counting=counting) + anchor, counting == self.counting)
            for counting, label in COUNTING_LABELS.items()
        ]

    @property
    def map_data(self) -> dict[str, Any]:
        """What static/js/map/territory.js needs; the legend of the page says the classes."""
        place = self.sheet.territory
        return {
            "tiles": tiles(),
            "ground": static(GROUND),
            "outline": outline_url(place),
            "cells": None
            if self.is_commune
            else on_day(
                reverse("territory_communes", args=[place.kind, place.code]), self.sheet.land.on
            ),
            "position": self.position,
            "labels": {line.css: line.label for line in self.legend},
            "latitude": place.latitude,
            "longitude": place.longitude,
        }

    # --- The lists ---

    @cached_property
    def lacking(self) -> list[Lacking]:
        """The stage looked at, or each of them, with the communes where nobody answers."""
        return [
            Lacking(
                at,
                self.sheet.land.listed(at.lacking(self.counting)),
                self.csv_url(at.stage),
            )
            for at in self.sheet.gaps
            if self.stage in (None, at.stage)
        ]

    def csv_url(self, stage: Stage | None = None) -> str:
        place = self.sheet.territory
        query = {"etape": stage.slug} if stage else {}
        if not self.counts_all:
            query["offres"] = self.counting.value
        address = reverse("territory_gaps_csv", args=[place.kind, place.code, place.slug])
        return on_day(address + (f"?{urlencode(query)}" if query else ""), self.sheet.land.on)

    @property
    def all_csv_url(self) -> str:
        return self.csv_url()
