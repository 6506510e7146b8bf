"""Loads the official geography and the Pays from their compact files."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from regions.geography import files, load


class Command(BaseCommand):
    help = "Charge la géographie officielle et les Pays : tout ou rien, sans effet si déjà chargée."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--directory", type=Path, default=files.DEFAULT_DIRECTORY)
        parser.add_argument(
            "--force", action="store_true", help="compare chaque ligne même si rien n’a changé"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        # tqdm draws on a terminal only when told None.
        with tqdm(total=len(load.STEPS), desc="Géographie", disable=None, leave=False) as bar:

            def step(label: str) -> None:
                bar.set_postfix_str(label)
                bar.n = load.STEPS.index(label)
                bar.refresh()

            try:
                report = load.load(options["directory"], force=options["force"], step=step)
            except (files.GeographyFileError, load.OlderVintageError) as error:
                raise CommandError(str(error)) from error
        if report.skipped:
            self.stdout.write(f"Géographie {report.vintage} : déjà chargée.")
            return
        for message in report.warnings:
            self.stderr.write(self.style.WARNING(message))
        done = ", ".join(
            f"{rows:,} {what}".replace(",", "\u202f") for what, rows in report.changes.items()
        )
        self.stdout.write(
            f"Géographie {report.vintage} : {done or 'rien à changer'} "
            f"({time.monotonic() - begun:.0f}\u00a0s)."
        )
