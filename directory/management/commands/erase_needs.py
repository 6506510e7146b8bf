"""Erase what visitors left of themselves, once it has served."""

import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from directory.models import Need

#: How long an e-mail left with a report is kept; said on the form.
KEPT_DAYS = 365


class Command(BaseCommand):
    help = "Efface les courriels laissés avec un signalement depuis plus d’un an."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--jours", type=int, default=KEPT_DAYS, help="Durée de conservation.")

    def handle(self, *args: Any, **options: Any) -> None:
        limit = timezone.now() - datetime.timedelta(days=options["jours"])
        erased = Need.objects.filter(reported_at__lt=limit).exclude(email="").update(email="")
        self.stdout.write(f"{erased} courriel(s) effacé(s).")
