"""« Reprendre l’édition précédente »: last year's edition copied as a draft for another year."""

from django.db import transaction
from django.db.models import QuerySet

from directory.models import CallEdition, Coverage, Funding, Publication

#: What says of a year what it says of no other: not copied.
_OF_ONE_YEAR = {
    "opens_on": None,
    "closes_on": None,
    "results_on": None,
    "applicants": None,
    "selected": None,
    "envelope": None,
    "envelope_nature": "",
    "note": "",
    "caveat": "",
    "source_date": None,
}


class AlreadyThereError(ValueError):
    """The series has an edition of that year; the message says so in French."""


def last_editions(editions: QuerySet[CallEdition]) -> QuerySet[CallEdition]:
    """The last edition of each series, with its scheme, in the order of their names."""
    last = editions.order_by("scheme_id", "-year", "-pk").distinct("scheme_id").values("pk")
    found = CallEdition.objects.filter(pk__in=last).select_related("scheme")
    return found.order_by("scheme__name", "pk")


def carry_over(edition: CallEdition, year: int) -> CallEdition:
    """The edition as a draft for `year`: its texts, zones, terms and funders.

    Dates, amounts, numbers of files, laureates, documents, contradictions and reserves are of the
    year that is over, and are not copied; the source stays, undated, as where to look first.
    Raises AlreadyThereError, in French, when the series has an edition of that year.
    """
    with transaction.atomic():
        scheme = type(edition.scheme).objects.select_for_update().get(pk=edition.scheme_id)
        if scheme.editions.filter(year=year).exists():
            raise AlreadyThereError(f"« {scheme.name} » a déjà une édition {year}.")
        fields = {
            field.attname: getattr(edition, field.attname)
            for field in CallEdition._meta.concrete_fields
            if not field.primary_key
        }
        fields |= _OF_ONE_YEAR | {
            "key": _free_key(edition, year),
            "title": _for_year(edition.title, edition.year, year)[:250],
            "year": year,
            "publication": Publication.DRAFT,
        }
        draft = CallEdition.objects.create(**fields)
        for name in ("stages", "themes", "audiences"):
            getattr(draft, name).set(getattr(edition, name).all())
        funders = edition.fundings.order_by("funder").values_list("funder", flat=True).distinct()
        Funding.objects.bulk_create(Funding(edition=draft, funder_id=pk) for pk in funders)
        Coverage.objects.bulk_create(
            Coverage(edition=draft, territory_id=territory, excluded=excluded)
            for territory, excluded in edition.own_coverage.filter(valid_until__isnull=True)
            .values_list("territory_id", "excluded")
            .distinct()
        )
    return draft


def _for_year(text: str, old: int | None, new: int) -> str:
    """The text with its year changed; with the year added when it says none."""
    if old and str(old) in text:
        return text.replace(str(old), str(new))
    return f"{text} {new}"


def _free_key(edition: CallEdition, year: int) -> str:
    base = _for_year(edition.key, edition.year, year).replace(" ", "-")[:150]
    key, number = base, 1
    while CallEdition.objects.filter(key=key).exists():
        number += 1
        key = f"{base}-{number}"
    return key
