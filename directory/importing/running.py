"""Who does the work of an import: the request itself when it is short, else a thread beside it.

A thread of the process that received the file: nothing more to install or to watch. When that
process dies, its transaction is rolled back and its lock is free: the page sees it and offers to
start again (`imports.is_abandoned`).
"""

import threading
from typing import Final

from django.db import connections

from directory.importing import imports
from directory.models import CallImport, ImportState

#: Bytes of a file that is read within the request: about 500 rows. A workbook is packed.
SHORT_TEXT: Final = 200_000
SHORT_WORKBOOK: Final = 40_000
SHORT_ROWS: Final = 500


def start(call_import: CallImport, name: str) -> None:
    """Begins what the state of the import asks for; the work is over on return when it is short."""
    if is_short(call_import):
        imports.work(call_import.pk, name)
    else:
        thread = threading.Thread(target=_run, args=(call_import.pk, name), daemon=True)
        thread.start()


def is_short(call_import: CallImport) -> bool:
    if call_import.state == ImportState.READING and not call_import.total:
        content = bytes(call_import.content)
        return len(content) <= (SHORT_WORKBOOK if content[:2] == b"PK" else SHORT_TEXT)
    return call_import.total <= SHORT_ROWS


def _run(pk: int, name: str) -> None:
    try:
        imports.work(pk, name)
    finally:
        connections.close_all()
