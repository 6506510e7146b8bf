"""The offers that serve a commune, ranked stage by stage, and the nearest that do not."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import dist
from typing import Final, NamedTuple

from pyroaring import BitMap

from directory.doors import Door
from directory.models import Operator, Stage, Theme
from directory.pathway.shape import Match, Near
from directory.places import Place
from directory.snapshot import Snapshot
from directory.snapshot.entries import OfferEntry, OperatorEntry
from regions.distance import along_the_ground, vector
from regions.wording import covers_sentence, distance_label

#: The most one stage ever shows, when asked for in full.
EVERYTHING: Final = 500
#: Sorts operators of unknown place after all others.
FAR: Final = 1e9


class Ranked(NamedTuple):
    """An offer that serves the commune, through the territory of that rank (narrowest first).

    `fit` is how much it says it is for what is asked; `fits` is False when it says otherwise.
    """

    offer: OfferEntry
    rank: int
    fit: int
    fits: bool
    distance_km: float | None


@dataclass(frozen=True)
class StageRanking:
    """The first offers of a stage in the order of the rule, and how many there are in all."""

    first: list[Ranked]
    total: int
    fitting: int


def ranked_offers(
    snapshot: Snapshot,
    place: Place,
    door: Door | None,
    theme: Theme | None,
    limit: int,
    in_full: str,
) -> dict[int, StageRanking]:
    """What serves the commune, by primary key of its stage; `limit` of each, all of `in_full`."""
    enclosing = [territory.pk for territory in place.territories]
    serving = snapshot.coverage.by_rank(enclosing)
    served = BitMap.union(BitMap(), *serving)
    chords, fit = chords_from(snapshot, place), fit_to(door, theme)
    rankings = {}
    for stage in snapshot.words.stages:
        here = snapshot.at_stage(stage)
        if total := served.intersection_cardinality(here):
            most = EVERYTHING if stage.slug == in_full else limit
            by_rank = (offers & here for offers in serving)
            if fit is None:
                groups, fitting = _by_rank(snapshot, by_rank), total
            else:
                groups, fitting = _by_fit(snapshot, by_rank, fit)
            rankings[stage.pk] = StageRanking(_first(groups, chords, most), total, fitting)
    return rankings


Fit = Callable[[OfferEntry], tuple[int, bool]]
#: Some offers, each with how far its operator is from the commune in a straight line.
Placed = list[tuple[float, OfferEntry]]
Chords = Callable[[Iterable[OfferEntry]], Placed]


def fit_to(door: Door | None, theme: Theme | None) -> Fit | None:
    """How an offer answers: (degree, whether it may); None when nothing in particular is asked.

    An offer that says nothing on the matter may answer, after those that say yes.
    """
    if door is None and theme is None:
        return None

    def fit(offer: OfferEntry) -> tuple[int, bool]:
        degree, may = 0, True
        if door:
            degree += door.answers(offer)
            may = door.may_answer(offer)
        if theme:
            devoted = theme.pk in offer.themes
            degree += 2 * devoted
            may = may and (devoted or not offer.themes)
        return degree, may

    return fit


class Group(NamedTuple):
    """Offers of a stage that only their distance puts in order."""

    fit: int
    fits: bool
    rank: int
    offers: Iterable[OfferEntry]


def _by_rank(snapshot: Snapshot, by_rank: Iterable[BitMap]) -> Iterator[Group]:
    """In the order of the rule; groups after the last that is shown are never made."""
    for rank, offers in enumerate(by_rank):
        yield Group(0, True, rank, map(snapshot.offer_of.__getitem__, offers))


def _by_fit(snapshot: Snapshot, by_rank: Iterable[BitMap], fit: Fit) -> tuple[Iterator[Group], int]:
    """The same for who asks for something in particular; and how many say they are for it."""
    groups: dict[tuple[bool, int, int], list[OfferEntry]] = defaultdict(list)
    fitting = 0
    for rank, offers in enumerate(by_rank):
        for pk in offers:
            offer = snapshot.offer_of[pk]
            degree, may = fit(offer)
            groups[not may, -degree, rank].append(offer)
            fitting += may
    in_order = sorted(groups.items(), key=lambda group: group[0])
    made = (Group(-less, not out, rank, offers) for (out, less, rank), offers in in_order)
    return made, fitting


def _first(groups: Iterable[Group], chords: Chords, limit: int) -> list[Ranked]:
    """The first offers; only those of the groups that are shown are put in order."""
    first: list[Ranked] = []
    for fit, fits, rank, offers in groups:
        near_first = sorted(chords(offers))  # then by their number
        first += [
            Ranked(offer, rank, fit, fits, _kilometres(chord))
            for chord, offer in near_first[: limit - len(first)]
        ]
        if len(first) >= limit:
            break
    return first


def chords_from(snapshot: Snapshot, place: Place) -> Chords:
    """Straight distances from the commune on a unit sphere, in the order of the real ones.

    `FAR` when it is unknown.
    """
    latitude, longitude = place.commune.latitude, place.commune.longitude
    if latitude is None or longitude is None:
        return lambda offers: [(FAR, offer) for offer in offers]
    here, vectors = vector(latitude, longitude), snapshot.vectors

    def chords(offers: Iterable[OfferEntry]) -> Placed:
        return [
            (FAR if (there := vectors[offer.operator.number]) is None else dist(here, there), offer)
            for offer in offers
        ]

    return chords


def _kilometres(chord: float) -> float | None:
    return None if chord == FAR else along_the_ground(chord)


def matches_of(ranked: Iterable[Ranked], place: Place) -> list[Match]:
    """The ranked offers, and why each is there."""
    sentences = [covers_sentence(territory) for territory in place.territories]
    here = place.commune.pk
    return [
        Match(
            entry=one.offer,
            via=place.territories[one.rank],
            via_sentence=sentences[one.rank],
            distance_km=one.distance_km,
            fit=one.fit,
            fits=one.fits,
            same_commune=one.offer.operator.commune == here,
        )
        for one in ranked
    ]


def add_contents(snapshot: Snapshot, matches: Sequence[Match]) -> None:
    """Give these matches their `contents`; two statements at most."""
    operators = snapshot.contents.operators(match.entry.operator.pk for match in matches)
    offers = snapshot.contents.offers(match.entry.pk for match in matches)
    for match in matches:
        operator, offer = operators.get(match.entry.operator.pk), offers.get(match.entry.pk)
        if operator and offer:  # neither was deleted since the snapshot
            match.contents_or_none = operator, offer


def nearest_elsewhere(snapshot: Snapshot, stages: Iterable[Stage], place: Place) -> dict[int, Near]:
    """For each of these stages, the nearest offer; asked only where none serves the commune."""
    chords = chords_from(snapshot, place)
    best: dict[int, Near] = {}
    for stage in stages:
        offers = (offer for offer in snapshot.offers if offer.stage == stage.pk)
        chord, offer = min(chords(offers), default=(FAR, None))
        if offer and chord != FAR:
            best[stage.pk] = near(offer.operator, along_the_ground(chord))
    return best


def near(operator: OperatorEntry | Operator, kilometres_away: float | None) -> Near:
    """An operator that does not serve the place, and how far it is when known."""
    return Near(
        operator_name=operator.name,
        url=operator.url if isinstance(operator, OperatorEntry) else operator.get_absolute_url(),
        kind_name=operator.kind.name,
        distance_label=distance_label(kilometres_away),
    )
