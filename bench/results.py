"""What was measured: latencies, answers a second, queries, bytes, memory, and their ratios."""

import math
import statistics
from dataclasses import dataclass, field


@dataclass
class Measure:
    """One path at one size: every latency in ms by round, answers per second by round.

    `queries` is None where no SQL of ours is behind it, `per_second` empty where no load was given.
    """

    latencies: list[list[float]] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)
    client_share: float = 0.0
    queries: int | None = None
    size: int = 0  # bytes of the body
    wire: int | None = None  # bytes of the body for a reader that accepts Brotli

    @property
    def median(self) -> float:
        return statistics.median(statistics.median(one) for one in self.latencies)

    @property
    def p95(self) -> float:
        return statistics.median(percentile(one, 0.95) for one in self.latencies)

    @property
    def throughput(self) -> float:
        return statistics.median(self.per_second)

    def latency_ratio(self, hello: "Measure") -> float:
        """How many times as long as hello, in the same round."""
        return statistics.median(
            statistics.median(own) / statistics.median(trivial)
            for own, trivial in zip(self.latencies, hello.latencies, strict=True)
        )

    def throughput_ratio(self, hello: "Measure") -> float:
        """How many times fewer answers a second than hello, in the same round."""
        return hello.answers_over(self)

    def answers_over(self, other: "Measure") -> float:
        """How many times as many answers a second as the other, in the same round."""
        return statistics.median(
            own / theirs if theirs else math.inf
            for own, theirs in zip(self.per_second, other.per_second, strict=True)
        )


@dataclass(frozen=True)
class Process:
    """Megabytes of a process: its resident set (RSS), and that with shared pages divided (PSS)."""

    resident: float
    proportional: float


@dataclass(frozen=True)
class Memory:
    """Of the main process, then of each worker: before it has answered, and after the load."""

    at_start: list[Process]
    full: list[Process]


@dataclass(frozen=True)
class Weight:
    """Bytes over the wire of a page opened for the first time, headers included."""

    page: str
    total: int
    of_map: int  # of these, the map's own scripts, styles and data
    requests: int

    @property
    def without_map(self) -> int:
        return self.total - self.of_map


@dataclass
class Results:
    """All measures of one size, by name of path."""

    operators: int
    measures: dict[str, Measure]
    memory: Memory | None = None
    weights: list[Weight] = field(default_factory=list)

    @property
    def hello(self) -> Measure:
        return self.measures["hello"]


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
