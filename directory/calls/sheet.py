"""Everything known of a call: the editions of one year, and the series they belong to."""

import datetime
from collections import defaultdict
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import JSONObject
from django.templatetags.static import static

from directory.calls.search import as_lines
from directory.calls.series import chart, habits, sums_by_nature
from directory.calls.shape import (
    CallPage,
    ClaimGroup,
    DateLine,
    EditionSheet,
    LaureateLine,
    MoneyLine,
    ZoneLine,
)
from directory.calls.words import euros, nature_label
from directory.maps import GROUND, outline_url
from directory.models import (
    Audience,
    CallEdition,
    CallStatus,
    Claim,
    Coverage,
    EditionDocument,
    EffectiveCoverage,
    EntryMode,
    Funding,
    FundingScheme,
    Laureate,
    Publication,
    Theme,
)
from directory.models.serving import union
from directory.partial_dates import PartialDate
from directory.pathway.calls import call_line
from directory.pathway.shape import CallLine
from directory.provenance import Source, make_source, source_of
from directory.snapshot import Snapshot
from regions.missing import Nowhere
from regions.models import Kind, Outline, in_force
from regions.wording import count_of_communes, inside


def call_page(snapshot: Snapshot, slug: str, year: int | None) -> CallPage:
    """The page of a series, or of one year of it, as of the snapshot's day; 5 queries.

    The page of a series shows its editions without a year, or else those of the year that is most
    urgent. Raises Nowhere, a 404, with a sentence.
    """
    on = snapshot.on
    editions = list(_editions(slug, on))
    if not editions:
        raise Nowhere("Aucun appel publié ne porte ce nom. Cherchez-le dans la liste.")
    scheme = editions[0].scheme
    undated = any(one.year is None for one in editions)
    wanted = year if year is not None or undated else editions[0].year
    shown = [one for one in editions if one.year == wanted]
    if not shown:
        raise Nowhere(
            f"Aucune édition {year} de «\N{NO-BREAK SPACE}{scheme.name}\N{NO-BREAK SPACE}» "
            "n’est connue."
        )
    details = _Details(shown, editions, scheme, snapshot)
    lines = sorted(
        editions, key=lambda one: (one.year is None, -(one.year or 0), one.title, one.pk)
    )
    return CallPage(
        scheme=scheme,
        shown=[details.sheet(edition) for edition in shown],
        timeline=[details.line(edition) for edition in lines],
        habits=habits(scheme, editions, on),
        chart=chart(editions, details.fundings, details.population),
        claims=details.claims_of(None),
        sources=[source_of(scheme, on)] if scheme.source else [],
        map_data=details.map_data,
        year=year,
    )


def _editions(slug: str, on: datetime.date) -> Any:
    themes = Theme.objects.filter(calls=OuterRef("pk")).values("name")
    audiences = Audience.objects.filter(calls=OuterRef("pk")).values("name")
    documents = EditionDocument.objects.filter(edition=OuterRef("pk"))
    return (
        as_lines(on)
        .by_urgency(on)
        .filter(scheme__slug=slug)
        .annotate(
            theme_names=ArraySubquery(themes),
            audience_names=ArraySubquery(audiences),
            document_rows=ArraySubquery(
                documents.values(row=JSONObject(title=F("title"), url=F("url")))
            ),
        )
    )


class _Details:
    """What hangs on the editions of a page, read at once for all of them."""

    def __init__(
        self,
        shown: list[CallEdition],
        editions: list[CallEdition],
        scheme: FundingScheme,
        snapshot: Snapshot,
    ) -> None:
        self.snapshot, self.on, self.scheme = snapshot, snapshot.on, scheme
        self.stages = {stage.pk: stage for stage in snapshot.words.stages}
        self.stage_names = {stage.pk: stage.name for stage in snapshot.words.stages}
        self.fundings = list(Funding.objects.filter(edition__in=editions).select_related("funder"))
        laureates = Laureate.objects.filter(edition__in=shown).select_related(
            "operator", "commune", "territory"
        )
        self.laureates: dict[int, list[Laureate]] = defaultdict(list)
        for laureate in laureates:
            self.laureates[laureate.edition_id].append(laureate)
        self.claims = list(Claim.objects.filter(scheme=scheme).order_by("subject", "pk"))
        self.coverage = self._coverage(shown)
        self.population = self._population(shown[0])

    def _coverage(self, shown: list[CallEdition]) -> dict[int, list[Any]]:
        rows = (
            EffectiveCoverage.objects.filter(in_force(self.on), edition__in=shown)
            .select_related("coverage", "territory")
            .annotate(outlined=Exists(Outline.objects.filter(territory=OuterRef("territory"))))
            .order_by("excluded", "-territory__kind_rank", "territory__name", "pk")
        )
        found: dict[int, list[Any]] = defaultdict(list)
        for row in rows:
            row.territory.has_outline = row.outlined  # type: ignore[attr-defined]
            found[row.edition_id or 0].append(row)
        return found

    def _population(self, edition: CallEdition) -> int | None:
        """Inhabitants, today, of the communes where the edition is open; None if not known."""
        places = self.snapshot.places
        rows = self.coverage[edition.pk]
        included, excluded = (
            union(places.inside(row.territory_id, self.on) for row in rows if row.excluded is out)
            for out in (False, True)
        )
        return places.communes.people(included - excluded) or None

    def line(self, edition: Any) -> CallLine:
        return call_line(edition, CallStatus(edition.status_on_day), self.on, self.stage_names)

    def sheet(self, edition: Any) -> EditionSheet:
        fundings = [one for one in self.fundings if one.edition_id == edition.pk]
        return EditionSheet(
            edition=edition,
            line=self.line(edition),
            dates=dates_of(edition, is_standing=self.scheme.is_standing),
            stages=[self.stages[pk] for pk in edition.stage_rows],
            themes=edition.theme_names,
            audiences=edition.audience_names,
            entry_modes=[str(EntryMode(mode).label) for mode in edition.entry_modes],
            money=[self._money(one) for one in fundings],
            sums=[
                (nature_label(nature), euros(total))
                for nature, total in sums_by_nature(fundings).items()
            ],
            has_several=len([one for one in fundings if one.amount is not None])
            > len(sums_by_nature(fundings)),
            documents=edition.document_rows,
            laureates=[self._laureate(one) for one in self.laureates[edition.pk]],
            claims=self.claims_of(edition.pk),
            zones=[self._zone(row) for row in self.coverage[edition.pk]],
            contact=edition if edition.has_contact else self.scheme,
            sources=self._sources(edition, fundings),
        )

    def _money(self, funding: Funding) -> MoneyLine:
        return MoneyLine(
            funder=funding.funder.name,
            website=funding.funder.website,
            amount=funding.amount,
            amount_label=euros(funding.amount),
            nature=nature_label(funding.nature),
            note=funding.note,
            caveat=funding.caveat,
            source=source_of(funding, self.on) if funding.source else None,
        )

    def _laureate(self, laureate: Laureate) -> LaureateLine:
        operator = laureate.operator
        is_public = operator and operator.publication == Publication.PUBLISHED
        return LaureateLine(
            name=laureate.name,
            url=operator.get_absolute_url() if operator and is_public else None,
            project=laureate.project,
            place=_place(laureate),
            amount=laureate.amount,
            amount_label=euros(laureate.amount),
            source=source_of(laureate, self.on),
            caveat=laureate.caveat,
        )

    def _zone(self, row: Any) -> ZoneLine:
        coverage: Coverage = row.coverage
        where = inside(row.territory)
        where = where if row.excluded else where[0].upper() + where[1:]
        return ZoneLine(
            territory=row.territory,
            sentence=f"{where}{count_of_communes(row.territory)}",
            excluded=row.excluded,
            source=make_source(coverage.source, coverage.source_date, self.on)
            if coverage.source
            else None,
            caveat=coverage.caveat,
        )

    def claims_of(self, edition: int | None) -> list[ClaimGroup]:
        """What sources say of that edition, or of the whole series, by subject."""
        groups: dict[str, list[tuple[str, Source, str]]] = defaultdict(list)
        for claim in self.claims:
            if claim.edition_id == edition:
                said = (claim.statement, source_of(claim, self.on), claim.caveat)
                groups[claim.subject].append(said)
        return [ClaimGroup(subject, claims) for subject, claims in groups.items()]

    def _sources(self, edition: CallEdition, fundings: list[Funding]) -> list[Source]:
        facts = [edition, *(one for one in fundings if one.source), self.scheme]
        sources = [source_of(fact, self.on) for fact in facts if fact.source]
        return list(dict.fromkeys(sources))

    def _is_too_wide(self) -> bool:
        rows = [row for rows in self.coverage.values() for row in rows if not row.excluded]
        if any(row.territory.kind == Kind.COUNTRY for row in rows):
            return True
        places, overseas = self.snapshot.places, set()
        for row in rows:
            communes = places.inside(row.territory_id, self.on)
            overseas.add(any(_is_overseas(places.communes.code(pk)) for pk in communes))
        return len(overseas) > 1 or (overseas == {True} and len({r.territory_id for r in rows}) > 1)

    @property
    def map_data(self) -> dict[str, Any] | None:
        """The outlines of where the editions shown are open; None when there is none to draw.

        None too for all of France, and for places oceans apart: no view holds them.
        """
        if self._is_too_wide():
            return None
        coverage = [
            {"outline": outline_url(row.territory), "excluded": row.excluded}
            for rows in self.coverage.values()
            for row in rows
        ]
        if not any(one["outline"] for one in coverage):
            return None
        drawn = list({str(one): one for one in coverage}.values())
        return {
            "place": None,
            "ground": static(GROUND),
            "context": [],
            "coverage": drawn,
            "markers": [],
            "unplaced": 0,
        }


def _is_overseas(code: str) -> bool:
    return code.startswith(("97", "98"))


def _place(laureate: Laureate) -> str:
    if laureate.commune:
        return laureate.commune.label
    return laureate.place or (laureate.territory.label if laureate.territory else "")


def dates_of(edition: CallEdition, *, is_standing: bool) -> list[DateLine]:
    """The three dates of an edition; what is not known is said to be."""
    lines = [_date("Ouverture", edition.opens_on), _date("Clôture", edition.closes_on)]
    if is_standing and not edition.closes_on:
        lines = [line for line in lines if line.is_known]
    if edition.results_on:
        lines.append(_date("Résultats", edition.results_on))
    return lines


def _date(label: str, date: PartialDate | None) -> DateLine:
    if date is None:
        return DateLine(label, "non connue", is_known=False, hint="")
    hint = {4: "ni le jour ni le mois ne sont connus", 7: "le jour n’est pas connu"}.get(
        len(date), ""
    )
    return DateLine(label, date.label, is_known=True, hint=hint)
