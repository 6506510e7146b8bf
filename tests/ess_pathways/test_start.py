"""What a process of the site holds from the start: its memory is small, and there are two."""

import os
import subprocess
import sys
from pathlib import Path

LOADED = """
import django
django.setup()
import ess_pathways.urls, sys
print(*sys.modules)
"""


def test_what_pages_do_not_need_is_imported_where_it_is_used() -> None:
    run = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "ess_pathways.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(run.stdout.split())
    assert "directory.views.call_imports" in loaded
    assert not loaded & {"openpyxl", "icalendar", "fontTools", "tqdm"}
