"""docs/deployment.md says what the settings read, and names files and commands that exist."""

import re
from pathlib import Path

from django.conf import settings
from django.core.management import get_commands

DOCS = Path(settings.BASE_DIR) / "docs"
GUIDE = (DOCS / "deployment.md").read_text()
READ = set(
    re.findall(
        r'ENVIRONMENT\.\w+\(\s*"([A-Z_]+)"',
        (Path(settings.BASE_DIR) / "ess_pathways" / "settings.py").read_text(),
    )
)


def test_the_table_names_every_variable_that_the_settings_read_and_no_other() -> None:
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", GUIDE, re.MULTILINE)) == READ


def test_the_example_sets_only_variables_that_are_read() -> None:
    example = (DOCS / "deployment" / "environment.example").read_text()
    assert set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)) <= READ


def test_every_command_in_the_guide_exists() -> None:
    assert set(re.findall(r"manage\.py (\w+)", GUIDE)) <= get_commands().keys()


def test_every_file_the_guide_links_to_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", GUIDE)
    assert links
    for link in links:
        assert (DOCS / link).is_file(), link
