"""Makes the ground that maps lie on: every département, coarse, in one small static file.

Needs the `geo` extra, and `fixtures/geography` as `build_geography` leaves it.
"""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from regions.geography import files

TARGET: Final = Path("static/geo/departements.json")
#: Vertices whose triangle is smaller than the square of this many degrees are dropped.
TOLERANCE: Final = 0.02
DECIMALS: Final = 3


class Command(BaseCommand):
    help = "Construit le fond de carte (départements) depuis fixtures/geography."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--output", type=Path, default=TARGET)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            import shapely
        except ImportError as error:
            raise CommandError(f"{error} : installez l’extra « geo » du projet.") from error
        names = {
            row.code: row.name
            for row in files.read_territories(files.DEFAULT_DIRECTORY)
            if row.kind == "departement"
        }
        outlines = {
            code: shapely.from_geojson(geometry)
            for kind, code, geometry in files.Outlines(files.DEFAULT_DIRECTORY).geojson()
            if kind == "departement"
        }
        codes = sorted(outlines)
        simple = shapely.coverage_simplify([outlines[code] for code in codes], TOLERANCE)
        features = [
            {
                "type": "Feature",
                "properties": {"code": code, "name": names[code]},
                "geometry": json.loads(shapely.to_geojson(geometry)),
            }
            for code, geometry in zip(codes, simple, strict=True)
        ]
        collection = json.dumps(
            {"type": "FeatureCollection", "features": features},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        rounded = json.loads(collection, parse_float=lambda text: round(float(text), DECIMALS))
        options["output"].parent.mkdir(exist_ok=True)
        text = json.dumps(rounded, ensure_ascii=False, separators=(",", ":"))
        options["output"].write_text(text + "\n", encoding="utf-8")
        self.stdout.write(f"{len(features)} départements, {len(text) // 1024} kio.")
