"""Loads the directory from its files."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from directory.loading import DirectoryFileError, LoadReport, load_directory
from directory.loading.files import DEFAULT_DIRECTORY
from directory.loading.tables import TABLES

#: The most rows of each kind of warning that are spelt out.
SPELT_OUT = 20


class Command(BaseCommand):
    help = (
        "Charge l’annuaire depuis ses fichiers : tout ou rien, sans réécrire ce qui n’a pas "
        "changé ni ce qui a été corrigé à la main. Voir docs/data-format.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--directory", type=Path, default=DEFAULT_DIRECTORY)
        parser.add_argument(
            "--force", action="store_true", help="les fichiers l’emportent sur les corrections"
        )
        parser.add_argument(
            "--prune", action="store_true", help="retire ce qui n’est plus dans les fichiers"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        # tqdm draws on a terminal only when told None.
        with tqdm(total=len(TABLES), desc="Annuaire", disable=None, leave=False) as bar:

            def step(label: str) -> None:
                bar.set_postfix_str(label)
                bar.n = [table.label for table in TABLES].index(label)
                bar.refresh()

            try:
                report = load_directory(
                    options["directory"],
                    force=options["force"],
                    prune=options["prune"],
                    step=step,
                )
            except DirectoryFileError as error:
                raise CommandError(f"{error}\nRien n’a été chargé.") from error
        self._warn("Gardé tel quel en base (--force pour l’écraser)", report.kept)
        self._warn("Plus dans les fichiers (--prune pour le retirer)", report.stale)
        self.stdout.write(f"{summary(report)} ({time.monotonic() - begun:.0f} s).")

    def _warn(self, title: str, lines: list[str]) -> None:
        if lines:
            more = [f"… et {len(lines) - SPELT_OUT} autres"] if len(lines) > SPELT_OUT else []
            shown = "\n  ".join([f"{title} :", *lines[:SPELT_OUT], *more])
            self.stderr.write(self.style.WARNING(shown))


def summary(report: LoadReport) -> str:
    """One sentence: what was created, updated, removed, and what the base holds besides."""
    parts = [
        *(f"{rows} {label} en plus" for label, rows in report.created.items()),
        *(f"{rows} {label} mis à jour" for label, rows in report.updated.items()),
    ]
    if report.removed:
        parts.append(f"{report.removed} lignes retirées")
    if report.by_hand:
        besides = ", ".join(f"{rows} {label}" for label, rows in report.by_hand.items())
        parts.append(f"en base sans être dans les fichiers : {besides}")
    return f"Annuaire : {', '.join(parts) or 'rien à changer'}"
