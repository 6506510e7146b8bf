"""Writes a plan, all in bulk: a dozen statements for each thousand rows. Within a transaction."""

from decimal import Decimal
from typing import Any, Final

from django.db import connection

from directory.importing.columns import SIMPLE
from directory.importing.plan import Plan, RowPlan
from directory.importing.states import TERMS, Values, digest, states_of
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
    pks = Pks(Vocabulary())
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
    after = {key: digest(state.whole) for key, state in states_of([r.key for r in written]).items()}
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
    """Inserts and updates in the same statements. Gives the primary keys, by key."""
    instances = []
    for row in rows:
        if row.state:
            scheme_pk, values = row.state.scheme_pk, {**row.state.values, **_wanted(row, overwrite)}
        else:
            scheme_pk = _scheme_pk(row, schemes)
            values = {**row.values}
            values["publication"] = values.get("publication") or Publication.PUBLISHED
        instances.append(CallEdition(scheme_id=scheme_pk, key=row.key, **simple_fields(values)))
    write_instances(instances)
    return {edition.key: edition.pk for edition in instances}


def _scheme_pk(row: RowPlan, schemes: dict[str, FundingScheme]) -> int:
    if row.scheme is None:
        raise ValueError(f"line {row.line}: a row without a series is in error")
    return row.scheme.pk or schemes[row.scheme.slug].pk


def write_instances(editions: list[CallEdition]) -> None:
    """Insert them, or give the edition of the same key their simple fields."""
    CallEdition.objects.bulk_create(
        editions,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=list(SIMPLE),
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
    through.objects.bulk_create(
        [
            through(calledition_id=pk, **{column: pks.terms[name][slug]})
            for pk, slugs in wanted.items()
            for slug in slugs
        ],
        batch_size=5 * BATCH,
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
    Funding.objects.bulk_create(
        [
            Funding(
                edition_id=pk,
                funder_id=pks.funders[one["funder"]],
                amount=None if one["amount"] is None else Decimal(one["amount"]),
                nature=one["nature"],
                **_facts(one, ("note", "caveat", "source", "source_date")),
            )
            for pk, rows in wanted.items()
            for one in rows
        ],
        batch_size=BATCH,
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
    Coverage.objects.bulk_create(
        [
            Coverage(
                edition_id=pk,
                territory_id=pks.territories[one["territory"]],
                excluded=one["excluded"],
                **_facts(one, ("caveat", "source", "source_date")),
                **{n: one[n] for n in ("valid_from", "valid_until") if one.get(n)},
            )
            for pk, rows in wanted.items()
            for one in rows
        ],
        batch_size=BATCH,
    )


def _facts(one: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    facts = {name: one.get(name) or "" for name in names}
    facts["source_date"] = PartialDate(facts["source_date"]) if facts["source_date"] else None
    return facts


def _keep(
    plan: Plan,
    call_import: CallImport,
    editions: dict[str, int],
    before: dict[str, Any],
    after: dict[str, str],
    overwrite: bool,
) -> None:
    """The rows of the preview become those of what was done."""
    rows = rows_of(plan, call_import)
    for kept, row in zip(rows, plan.rows, strict=True):
        kept.edition_id = editions.get(row.key) or (row.state.pk if row.state else None)
        if row.action == RowAction.WRONG:
            kept.edition_id = None
        elif row.key in editions:
            kept.before, kept.after = before.get(row.key), after[row.key]
            if overwrite and kept.action == RowAction.LEAVE:
                kept.action = RowAction.CHANGE
            for change in kept.changes:
                change["kept"] = change["kept"] and not overwrite
    call_import.rows.all().delete()
    CallImportRow.objects.bulk_create(rows, batch_size=2 * BATCH)


def rows_of(plan: Plan, call_import: CallImport) -> list[CallImportRow]:
    """The rows to keep of a plan, not saved."""
    return [
        CallImportRow(
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
        for row in plan.rows
    ]


def wait_for_loads(lock: int) -> None:
    """Until the transaction ends, no other import nor load of the directory writes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
