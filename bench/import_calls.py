"""The import of calls beside a loop of full_clean and save, and the memory it takes.

    python -m bench.import_calls                       # 10,000 calls; a loop over 500 of them
    python -m bench.import_calls --rows 2000 --loop 200

Both write the same calls (dates, envelope, stages, themes, a funder, a zone) over the real
geography, in one transaction that is rolled back. The import does all that a load does: it reads
the file, checks every cell, compares with the base, writes, and keeps what it did for an undo. The
loop only checks and saves objects that are made already. Each runs in a process of its own, whose
peak memory (Linux) is that of a whole worker: Django, the file, the names of the geography.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

DATABASE: Final = "bench_1000"
#: Rows per second of the import, at least so many times those of the loop.
CONTRACT: Final = 20
#: Megabytes of a small server.
SMALL_SERVER: Final = 512


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--loop", type=int, default=500, help="calls saved one by one")
    parser.add_argument("--only", choices=list(WAYS), help="(inside) one of the ways, here")
    options = parser.parse_args(arguments)
    if options.only:
        here(options.only, options.rows)
        return
    from bench import databases

    databases.setup()
    databases.build(1000)
    print(
        "| way | calls | seconds | calls/s | peak memory |\n|---|---:|---:|---:|---:|", flush=True
    )
    speeds = {}
    for way in WAYS:
        rows = options.loop if way == "loop" else options.rows
        result = subprocess.run(
            [sys.executable, "-m", "bench.import_calls", "--only", way, "--rows", str(rows)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        seconds, memory = map(float, result.stdout.split())
        speeds[way] = rows / seconds
        print(
            f"| {WAYS[way]} | {rows:,} | {seconds:.1f} | {speeds[way]:,.0f} | {memory:.0f} MB |",
            flush=True,
        )
    for way in ("load, CSV", "load, XLSX"):
        print(f"{way}: {speeds[way] / speeds['loop']:.1f} × the loop (contract: {CONTRACT} ×)")


def here(way: str, rows: int) -> None:
    """Prints the seconds that a way takes, and the peak memory of this process in MB."""
    os.environ["BENCH_DATABASE"] = DATABASE
    from bench import databases

    databases.setup()
    from django.db import transaction

    cells = example_cells(rows)
    with transaction.atomic():
        seconds = loop(cells) if way == "loop" else import_file(way, cells)
        transaction.set_rollback(True)
    status = Path("/proc/self/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(f"{seconds:.3f} {peak:.1f}")


def example_cells(rows: int) -> list[dict[str, str]]:
    """Calls as somebody types them, by heading: half of a Région, half of a département."""
    from directory.models import Funder, Stage, Theme
    from regions.models import Territory

    places = list(Territory.objects.filter(kind__in=["region", "departement"]).order_by("pk"))
    stages = list(Stage.objects.order_by("position").values_list("name", flat=True))
    themes = list(Theme.objects.order_by("name").values_list("name", flat=True))
    funder = Funder.objects.order_by("pk").values_list("name", flat=True)[0]
    return [
        {
            "Clé": f"import-{n}",
            "Série": f"Série d’exemple {n // 5}",
            "Type": "appel à projets",
            "Titre": f"Appel d’exemple {n}, pour les projets de l’économie sociale et solidaire",
            "Année": str(2020 + n % 5),
            "Ouverture": f"{1 + n % 28:02}/02/2026",
            "Clôture": f"{1 + n % 28:02}/{3 + n % 9:02}/2026",
            "Territoires": places[n % len(places)].key,
            "Étapes": " ; ".join(stages[n % len(stages) :][:2]),
            "Thématiques": themes[n % len(themes)] if themes else "",
            "Enveloppe (€)": f"{1 + n % 900} 000 €",
            "Financeurs": f"{funder} : {1 + n % 900} 000 € voté",
            "Page de l’appel": f"https://exemple.example/appels/{n}",
            "À savoir": "Une phrase ou deux sur ce que l’appel demande, comme il y en a partout.",
            "Contact": "Service économie sociale et solidaire",
            "Courriel": "ess@exemple.example",
            "Source": f"https://exemple.example/appels/{n}",
            "Date de la source": "15/01/2026",
        }
        for n in range(rows)
    ]


def as_file(kind: str, cells: list[dict[str, str]]) -> bytes:
    import tablib

    dataset = tablib.Dataset(*[list(row.values()) for row in cells], headers=list(cells[0]))
    content = dataset.export(kind)
    return content if isinstance(content, bytes) else content.encode()


def import_file(way: str, cells: list[dict[str, str]]) -> float:
    """The seconds of a preview or a load, by the functions that pages call."""
    from django.contrib.auth.models import User

    from directory.importing import imports
    from directory.importing.rights import Agent
    from directory.models import ImportState

    kind = "xlsx" if "XLSX" in way else "csv"
    content = as_file(kind, cells)
    agent = Agent(User.objects.create_user("bench"), None)
    begun = time.perf_counter()
    shown = imports.work(imports.receive(agent, f"x.{kind}", content).pk, agent.name)
    expected(shown, ImportState.READY, len(cells))
    if way.startswith("preview"):
        return time.perf_counter() - begun
    imports.ask_to_load(shown, digest=shown.digest, good_rows_only=False, overwrite=False)
    begun = time.perf_counter()
    done = imports.work(shown.pk, agent.name)
    expected(done, ImportState.DONE, len(cells))
    return time.perf_counter() - begun


def expected(found: Any, state: str, created: int) -> None:
    if (found.state, found.created) != (state, created):
        raise RuntimeError(f"{found.state}: {found.message} {found.created} {found.wrong}")


def loop(cells: list[dict[str, str]]) -> float:
    """The seconds of full_clean and save, call by call, with their terms, zone and funding."""
    from directory.importing import cells as readers
    from directory.importing.vocabulary import Vocabulary
    from directory.models import (
        CallEdition,
        Coverage,
        Funder,
        Funding,
        FundingScheme,
        Stage,
        Theme,
    )
    from regions.models import Territory

    words = Vocabulary()
    stages = {one.name: one for one in Stage.objects.all()}
    themes = {one.name: one for one in Theme.objects.all()}
    places = {one.key: one for one in Territory.objects.filter(kind__in=["region", "departement"])}
    funder = Funder.objects.order_by("pk")[0]
    schemes: dict[str, FundingScheme] = {}
    begun = time.perf_counter()
    for row in cells:
        name = row["Série"]
        if name not in schemes:
            scheme = FundingScheme(
                slug=f"serie-{len(schemes)}-x", name=name, kind="aap", source=row["Source"]
            )
            scheme.full_clean()
            scheme.save()
            schemes[name] = scheme
        edition = CallEdition(
            scheme=schemes[name],
            key=row["Clé"],
            title=row["Titre"],
            year=int(row["Année"]),
            publication="publie",
            opens_on=readers.date(row["Ouverture"], words),
            closes_on=readers.date(row["Clôture"], words),
            envelope=readers.amount(row["Enveloppe (€)"], words),
            link=row["Page de l’appel"],
            note=row["À savoir"],
            contact=row["Contact"],
            contact_email=row["Courriel"],
            source=row["Source"],
            source_date=readers.date(row["Date de la source"], words),
        )
        edition.full_clean()
        edition.save()
        edition.stages.set([stages[one] for one in row["Étapes"].split(" ; ")])
        if row["Thématiques"]:
            edition.themes.set([themes[row["Thématiques"]]])
        for related in (
            Coverage(edition=edition, territory=places[row["Territoires"]]),
            Funding(edition=edition, funder=funder, amount=edition.envelope, nature="vote"),
        ):
            related.full_clean()
            related.save()
    return time.perf_counter() - begun


WAYS: Final = {
    "loop": "loop of full_clean and save",
    "preview, CSV": "preview, CSV",
    "load, CSV": "load, CSV",
    "preview, XLSX": "preview, XLSX",
    "load, XLSX": "load, XLSX",
}

if __name__ == "__main__":
    main(sys.argv[1:])
