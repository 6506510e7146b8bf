"""What visitors left of themselves is erased when it was promised."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from directory.models import Need
from tests.factories import SmallFrance


@pytest.mark.parametrize(("days", "kept"), [(364, "a@exemple.fr"), (366, "")])
def test_an_email_is_erased_after_a_year(france: SmallFrance, days: int, kept: str) -> None:
    need = Need.objects.create(commune=france.a, message="Rien ici", email="a@exemple.fr")
    Need.objects.update(reported_at=timezone.now() - timedelta(days=days))
    call_command("erase_needs")
    need.refresh_from_db()
    assert (need.email, need.message) == (kept, "Rien ici")
