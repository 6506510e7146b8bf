"""What people ask of the list of operators, drawn with a seed: a place, a stage, a kind, words.

One draw is asked of both sides: of the site by `query`, of Datasette by `bench.datasette`.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final
from urllib.parse import urlencode

#: The level of the place, in how many searches of 100; None: the whole of France.
LEVELS: Final = {"commune": 35, "epci": 20, "departement": 20, "region": 15, None: 10}
#: In how many searches of 100 each of the others is asked for too.
STAGE, KIND, THEME = 60, 25, 25


@dataclass(frozen=True)
class Place:
    """A commune, and the territories around it: {level: (code, name)}, itself included."""

    population: int
    around: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Search:
    """A search of operators. Empty means "not asked"."""

    level: str | None
    place: Place
    stage: str = ""
    kind: str = ""
    theme: str = ""
    words: str = ""

    @property
    def query(self) -> str:
        """The query string of the list, the map and the downloads."""
        level = self.level
        asked = {
            "q": self.words,
            "territoire": f"{level}:{self.place.around[level][0]}" if level else "",
            "etape": self.stage,
            "type": self.kind,
            "thematique": self.theme,
        }
        return urlencode({name: value for name, value in asked.items() if value}, safe=":")


def places() -> list[Place]:
    """Every commune of today with its EPCI, département and région."""
    from regions.models import Containment, Kind, Territory

    found: dict[int, Place] = {
        pk: Place(population or 1, {"commune": (code, name)})
        for pk, code, name, population in Territory.objects.communes()
        .order_by("code")
        .values_list("pk", "code", "name", "population")
    }
    inside = (
        Containment.objects.filter(
            territory__kind__in=[Kind.EPCI, Kind.DEPARTEMENT, Kind.REGION], valid_until=None
        )
        .order_by("territory__code")
        .values_list("commune_id", "territory__kind", "territory__code", "territory__name")
    )
    for commune, kind, code, name in inside:
        found[commune].around.setdefault(kind, (code, name))
    return list(found.values())


class Draw:
    """Draws searches; the populous places more often. Same seed, same searches."""

    def __init__(self, places: list[Place], words: dict[str, list[str]], seed: Any) -> None:
        """`words`: slugs of the vocabulary, by "stages", "kinds" and "themes"."""
        self.places, self.words, self.rng = places, words, random.Random(seed)
        self.weights = list(accumulate(place.population for place in places))

    def place(self) -> Place:
        return self.rng.choices(self.places, cum_weights=self.weights)[0]

    def searches(self, levels: Iterable[str | None] = LEVELS) -> Iterator[Search]:
        """Searches by filters alone, of these levels."""
        levels = list(levels)
        weights = [LEVELS[level] for level in levels]
        while True:
            place = self.place()
            level = self.rng.choices(levels, weights)[0]
            yield Search(
                self._known(level, place),
                place,
                self._maybe("stages", STAGE),
                self._maybe("kinds", KIND),
                self._maybe("themes", THEME),
            )

    def texts(self) -> Iterator[Search]:
        """Searches by words: a town; a kind and a town; a kind, in the département of a town."""
        while True:
            place = self.place()
            town = place.around["commune"][1]
            kind = self.rng.choice(self.words["kinds"]).replace("-", " ")
            chance = self.rng.random()
            if chance < 0.4:
                yield Search(None, place, words=town)
            elif chance < 0.7:
                yield Search(None, place, words=f"{kind} {town}")
            else:
                yield Search(self._known("departement", place), place, words=kind)

    def common_words(self) -> Iterator[Search]:
        """Searches by a word that a good share of the operators have: a kind, in all of France."""
        while True:
            kind = self.rng.choice(self.words["kinds"])
            yield Search(None, self.place(), words=kind.replace("-", " "))

    def _known(self, level: str | None, place: Place) -> str | None:
        """The level, or none where the place has no territory of it."""
        return level if level in place.around else None

    def _maybe(self, name: str, chance: int) -> str:
        return self.rng.choice(self.words[name]) if self.rng.random() * 100 < chance else ""


def apart(addresses: Iterable[str]) -> Iterator[str]:
    """The addresses, an address met again told from the first by a number that pages ignore.

    So two people's same question is asked twice of the database, and draws keep their shares.
    """
    seen: dict[str, int] = {}
    for address in addresses:
        times = seen[address] = seen.get(address, 0) + 1
        if times == 1:
            yield address
        else:
            yield f"{address}{'&' if '?' in address else '?'}tous={times}"
