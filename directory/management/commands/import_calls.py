"""Imports calls from a spreadsheet, as the pages of agents do."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from directory.importing import imports
from directory.importing.files import MOST_BYTES, TOO_BIG
from directory.importing.imports import NotNowError
from directory.importing.rights import Agent
from directory.models import CallImport, ImportState, RowAction
from regions.models import Kind, Territory

#: Rows of each kind that are spelt out.
SPELT_OUT = 20
TITLES = {
    RowAction.WRONG: "En erreur",
    RowAction.CREATE: "À créer",
    RowAction.CHANGE: "À modifier",
}


class Command(BaseCommand):
    help = (
        "Importe des appels depuis un tableau CSV ou XLSX. Sans --load, montre ce qui changerait "
        "et n’écrit rien. Voir docs/import-des-appels.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="le tableau")
        parser.add_argument("--load", action="store_true", help="charge après l’aperçu")
        parser.add_argument(
            "--load-good-rows", action="store_true", help="charge sans les lignes en erreur"
        )
        parser.add_argument(
            "--overwrite-corrections",
            action="store_true",
            help="le fichier l’emporte sur ce qui a été corrigé sur le site",
        )
        parser.add_argument("--user", default="", help="le compte au nom duquel on importe")
        parser.add_argument(
            "--region",
            default="",
            metavar="CODE",
            help="avec les droits des agents de cette région",
        )
        parser.add_argument("--list", action="store_true", help="les derniers imports")
        parser.add_argument("--undo", type=int, metavar="N", help="annule l’import n° N")
        parser.add_argument(
            "--purge",
            type=int,
            nargs="?",
            const=imports.KEPT_DAYS,
            metavar="JOURS",
            help="efface les aperçus que personne n’a confirmés",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        agent = self._agent(options["user"], options["region"])
        if options["purge"] is not None:
            self.stdout.write(f"{imports.purge(options['purge'])} aperçu(s) effacé(s).")
        elif options["list"]:
            self._list()
        elif options["undo"] is not None:
            self._undo(agent, options["undo"])
        elif options["file"] is None:
            raise CommandError("Donnez un fichier, --list, --undo N ou --purge.")
        else:
            self._import(agent, options)

    def _agent(self, user: str, region: str) -> Agent:
        users = get_user_model()
        found = users._default_manager.filter(username=user).first() if user else users()
        if found is None:
            raise CommandError(f"Le compte « {user} » n’existe pas.")
        if not user:
            found.username = "ligne de commande"
        place = None
        if region:
            kinds = [Kind.REGION, Kind.COLLECTIVITY]
            place = Territory.objects.filter(kind__in=kinds, code=region).first()
            if place is None:
                raise CommandError(f"« {region} » n’est le code d’aucune région.")
        return Agent(found, place)

    def _import(self, agent: Agent, options: dict[str, Any]) -> None:
        path: Path = options["file"]
        try:
            if path.stat().st_size > MOST_BYTES:
                raise CommandError(TOO_BIG)
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"« {path} » ne se lit pas : {error.strerror}.") from error
        shown = self._work(imports.receive(agent, path.name, content), agent, "Lecture")
        if shown.state == ImportState.REFUSED:
            shown.delete()
            raise CommandError(shown.message)
        self._say(shown)
        if not (options["load"] or options["load_good_rows"]):
            shown.delete()
            self.stdout.write("Aperçu seulement, rien n’est écrit. Ajoutez --load pour charger.")
            if shown.wrong:
                raise CommandError("Des lignes sont en erreur.")
            return
        self._load(shown, agent, options)

    def _load(self, shown: CallImport, agent: Agent, options: dict[str, Any]) -> None:
        overwrite = options["overwrite_corrections"]
        if not (shown.wrong or shown.created or shown.changed or (overwrite and shown.kept)):
            shown.delete()
            self.stdout.write("Rien à changer.")
            return
        try:
            imports.ask_to_load(
                shown,
                digest=shown.digest,
                good_rows_only=options["load_good_rows"],
                overwrite=overwrite,
            )
        except NotNowError as error:
            shown.delete()
            raise CommandError(f"{error} Rien n’a été chargé.") from error
        done = self._work(shown, agent, "Chargement")
        if done.state != ImportState.DONE:
            raise CommandError(done.message)
        self.stdout.write(
            f"Chargé : {done.created} créé(s), {done.changed} modifié(s). Pour l’annuler : "
            f"import_calls --undo {done.pk}"
        )

    def _work(self, call_import: CallImport, agent: Agent, label: str) -> CallImport:
        # tqdm draws on a terminal only when told None.
        with tqdm(desc=label, unit=" lignes", disable=None, leave=False) as bar:

            def step(done: int, total: int) -> None:
                bar.total = total
                bar.n = done
                bar.refresh()

            return imports.work(call_import.pk, agent.name, step)

    def _say(self, shown: CallImport) -> None:
        for action, title in TITLES.items():
            rows = shown.rows.filter(action=action).order_by("line")
            count = rows.count()
            if count:
                self.stdout.write(f"{title} : {count}")
                for row in rows[:SPELT_OUT]:
                    self._say_row(row)
                if count > SPELT_OUT:
                    self.stdout.write(f"  … et {count - SPELT_OUT} autres")
        for row in shown.rows.filter(changes__contains=[{"kept": True}])[:SPELT_OUT]:
            for change in row.corrections:
                self.stdout.write(
                    f"  ligne {row.line}, {change['column']} : corrigé sur le site "
                    f"(« {change['old']} »), gardé ; le fichier dit « {change['new']} »"
                )
        if shown.ignored_headings:
            self.stdout.write(f"Colonnes inconnues : {' ; '.join(shown.ignored_headings)}")
        self.stdout.write(
            f"{shown.created} à créer, {shown.changed} à modifier, {shown.left} inchangé(s), "
            f"{shown.wrong} en erreur, {shown.kept} correction(s) gardée(s)."
        )

    def _say_row(self, row: Any) -> None:
        self.stdout.write(f"  ligne {row.line} : {row.title or row.key}")
        for error in row.errors:
            self.stdout.write(f"    {error['column']} : {error['message']}")
        if row.action == RowAction.CHANGE:
            for change in row.applied:
                self.stdout.write(
                    f"    {change['column']} : « {change['old']} » → « {change['new']} »"
                )
        for note in row.notes:
            self.stdout.write(f"    {note}")

    def _list(self) -> None:
        for one in CallImport.objects.light().select_related("region")[:SPELT_OUT]:
            place = one.region.label if one.region else "toutes les régions"
            self.stdout.write(
                f"n° {one.pk}, {one.created_at:%d/%m/%Y}, {one.file_name}, {one.user_name}, "
                f"{place} : {one.get_state_display()} ; {one.created} créé(s), "
                f"{one.changed} modifié(s)"
            )

    def _undo(self, agent: Agent, number: int) -> None:
        found = CallImport.objects.of_region(agent.region).light().filter(pk=number).first()
        if found is None:
            raise CommandError(f"Il n’y a pas d’import n° {number}.")
        try:
            obstacles = imports.undo(found, agent)
        except NotNowError as error:
            raise CommandError(str(error)) from error
        if obstacles:
            lines = [
                f"  ligne {one.line}, {one.title} : {one.reason}" for one in obstacles[:SPELT_OUT]
            ]
            raise CommandError("\n".join(["Rien n’a été annulé :", *lines]))
        self.stdout.write(f"L’import n° {number} est annulé.")
