"""What the base holds of some editions, as the plain values of the columns. Read in bulk."""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models.expressions import RawSQL

from directory.importing.cells import plain_decimal
from directory.importing.columns import SIMPLE
from directory.models import CallEdition, Coverage, EntryMode, Funding

Values = dict[str, Any]

#: Many-to-many fields of an edition and how their terms are ordered.
TERMS: Final = {
    "stages": ("position",),
    "themes": ("name", "pk"),
    "audiences": ("position", "name", "pk"),
}
FUNDING_FACTS: Final = ("note", "caveat", "source", "source_date")
COVERAGE_FACTS: Final = ("caveat", "source", "source_date", "valid_from", "valid_until")


@dataclass
class State:
    """An edition now. `values` by column; `fundings` and `coverage` whole, to be put back."""

    pk: int
    scheme: str
    scheme_pk: int
    kind: str
    values: Values
    fundings: list[dict[str, Any]] = field(default_factory=list)
    coverage: list[dict[str, Any]] = field(default_factory=list)

    @property
    def whole(self) -> dict[str, Any]:
        """All that an import can change, as JSON."""
        return {
            "scheme": self.scheme,
            "values": self.values,
            "fundings": self.fundings,
            "coverage": self.coverage,
        }


def digest(whole: Any) -> str:
    """SHA-256 of plain data, in hexadecimal."""
    text = json.dumps(whole, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def states_of(keys: Collection[str], *, lock: bool = False) -> dict[str, State]:
    """The editions of these keys. Six queries. `lock` keeps them as they are until the commit."""
    editions = CallEdition.objects.filter(key__in=among(list(keys), "text")).order_by("pk")
    if lock:
        list(editions.select_for_update().values_list("pk", flat=True))
    return read_states(editions)


def among(values: list[Any], kind: str) -> RawSQL:
    """For `__in`: one parameter however many values, of that type of PostgreSQL."""
    return RawSQL(f"SELECT unnest(%s::{kind}[])", [values])  # noqa: S611  (our own types)


def read_states(editions: Any) -> dict[str, State]:
    """The states of the editions of a queryset, in its order, by key."""
    found: dict[int, State] = {}
    rows = editions.values("pk", "key", "scheme_id", "scheme__slug", "scheme__kind", *SIMPLE)
    for row in rows:
        values = {name: row[name] for name in SIMPLE}
        for name in ("opens_on", "closes_on", "results_on", "source_date"):
            values[name] = str(values[name]) if values[name] else None
        if values["envelope"] is not None:
            values["envelope"] = plain_decimal(values["envelope"])
        values["entry_modes"] = [one for one in EntryMode.values if one in row["entry_modes"]]
        values |= {"key": row["key"], "scheme": row["scheme__slug"], "kind": row["scheme__kind"]}
        values |= {name: [] for name in (*TERMS, "fundings", "territories", "excluded")}
        found[row["pk"]] = State(
            row["pk"], row["scheme__slug"], row["scheme_id"], row["scheme__kind"], values
        )
    if found:
        _read_terms(found)
        _read_fundings(found)
        _read_coverage(found)
    return {state.values["key"]: state for state in found.values()}


def _read_terms(found: dict[int, State]) -> None:
    for name, order in TERMS.items():
        through: Any = getattr(CallEdition, name).through
        term = name.removesuffix("s")
        rows = through.objects.filter(calledition__in=among(list(found), "bigint")).order_by(
            *(f"{term}__{one}" for one in order)
        )
        for pk, slug in rows.values_list("calledition_id", f"{term}__slug"):
            found[pk].values[name].append(slug)


def _read_fundings(found: dict[int, State]) -> None:
    rows = Funding.objects.filter(edition__in=among(list(found), "bigint")).order_by(
        "funder__slug", "nature"
    )
    for row in rows.values("edition_id", "funder__slug", "amount", "nature", *FUNDING_FACTS):
        state = found[row["edition_id"]]
        amount = None if row["amount"] is None else plain_decimal(row["amount"])
        state.values["fundings"].append([row["funder__slug"], amount, row["nature"]])
        state.fundings.append(
            {"funder": row["funder__slug"], "amount": amount, "nature": row["nature"]}
            | _texts(row, FUNDING_FACTS)
        )
    for state in found.values():  # not by the database's own order of letters
        state.values["fundings"].sort(key=lambda one: (one[0], one[2]))
        state.fundings.sort(key=lambda one: (one["funder"], one["nature"]))


def _read_coverage(found: dict[int, State]) -> None:
    rows = Coverage.objects.filter(edition__in=among(list(found), "bigint")).order_by(
        "territory__kind", "territory__code", "excluded", "valid_from", "pk"
    )
    for row in rows.values(
        "edition_id", "excluded", "territory__kind", "territory__code", *COVERAGE_FACTS
    ):
        state = found[row["edition_id"]]
        key = f"{row['territory__kind']}:{row['territory__code']}"
        listed = state.values["excluded" if row["excluded"] else "territories"]
        if key not in listed:
            listed.append(key)
        state.coverage.append(
            {"territory": key, "excluded": row["excluded"]} | _texts(row, COVERAGE_FACTS)
        )
    for state in found.values():
        state.values["territories"].sort()
        state.values["excluded"].sort()
        state.coverage.sort(key=lambda one: (one["territory"], one["excluded"], one["valid_from"]))


def _texts(row: dict[str, Any], names: Iterable[str]) -> dict[str, str]:
    return {name: str(row[name] or "") for name in names}
