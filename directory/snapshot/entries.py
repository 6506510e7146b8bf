"""One line per operator, offer and relay: what ranking, filtering and counting need of each."""

from typing import NamedTuple

from directory.models import OperatorKind


class OperatorEntry(NamedTuple):
    """An operator at work. `number` is its place in alphabetical order."""

    pk: int
    number: int
    slug: str
    name: str
    kind: OperatorKind
    networks: tuple[int, ...]
    commune: int | None
    latitude: float | None  # its own point, else that of its commune
    longitude: float | None
    is_reachable: bool  # by phone, e-mail, site or street
    is_example: bool

    @property
    def url(self) -> str:
        return operator_url(self.slug)


class OfferEntry(NamedTuple):
    """An open offer. `number`, its place by operator then title, is what offers are sorted by."""

    number: int
    pk: int
    operator: OperatorEntry
    stage: int
    title: str
    entry_modes: tuple[str, ...]
    services: tuple[str, ...]
    themes: tuple[int, ...]


class RelayEntry(NamedTuple):
    """A handover in force. Ends are primary keys; `order` is that of the destinations."""

    order: tuple[int, float, int]
    from_operator: int | None
    from_kind: int | None
    from_network: int | None
    from_stage: int
    to_operator: int | None
    to_kind: int | None
    to_network: int | None
    to_stage: int
    territory: int | None
    to_name: str
    to_slug: str
    condition: str
    is_internal: bool

    def end(self, name: str) -> tuple[int | None, int | None, int | None, int]:
        """(operator, kind, network, stage) of the end "from" or "to"."""
        if name == "from":
            return self.from_operator, self.from_kind, self.from_network, self.from_stage
        return self.to_operator, self.to_kind, self.to_network, self.to_stage


def operator_url(slug: str) -> str:
    """Address of an operator's page, without the cost of resolving it each time."""
    return f"/operateurs/{slug}/"
