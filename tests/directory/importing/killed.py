"""What test_kill.py runs in processes of its own, to be killed: prepare, begin, import, resume.

`python -m tests.directory.importing.killed MODE`, with DATABASE_URL. "import" stops once every
statement of the load has been sent and before the commit, says so, and waits.
"""

import os
import sys

ROWS = 300


def main(mode: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "ess_pathways.settings"
    import django

    django.setup()
    {"prepare": prepare, "import": load, "resume": resume}[mode]()


def prepare() -> None:
    """A small France, a series with an edition, and an import that somebody confirmed."""
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from directory.importing import imports
    from directory.importing.rights import Agent
    from directory.models import CallImport
    from tests.directory.importing.conftest import call, table
    from tests.factories import (
        CallEditionFactory,
        FunderFactory,
        FundingSchemeFactory,
        SmallFrance,
        StageFactory,
        covers,
    )

    call_command("migrate", verbosity=0)
    france = SmallFrance()
    StageFactory(slug="creation")
    FunderFactory(slug="region-r1", name="Région R1")
    scheme = FundingSchemeFactory(slug="fonds-r1")
    covers(scheme, france.r1)
    CallEditionFactory(scheme=scheme, key="fonds-0", title="Ancien titre")
    rows = [
        call(
            f"fonds-{n}",
            Territoires="departement:d1",
            Étapes="creation",
            Financeurs="region-r1 : 5",
        )
        for n in range(ROWS)
    ]
    rows.append({**call("neuve", Type="ami"), "Série": "Neuve"})
    agent = Agent(User.objects.create_superuser("admin"), None)
    shown = imports.work(imports.receive(agent, "appels.csv", table(*rows)).pk, "admin")
    imports.ask_to_load(shown, digest=shown.digest, good_rows_only=False, overwrite=False)
    assert CallImport.objects.get().state == "chargement"


def load() -> None:
    from directory.importing import imports, writing
    from directory.models import CallEdition, CallImport

    def stop(*args: object) -> None:
        assert CallEdition.objects.count() > ROWS, "the load wrote nothing"
        print("written, not committed", flush=True)
        sys.stdin.readline()

    writing._keep = stop
    imports.work(CallImport.objects.get().pk, "admin")


def resume() -> None:
    import datetime

    from directory.importing import imports
    from directory.models import CallImport

    found = CallImport.objects.get()
    CallImport.objects.update(asked_at=found.asked_at - datetime.timedelta(minutes=1))
    found.refresh_from_db()
    assert imports.is_abandoned(found)
    print(imports.work(found.pk, "admin").state, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
