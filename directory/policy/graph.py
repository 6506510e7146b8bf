"""The chain of a Région as a drawing: a column per stage, a box per kind of operator, a line per
relay. Only places and words are computed here; `templates/regions/graph.html` draws them."""

import textwrap
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from directory.models import Network, Stage
from directory.policy.actors import Actor, kinds_at
from directory.policy.relays import DeadEnd, Handover

#: All in units of the drawing, which is as wide as the page on a desk.
WIDTH: Final = 1180
BOX: Final = 222
TOP: Final = 46
LINE: Final = 18
PADDING: Final = 13
GAP: Final = 20
#: Relays that skip a stage pass above the boxes, each on a line of its own.
LANE: Final = 14
LETTERS: Final = 24

Key = tuple[str, str, int]  # what, which, stage


@dataclass
class Node:
    """A box: a kind of operator at a stage, or someone that sources name in words only."""

    key: Key
    lines: list[str]
    note: str
    is_known: bool = True
    dead: str = ""  # "sans suite connue", when nothing leads on from there
    x: float = 0
    y: float = 0

    @property
    def height(self) -> int:
        rows = len(self.lines) + bool(self.note) + bool(self.dead)
        return rows * LINE + 2 * PADDING - 4

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def stop_y(self) -> float:
        """Where the mark of a dead end stands: low on the right, clear of the lines."""
        return self.y + self.height - 13

    @property
    def port_height(self) -> float:
        """What lines may leave and enter from."""
        return self.height - (20 if self.dead else 0)

    @property
    def right(self) -> float:
        return self.x + BOX

    @property
    def texts(self) -> list[tuple[str, float, str]]:
        """(class of the line, its baseline, its words)."""
        rows = [("name", line) for line in self.lines]
        rows += [("note", self.note)] if self.note else []
        rows += [("dead", self.dead)] if self.dead else []
        return [
            (css, self.y + PADDING + LINE * number + 12, text)
            for number, (css, text) in enumerate(rows)
        ]

    @property
    def text_x(self) -> float:
        return self.x + 14


@dataclass(frozen=True)
class Column:
    stage: Stage
    x: float
    nodes: list[Node]


@dataclass(frozen=True)
class Edge:
    """A line from a box to another. `path` is an SVG path."""

    path: str
    is_internal: bool


@dataclass(frozen=True)
class Graph:
    columns: list[Column]
    edges: list[Edge]
    height: float
    width: int = WIDTH
    box: int = BOX

    @property
    def has_relays(self) -> bool:
        return bool(self.edges)


@dataclass
class _Drawing:
    """Boxes by key and the pairs of boxes that relays join, as they are found."""

    stages: Sequence[Stage]
    actors: Sequence[Actor]
    networks: dict[int, Network]
    nodes: dict[Key, Node] = field(default_factory=dict)
    pairs: dict[tuple[Key, Key], bool] = field(default_factory=dict)  # is it internal?


def draw(
    stages: Sequence[Stage],
    actors: Sequence[Actor],
    relays: Iterable[Handover],
    ends: Iterable[DeadEnd],
    networks: Iterable[Network],
) -> Graph:
    """The drawing of these relays, with every kind of local operator, led on from or not."""
    drawing = _Drawing(stages, actors, {network.pk: network for network in networks})
    for stage in stages:
        for group in kinds_at(stage, actors):
            _kind_node(drawing, stage.pk, group.actors)
    for handover in relays:
        for start in _keys(drawing, handover, "from"):
            for end in _keys(drawing, handover, "to"):
                if start != end:
                    internal = handover.relay.is_internal
                    known = drawing.pairs.get((start, end), True)
                    drawing.pairs[start, end] = known and internal
    _mark(drawing, ends)
    return _lay_out(drawing)


def _kind_node(drawing: _Drawing, stage: int, actors: Sequence[Actor]) -> Key:
    kind = actors[0].kind
    key = ("kind", str(kind.pk), stage)
    if key not in drawing.nodes:
        if len(actors) == 1:
            drawing.nodes[key] = Node(key, _wrapped(actors[0].name), kind.name)
        else:
            drawing.nodes[key] = Node(key, _wrapped(kind.plural), f"{len(actors)} structures")
    return key


def _keys(drawing: _Drawing, handover: Handover, end: str) -> list[Key]:
    """The boxes of an end: those of the operators, by kind; else one for its words."""
    relay = handover.relay
    stage: int = getattr(relay, f"{end}_stage_id")
    actors = handover.givers if end == "from" else handover.takers
    keys = []
    for kind in {actor.kind.pk: None for actor in actors}:
        key = ("kind", str(kind), stage)
        if key not in drawing.nodes:  # a named operator that has no offer at that stage
            _kind_node(drawing, stage, [actor for actor in actors if actor.kind.pk == kind])
        keys.append(key)
    if keys:
        return keys
    words = relay.from_name if end == "from" else relay.to_name
    key = ("words", words, stage)
    nobody = handover.leads_to_nobody_known and end == "to"
    note = "aucune structure connue" if nobody else "non précisé par la source"
    drawing.nodes.setdefault(key, Node(key, _wrapped(words), note, is_known=False))
    return [key]


def _mark(drawing: _Drawing, ends: Iterable[DeadEnd]) -> None:
    """Say in the box of their kind, at their last stage, how many lead nowhere."""
    counts: dict[Key, int] = defaultdict(int)
    for end in ends:
        if end.is_whole:
            counts["kind", str(end.actor.kind.pk), end.stage.pk] += 1
    totals: dict[Key, int] = defaultdict(int)
    for actor in drawing.actors:
        for stage in actor.stages:
            totals["kind", str(actor.kind.pk), stage] += actor.is_local
    for key, count in counts.items():
        if key not in drawing.nodes:
            continue
        whole = count >= totals[key]
        drawing.nodes[key].dead = (
            "sans suite connue" if whole else f"sans suite connue : {count} sur {totals[key]}"
        )


def _wrapped(text: str) -> list[str]:
    """The words on three lines at most."""
    return textwrap.wrap(text, LETTERS, max_lines=3, placeholder=" …", break_on_hyphens=False)


def _lay_out(drawing: _Drawing) -> Graph:
    step = (WIDTH - BOX - 30) / max(1, len(drawing.stages) - 1)
    order = {stage.pk: number for number, stage in enumerate(drawing.stages)}
    skipping = [pair for pair in drawing.pairs if _skips(pair, order)]
    top = TOP + LANE * len(skipping) + (10 if skipping else 0)
    columns = []
    for number, stage in enumerate(drawing.stages):
        nodes = [node for key, node in drawing.nodes.items() if key[2] == stage.pk]
        nodes.sort(key=lambda node: _rank(node, drawing))
        y = float(top)
        for node in nodes:
            node.x, node.y = number * step, y
            y += node.height + GAP
        columns.append(Column(stage, number * step, nodes))
    bottom = max((node.y + node.height for node in drawing.nodes.values()), default=float(top))
    return Graph(columns, _edges(drawing, order, skipping), bottom + 8)


def _rank(node: Node, drawing: _Drawing) -> tuple[object, ...]:
    """Boxes with relays first, those that the same boxes lead to together; then the others."""
    before = [
        drawing.nodes[start].y
        for start, end in drawing.pairs
        if end == node.key and start[2] != end[2]
    ]
    joined = any(node.key in pair for pair in drawing.pairs)
    return (not joined, min(before, default=1e6), not node.is_known)


def _skips(pair: tuple[Key, Key], order: dict[int, int]) -> bool:
    start, end = order[pair[0][2]], order[pair[1][2]]
    return end - start not in (0, 1)


def _edges(drawing: _Drawing, order: dict[int, int], skipping: list[tuple[Key, Key]]) -> list[Edge]:
    out, into = _ports(drawing, 0), _ports(drawing, 1)
    edges = []
    for pair, internal in drawing.pairs.items():
        start, end = drawing.nodes[pair[0]], drawing.nodes[pair[1]]
        x1, y1, y2 = start.right, out[pair], into[pair]
        if start.x == end.x:  # within a stage: round the right-hand side
            path = _path((x1, y1), (x1 + 34, y1), (x1 + 34, y2), (x1 + 8, y2))
        elif pair in skipping:
            lane, x2 = TOP + LANE * skipping.index(pair) + 4, end.x - 8
            path = _path((x1, y1), (x1 + 40, y1), (x1 + 14, lane), (x1 + 54, lane))
            path += f"H{x2 - 54:.0f}"
            path += _path((x2 - 14, lane), (x2 - 40, y2), (x2, y2), begins="C")
        else:
            x2 = end.x - 8
            half = (x1 + x2) / 2
            path = _path((x1, y1), (half, y1), (half, y2), (x2, y2))
        edges.append(Edge(path, internal))
    return edges


def _path(*points: tuple[float, float], begins: str = "M") -> str:
    """A curve through its first and last points, drawn to the two between them."""
    words = [f"{x:.0f} {y:.0f}" for x, y in points]
    if begins == "M":
        return f"M{words[0]}C{' '.join(words[1:])}"
    return f"{begins}{' '.join(words)}"


def _ports(drawing: _Drawing, side: int) -> dict[tuple[Key, Key], float]:
    """Where each line leaves (side 0) or enters (side 1) its box: spread over its height, in the
    order of what is at the other end."""
    at_box: dict[Key, list[tuple[Key, Key]]] = defaultdict(list)
    for pair in drawing.pairs:
        at_box[pair[side]].append(pair)
        if pair[0][2] == pair[1][2] and side == 0:
            at_box[pair[1]].append(pair)  # lines within a stage end on the right too
    ports = {}
    for key, pairs in at_box.items():
        node = drawing.nodes[key]
        pairs.sort(key=lambda pair: drawing.nodes[pair[1 - side]].middle)
        for number, pair in enumerate(pairs, start=1):
            if pair[side] == key:
                ports[pair] = node.y + node.port_height * number / (len(pairs) + 1)
    return ports
