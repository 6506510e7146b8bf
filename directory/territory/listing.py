"""The communes where nobody answers, as a file that spreadsheets open as it is."""

import csv
import io
from collections.abc import Sequence

from directory.gaps import ANSWER_LABELS, Counting, StageGaps

#: A cell that begins with one of these would be run as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
BOM = "\ufeff"
HEADER = ("code_insee", "commune", "population", "etape", "situation", "territoire", "au")


def safe(value: object) -> str:
    """Text that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def gaps_csv(stages: Sequence[StageGaps], counting: Counting) -> str:
    """One line per commune and stage where none of the offers that count answers.

    UTF-8 with BOM, semicolons. `situation` says who answers all the same.
    """
    output = io.StringIO()
    output.write(BOM)
    writer = csv.writer(output, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    for at in stages:
        land = at.landscape
        for facts in land.listed(at.lacking(counting)):
            writer.writerow(
                safe(value)
                for value in (
                    facts.code,
                    facts.label,
                    facts.population,
                    at.stage.name,
                    ANSWER_LABELS[at.answer(facts.pk)],
                    land.territory.key,
                    land.on.isoformat(),
                )
            )
    return output.getvalue()
