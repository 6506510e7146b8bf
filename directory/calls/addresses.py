"""Where the page of a call is: the only place that knows."""

from directory.models import CallEdition


def call_url(edition: CallEdition) -> str:
    """The page of an edition, `/appels/<series>/<year>/`; that of its series when it has no year.

    The edition comes with its scheme.
    """
    year = f"{edition.year}/" if edition.year else ""
    return f"/appels/{edition.scheme.slug}/{year}"
