"""Writes a plan, all in bulk: a dozen statements for each thousand rows. Within a transaction."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from directory.importing.columns import SIMPLE
from directory.importing.copying import copy_in
from directory.importing.plan import Plan, RowPlan
from directory.importing.states import (
    COVERAGE_FACTS,
    FUNDING_FACTS,
    TERMS,
    State,
    Values,
    among,
    digest,
    states_of,
)
from directory.importing.vocabulary import Vocabulary
from directory.models import (
    CallEdition,
    CallImport,
    CallImportRow,
    Coverage,
    Funding,
    FundingScheme,
    Publication,
    RowAction,
)
from directory.partial_dates import PartialDate

BATCH: Final = 1000
_DATES: Final = ("opens_on", "closes_on", "results_on", "source_date")
_ZONES: Final = ("territories", "excluded")
_SOURCED: Final = ("caveat", "source", "source_date")
#: What a new edition holds where the file has no column.
_DEFAULTS: Final = {
    name: CallEdition._meta.get_field(name).get_default()  # type: ignore[union-attr]
    for name in SIMPLE
} | {"publication": ""}


class Pks:
    """Primary keys of what rows name."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.territories = vocabulary.territories.pks
        self.funders = vocabulary.funders.pks
        self.terms = {name: getattr(vocabulary, name).pks for name in TERMS}


def apply_plan(plan: Plan, call_import: CallImport, *, overwrite: bool) -> None:
    """Creates and changes what the plan says, and keeps, row by row, what it did.

    `overwrite`: the file wins over what was corrected on the site. Rows in error are left out.
    """
    pks = Pks(plan.vocabulary)
    good = [row for row in plan.rows if row.action != RowAction.WRONG]
    schemes = _make_schemes(plan, good)
    call_import.created_schemes = {
        scheme.slug: scheme_digest(scheme) for scheme in schemes.values()
    }
    written = [row for row in good if _wanted(row, overwrite)]
    before = {row.key: row.state.whole for row in written if row.state}
    editions = _write_editions(written, schemes, overwrite)
    for name in TERMS:
        _write_terms(name, written, editions, pks, overwrite)
    _write_fundings(written, editions, pks, overwrite)
    _write_coverage(written, editions, pks, overwrite)
    after = _left(written, editions)
    _keep(plan, call_import, editions, before, after, overwrite)


def scheme_digest(scheme: FundingScheme) -> str:
    """What tells whether somebody completed a series since an import created it."""
    names = (
        "slug",
        "name",
        "kind",
        "always_open",
        "description",
        "publication",
        "source",
        "contact",
    )
    return digest({name: str(getattr(scheme, name)) for name in names})


def _wanted(row: RowPlan, overwrite: bool) -> Values:
    """The values to write: all of a new edition, those that change of a known one."""
    if row.state is None:
        return row.values
    return {
        change["name"]: row.values[change["name"]]
        for change in row.changes
        if overwrite or not change["kept"]
    }


def _make_schemes(plan: Plan, good: list[RowPlan]) -> dict[str, FundingScheme]:
    """A new series is public when one of its editions is; its first row is its source."""
    made = {
        scheme.slug: FundingScheme(
            slug=scheme.slug, name=scheme.name, kind=scheme.kind, publication=Publication.DRAFT
        )
        for scheme in plan.new_schemes
    }
    for row in good:
        scheme = made.get(row.scheme.slug) if row.scheme and row.state is None else None
        if scheme:
            scheme.source = scheme.source or row.values["source"]
            if row.values.get("publication") != Publication.DRAFT:
                scheme.publication = Publication.PUBLISHED
    FundingScheme.objects.bulk_create(made.values(), batch_size=BATCH)
    return made


def simple_fields(values: Values) -> Values:
    """Fields of an edition, from the plain values of the columns."""
    fields = {name: values[name] for name in SIMPLE if name in values}
    for name in _DATES:
        if fields.get(name):
            fields[name] = PartialDate(fields[name])
    if fields.get("envelope") is not None:
        fields["envelope"] = Decimal(fields["envelope"])
    return fields


def _write_editions(
    rows: list[RowPlan], schemes: dict[str, FundingScheme], overwrite: bool
) -> dict[str, int]:
    """Inserts the new editions and updates the others. Gives the primary keys, by key."""
    new, changed = [], []
    for row in rows:
        if row.state:
            values = {**row.state.values, **_wanted(row, overwrite)}
            changed.append(
                CallEdition(scheme_id=row.state.scheme_pk, key=row.key, **simple_fields(values))
            )
        else:
            values = created_state(row, 0).values
            new.append([_scheme_pk(row, schemes), row.key, *(values[name] for name in SIMPLE)])
    write_instances(changed)
    copy_in(CallEdition, ["scheme_id", "key", *SIMPLE], new)
    written = CallEdition.objects.filter(key__in=among([row.key for row in rows], "text"))
    return dict(written.values_list("key", "pk"))


def _left(rows: list[RowPlan], editions: dict[str, int]) -> dict[str, str]:
    """The digest of the state that each edition was left in, by key.

    What was changed is read again; what was created is known (a test compares with what is read).
    """
    known = [row.key for row in rows if row.state]
    left = {key: digest(state.whole) for key, state in states_of(known).items()}
    for row in rows:
        if row.state is None:
            left[row.key] = digest(created_state(row, editions[row.key]).whole)
    return left


def created_state(row: RowPlan, pk: int) -> State:
    """The state in which a new edition is written."""
    if row.scheme is None:
        raise ValueError(f"line {row.line}: a row without a series is in error")
    lists = {name: row.values.get(name, []) for name in (*TERMS, "fundings", *_ZONES)}
    values = {**_DEFAULTS, **{n: row.values[n] for n in SIMPLE if n in row.values}, **lists}
    values["publication"] = values["publication"] or Publication.PUBLISHED.value
    values |= {"key": row.key, "scheme": row.scheme.slug, "kind": row.scheme.kind}
    fundings = [
        {"funder": slug, "amount": amount, "nature": nature} | dict.fromkeys(FUNDING_FACTS, "")
        for slug, amount, nature in lists["fundings"]
    ]
    zones = [(key, name == "excluded") for name in _ZONES for key in lists[name]]
    coverage = [
        {"territory": key, "excluded": excluded} | dict.fromkeys(COVERAGE_FACTS, "")
        for key, excluded in sorted(zones)
    ]
    return State(
        pk, row.scheme.slug, row.scheme.pk or 0, row.scheme.kind, values, fundings, coverage
    )


def _scheme_pk(row: RowPlan, schemes: dict[str, FundingScheme]) -> int:
    if row.scheme is None:
        raise ValueError(f"line {row.line}: a row without a series is in error")
    return row.scheme.pk or schemes[row.scheme.slug].pk


def write_instances(editions: list[CallEdition]) -> None:
    """Gives the editions of the same keys their simple fields."""
    CallEdition.objects.bulk_create(
        editions,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=[*SIMPLE, "updated_at"],
    )


def _write_terms(
    name: str, rows: list[RowPlan], editions: dict[str, int], pks: Pks, overwrite: bool
) -> None:
    chosen = {editions[r.key]: _wanted(r, overwrite).get(name) for r in rows}
    set_terms(name, {pk: slugs for pk, slugs in chosen.items() if slugs is not None}, pks)


def set_terms(name: str, wanted: dict[int, list[str]], pks: Pks) -> None:
    """Gives editions, by primary key, exactly these terms."""
    through: Any = getattr(CallEdition, name).through
    column = f"{name.removesuffix('s')}_id"
    through.objects.filter(calledition__in=wanted.keys()).delete()
    copy_in(
        through,
        ["calledition_id", column],
        ((pk, pks.terms[name][slug]) for pk, slugs in wanted.items() for slug in slugs),
    )


def _write_fundings(
    rows: list[RowPlan], editions: dict[str, int], pks: Pks, overwrite: bool
) -> None:
    """The amount of a funder changes in place: its note and source stay."""
    wanted: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        asked = _wanted(row, overwrite).get("fundings")
        if asked is None:
            continue
        held = {(f["funder"], f["nature"]): f for f in row.state.fundings} if row.state else {}
        wanted[editions[row.key]] = [
            {**held.get((slug, nature), {}), "funder": slug, "amount": amount, "nature": nature}
            for slug, amount, nature in asked
        ]
    set_fundings(wanted, pks)


def set_fundings(wanted: dict[int, list[dict[str, Any]]], pks: Pks) -> None:
    """Gives editions exactly these fundings, as `State.fundings` describes them."""
    Funding.objects.filter(edition__in=wanted.keys()).delete()
    copy_in(
        Funding,
        ["edition_id", "funder_id", "amount", "nature", "note", *_SOURCED],
        (
            [
                pk,
                pks.funders[one["funder"]],
                one["amount"],
                one["nature"],
                one.get("note", ""),
                *_sourced(one),
            ]
            for pk, rows in wanted.items()
            for one in rows
        ),
    )


def _write_coverage(
    rows: list[RowPlan], editions: dict[str, int], pks: Pks, overwrite: bool
) -> None:
    """Rows of territories that stay are left as they are, dates and sources included."""
    wanted: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        asked = _wanted(row, overwrite)
        if not {"territories", "excluded"} & asked.keys():
            continue
        zones: list[dict[str, Any]] = []
        for name, excluded in (("territories", False), ("excluded", True)):
            held = [c for c in row.state.coverage if c["excluded"] == excluded] if row.state else []
            keys = asked.get(name)
            if keys is None:
                zones += held
                continue
            zones += [c for c in held if c["territory"] in keys]
            known = {c["territory"] for c in held}
            zones += [{"territory": k, "excluded": excluded} for k in keys if k not in known]
        wanted[editions[row.key]] = zones
    set_coverage(wanted, pks)


def set_coverage(wanted: dict[int, list[dict[str, Any]]], pks: Pks) -> None:
    """Gives editions exactly these zones of their own, as `State.coverage` describes them."""
    Coverage.objects.filter(edition__in=wanted.keys()).delete()
    copy_in(
        Coverage,
        ["edition_id", "territory_id", "excluded", "valid_from", "valid_until", *_SOURCED],
        (
            [
                pk,
                pks.territories[one["territory"]],
                one["excluded"],
                one.get("valid_from") or None,
                one.get("valid_until") or None,
                *_sourced(one),
            ]
            for pk, rows in wanted.items()
            for one in rows
        ),
    )


def _sourced(one: dict[str, Any]) -> list[str | None]:
    return [one.get("caveat", ""), one.get("source", ""), one.get("source_date") or None]


def _keep(
    plan: Plan,
    call_import: CallImport,
    editions: dict[str, int],
    before: dict[str, Any],
    after: dict[str, str],
    overwrite: bool,
) -> None:
    """The rows of the preview become those of what was done."""
    save_rows(
        call_import,
        (
            _done(kept, row, editions, before, after, overwrite)
            for kept, row in zip(rows_of(plan, call_import), plan.rows, strict=True)
        ),
    )


def _done(
    kept: CallImportRow,
    row: RowPlan,
    editions: dict[str, int],
    before: dict[str, Any],
    after: dict[str, str],
    overwrite: bool,
) -> CallImportRow:
    """The row of a preview, as what was done."""
    if row.action == RowAction.WRONG:
        return kept
    kept.edition_id = editions.get(row.key) or (row.state.pk if row.state else None)
    if row.key in editions:
        kept.before, kept.after = before.get(row.key), after[row.key]
        if overwrite and kept.action == RowAction.LEAVE:
            kept.action = RowAction.CHANGE
        for change in kept.changes:
            change["kept"] = change["kept"] and not overwrite
    return kept


def save_rows(call_import: CallImport, rows: Iterable[CallImportRow]) -> None:
    """These rows, instead of those the import has."""
    call_import.rows.all().delete()
    names = [f.attname for f in CallImportRow._meta.concrete_fields if not f.primary_key]
    copy_in(CallImportRow, names, ([getattr(row, name) for name in names] for row in rows))


def rows_of(plan: Plan, call_import: CallImport) -> Iterator[CallImportRow]:
    """The rows to keep of a plan, not saved."""
    for row in plan.rows:
        yield CallImportRow(
            call_import=call_import,
            line=row.line,
            key=row.key[:160],
            title=(row.title or (row.state.values["title"] if row.state else ""))[:250],
            action=row.action,
            changes=row.changes,
            errors=row.errors,
            notes=row.notes,
            values=row.imported if row.action != RowAction.WRONG else {},
        )


def wait_for_loads(lock: int) -> None:
    """Until the transaction ends, no other import nor load of the directory writes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
