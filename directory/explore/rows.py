"""The operators found as HTML.

The same operator is put together once; what differs from one search to another is put into the
holes of its row: the name and the description, whose words may be marked, and why it is there.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from django.utils.safestring import SafeString

from directory.models import Stage
from directory.moulds import HOLE, NO, Mould, Pieces, around, fill, items, safe
from directory.snapshot import Snapshot
from directory.snapshot.content import OperatorContent
from directory.snapshot.entries import OperatorEntry
from directory.snapshot.texts import Texts

_HOLES: Final = {"title": HOLE, "summary": HOLE, "why": HOLE}


class MadeRow(NamedTuple):
    """A row of the list, in UTF-8, but for its name, its description and why it is there.

    The last two: its Région as HTML, for when no reason is known; its description as text.
    """

    start: bytes
    to_summary: bytes
    to_why: bytes
    end: bytes
    region: bytes
    description: str

    @classmethod
    def read(cls, text: bytes) -> "MadeRow":
        """From its parts, a hole between each and the next."""
        start, to_summary, to_why, end, region, description = around(text)
        return cls(start, to_summary, to_why, end, region, description.decode())


def made_rows(snapshot: Snapshot, entries: Iterable[OperatorEntry]) -> dict[int, MadeRow]:
    """Operator, by primary key -> its row; at most one statement, for those not kept.

    None for an operator that was deleted meanwhile.
    """
    kept = snapshot.once("rows", Texts)
    found, missing = kept.part(entries)
    made = {pk: MadeRow.read(text) for pk, text in found.items()}
    if missing:
        contents = snapshot.contents.operators(entry.pk for entry in missing)
        for entry in missing:
            if operator := contents.get(entry.pk):
                text = _text(operator, snapshot.stages_of.get(entry.number, []))
                kept.put(entry.pk, text)
                made[entry.pk] = MadeRow.read(text.encode())
    return made


def row_html(
    made: MadeRow,
    name: str,
    reason: str,
    distance: str,
    marked: Callable[[str], SafeString] = safe,
) -> Pieces:
    """The row of an operator; `marked` makes HTML of its name and description."""
    summary = marked(made.description) if made.description else NO
    return Pieces(
        (
            *(made.start, marked(name)),
            *(made.to_summary, _SUMMARY(summary)),
            *(made.to_why, why_html(reason, distance) if reason else made.region, made.end),
        )
    )


def why_html(reason: str, distance: str, region: str = "") -> SafeString:
    """Why an operator was found, else its Région."""
    return _WHY(safe(reason), safe(distance), safe(region))


_SUMMARY: Final = Mould("directory/explore/summary.html", "text")
_WHY: Final = Mould("directory/explore/why.html", "reason", "distance", "region")


def _text(operator: OperatorContent, stages: Sequence[Stage]) -> str:
    values: dict[str, SafeString] = {
        **operator.html,
        **items("stages", map(_tag, stages)),
        **_HOLES,
    }
    row = fill("directory/explore/row.html", values)
    return HOLE.join((row, why_html("", "", operator.region), operator.description))


def _tag(stage: Stage) -> dict[str, SafeString]:
    return {"slug": SafeString(stage.slug), "name": safe(stage.name)}
