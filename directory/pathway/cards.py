"""The offers of a pathway as HTML: cards in full, then lines; the same offer is put together once.

What a card says of the operator and the offer is the same in every commune; the reason, the relays
and the mark of the first contact are put into its holes.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from django.utils.safestring import SafeString

from directory.moulds import HOLE, NO, YES, Mould, Pieces, around, fill, safe
from directory.pathway.shape import Match, RelayLine
from directory.snapshot import Snapshot
from directory.snapshot.content import OfferContent, OperatorContent
from directory.snapshot.entries import OfferEntry
from directory.snapshot.texts import Texts

_HOLES: Final = {
    "first_class": HOLE,
    "first_mark": HOLE,
    "reason": HOLE,
    "relays": HOLE,
}


def cards_html(snapshot: Snapshot, matches: Sequence[Match]) -> dict[int, Pieces]:
    """Offer, by primary key -> its card in full; none for an offer deleted meanwhile."""
    made = made_cards(snapshot, [match.entry for match in matches])
    return {
        match.entry.pk: with_holes_filled(made[match.entry.pk], match)
        for match in matches
        if match.entry.pk in made
    }


def made_cards(snapshot: Snapshot, entries: Iterable[OfferEntry]) -> dict[int, bytes]:
    """Offer, by primary key -> its card in UTF-8, with holes; two statements at most."""
    kept = snapshot.once("cards", Texts)
    made, missing = kept.part(entries)
    if missing:
        operators = snapshot.contents.operators(entry.operator.pk for entry in missing)
        offers = snapshot.contents.offers(entry.pk for entry in missing)
        for entry in missing:
            if entry.operator.pk in operators and entry.pk in offers:
                text = card(operators[entry.operator.pk], offers[entry.pk], _HOLES)
                kept.put(entry.pk, text)
                made[entry.pk] = text.encode()
    return made


def card(operator: OperatorContent, offer: OfferContent, rest: dict[str, SafeString]) -> SafeString:
    """An offer in full; `rest` is what differs from one commune to another."""
    return fill("components/operator_card.html", {**operator.html, **offer.html(operator), **rest})


def with_holes_filled(made: bytes, match: Match) -> Pieces:
    """The card of this match: in the order of its template."""
    start, to_mark, to_reason, to_relays, end = around(made)
    is_first = match.is_first_contact
    return Pieces(
        (
            *(start, FIRST_CLASS if is_first else ""),
            *(to_mark, first_mark() if is_first else ""),
            *(to_reason, safe(match.reason)),
            *(to_relays, relays_html(match.relays), end),
        )
    )


FIRST_CLASS: Final = SafeString(" operator--first")


def first_mark() -> SafeString:
    """What distinguishes the best first contact."""
    return fill("components/first_contact.html", {})


def line_html(match: Match) -> SafeString:
    """The match in short."""
    operator = match.entry.operator
    return _LINE(
        SafeString(operator.slug),
        safe(operator.name),
        SafeString(operator.url),
        safe(operator.kind.name),
        YES if operator.is_example else NO,
        safe(match.entry.title),
        safe(match.reason),
        _relays_in_words(match.relays) if match.relays else NO,
    )


_LINE: Final = Mould(
    "components/operator_line.html",
    *("operator.slug", "operator.name", "operator.url", "operator.kind", "operator.is_example"),
    *("offer.title", "reason", "relays"),
)


def relays_html(relays: Sequence[RelayLine]) -> SafeString:
    """Where a match leads on to; empty when nowhere is known."""
    if not relays:
        return NO
    rows = [
        _RELAY(
            safe(relay.to_name),
            SafeString(relay.to_url or ""),
            SafeString(relay.to_anchor),
            safe(relay.to_stage_name),
            YES if relay.is_internal else NO,
            safe(relay.condition),
        )
        for relay in relays
    ]
    return fill("components/relays.html", {"relays": SafeString("".join(rows))})


_RELAY: Final = Mould(
    "components/relay.html",
    *("relay.to_name", "relay.to_url", "relay.to_anchor", "relay.to_stage_name"),
    *("relay.is_internal", "relay.condition"),
)


def _relays_in_words(relays: list[RelayLine]) -> SafeString:
    return SafeString(" ; ".join(map(_relay_in_words, relays)))


def _relay_in_words(relay: RelayLine) -> SafeString:
    return _RELAY_IN_WORDS(
        safe(relay.to_name), SafeString(relay.to_url or ""), safe(relay.condition)
    )


_RELAY_IN_WORDS: Final = Mould(
    "components/relay_in_words.html", "relay.to_name", "relay.to_url", "relay.condition"
)
