"""Why a whole file is refused, and the sizes that none may pass."""

from typing import Final


class FileRefusedError(ValueError):
    """The file cannot be read; the message is one sentence, in French, for whoever sent it."""


#: Rows of one file, the line of headings apart.
MOST_ROWS: Final = 10_000
#: Characters of one cell: the longest text of a call is far below.
MOST_CELL: Final = 20_000
#: Columns of one file.
MOST_COLUMNS: Final = 200

TOO_MANY_ROWS: Final = "Ce fichier a plus de 10 000 lignes : coupez-le en plusieurs."
TOO_LONG: Final = (
    "Ce fichier a des milliers de lignes vides : supprimez-les (sélectionnez-les, puis « Supprimer "
    "les lignes »), enregistrez et recommencez."
)
