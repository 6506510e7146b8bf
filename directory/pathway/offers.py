"""The offers that serve a commune, ranked stage by stage, and the nearest that do not."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import dist
from typing import Final, NamedTuple

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
    at_stage: dict[int, dict[int, list[OfferEntry]]] = {
        stage.pk: defaultdict(list) for stage in snapshot.words.stages
    }
    offer_of = snapshot.offer_of
    for pk, rank in snapshot.coverage.serving(enclosing).items():
        offer = offer_of[pk]
        at_stage[offer.stage][rank].append(offer)
    chords = chords_from(snapshot, place)
    return {
        stage: _ranking(
            by_rank,
            chords,
            fit_to(door, theme),
            EVERYTHING if snapshot.stage(stage).slug == in_full else limit,
        )
        for stage, by_rank in at_stage.items()
        if by_rank
    }


Fit = Callable[[OfferEntry], tuple[int, bool]]
#: How far the operators of some offers are from the commune in a straight line; `FAR`: unknown.
Chords = Callable[[Iterable[OfferEntry]], list[float]]


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


def _ranking(
    by_rank: dict[int, list[OfferEntry]],
    chords: Chords,
    fit: Fit | None,
    limit: int,
) -> StageRanking:
    """Groups of the same fit and rank in order; only those that are shown are put in order."""
    total = fitting = sum(map(len, by_rank.values()))
    groups: dict[tuple[bool, int, int], list[OfferEntry]]
    if fit is None:
        groups = {(False, 0, rank): offers for rank, offers in by_rank.items()}
    else:
        groups = defaultdict(list)
        for rank, offers in by_rank.items():
            for offer in offers:
                degree, may = fit(offer)
                groups[not may, -degree, rank].append(offer)
                fitting -= not may
    first: list[Ranked] = []
    for (misfit, degree, rank), offers in sorted(groups.items()):
        if len(first) >= limit:
            break
        near_first = sorted(zip(chords(offers), offers, strict=True))  # then by their number
        first += [
            Ranked(offer, rank, -degree, not misfit, _kilometres(chord))
            for chord, offer in near_first[: limit - len(first)]
        ]
    return StageRanking(first, total, fitting)


def chords_from(snapshot: Snapshot, place: Place) -> Chords:
    """Straight distances from the commune on a unit sphere: in the order of the real ones."""
    latitude, longitude = place.commune.latitude, place.commune.longitude
    if latitude is None or longitude is None:
        return lambda offers: [FAR for _ in offers]
    here, vectors = vector(latitude, longitude), snapshot.vectors

    def chords(offers: Iterable[OfferEntry]) -> list[float]:
        points = [vectors[offer.operator.number] for offer in offers]
        return [FAR if there is None else dist(here, there) for there in points]

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
        offers = [offer for offer in snapshot.offers if offer.stage == stage.pk]
        chord, offer = min(zip(chords(offers), offers, strict=True), default=(FAR, None))
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
