"""`make demo`: refuses rather than harms, remembers, and loads again only what changed."""

import json
import socket
import stat
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import get_commands

from ess_pathways import demo

User = get_user_model()


def test_a_port_in_use_is_refused_in_words_that_name_port() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(demo.Refusal, match=rf"{port} n’est pas libre.*PORT={port + 1}"):
            demo.refuse_taken_port("127.0.0.1", port)


def test_a_free_port_is_accepted() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    demo.refuse_taken_port("127.0.0.1", port)


def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "http")
    with pytest.raises(demo.Refusal, match="PORT doit être un nombre"):
        demo.main()


@pytest.mark.django_db
def test_a_database_with_accounts_of_its_own_is_left_alone(monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ess@db/ess")
    demo.refuse_real_site()
    User.objects.create_user("somebody")
    with pytest.raises(demo.Refusal, match="contient déjà des comptes"):
        demo.refuse_real_site()


@pytest.mark.django_db
def test_the_demo_account_says_what_it_is_and_keeps_its_password() -> None:
    demo.make_account("first")
    demo.make_account("second")
    user = User.objects.get()
    assert user.get_full_name() == "Compte de démonstration"
    assert user.is_superuser
    assert user.check_password("second")


def test_what_the_demo_remembers_is_secret_and_stays(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(demo, "MEMORY", tmp_path / "demo.json")
    memory = demo.remember()
    assert len(memory["secret_key"]) >= 50
    demo.save(memory)
    assert stat.S_IMODE(demo.MEMORY.stat().st_mode) == 0o600
    assert demo.remember() == memory


def test_a_spoilt_memory_is_made_anew(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(demo, "MEMORY", tmp_path / "demo.json")
    demo.MEMORY.write_text('{"secret_key": ')
    memory = demo.remember()
    demo.save(memory)
    assert json.loads(demo.MEMORY.read_text()) == memory


def test_the_digest_follows_contents_names_and_nothing_else(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(demo, "PROJECT", tmp_path)
    data = tmp_path / "data"
    (data / "__pycache__").mkdir(parents=True)
    (data / "a.csv").write_text("1")
    first = demo.digest_of("data")
    (data / "__pycache__" / "a.pyc").write_text("compiled")
    assert demo.digest_of("data") == first
    (data / "a.csv").write_text("2")
    second = demo.digest_of("data")
    (data / "a.csv").rename(data / "b.csv")
    assert len({first, second, demo.digest_of("data")}) == 3


def test_what_the_demo_loads_is_there() -> None:
    assert demo.LOADS.keys() <= get_commands().keys()
    for path in [*demo.STATIC, *(path for paths in demo.LOADS.values() for path in paths)]:
        assert (demo.PROJECT / path).exists()
