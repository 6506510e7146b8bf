"""`make demo`: the whole site on one's own machine, with the real geography and the real facts.

Run as `python -m ess_pathways.demo`. It serves in production settings (DEBUG off, hashed static
files, two granian workers) except for HTTPS. What it needs to remember is in var/demo.json: its
secret key, the password of its account, and the digests of the data it has loaded.
"""

import contextlib
import hashlib
import json
import os
import secrets
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Final

from ess_pathways.env import Environment
from ess_pathways.serve import THREADS, WORKERS, serve

PROJECT: Final = Path(__file__).resolve().parent.parent
MEMORY: Final = PROJECT / "var" / "demo.json"
ACCOUNT: Final = "demo"
EVERYWHERE: Final = {"0.0.0.0", "::"}  # noqa: S104  (HOST may ask for it)
STATIC: Final = ("static", "ess_pathways", "requirements/base.txt")
# A command, and the files that decide what it loads: it runs again when one of them changes.
LOADS: Final = {
    "load_territories": ("fixtures/geography", "regions"),
    "load_directory": ("fixtures", "directory"),
}


class Refusal(SystemExit):
    """The demo cannot go on; the message says what to do, in French."""


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    environment = Environment(os.environ)
    host = environment.text("HOST", "127.0.0.1")
    port = environment.integer("PORT", default=8000, minimum=1, maximum=65535)
    if environment.problems:
        raise Refusal("PORT doit être un nombre de 1 à 65535, par exemple : make demo PORT=8001")
    refuse_taken_port(host, port)
    memory = remember()
    os.environ.update(
        DJANGO_SETTINGS_MODULE="ess_pathways.settings",
        DEBUG="0",
        HTTPS="0",
        SECRET_KEY=memory["secret_key"],
        ALLOWED_HOSTS=",".join({"localhost", "127.0.0.1", "[::1]", _host_header(host)}),
    )

    import django
    from django.core.management.base import CommandError

    django.setup()
    try:
        prepare(memory)
    except CommandError as error:
        raise Refusal(str(error)) from None
    serve_and_say(host, port, memory)


def refuse_taken_port(host: str, port: int) -> None:
    """Raises Refusal, naming PORT or HOST, where the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise Refusal(
                f"L’adresse {host}:{port} n’est pas libre ({error.strerror}). Choisissez un autre "
                f"port, par exemple : make demo PORT={port + 1 if port < 65535 else 8000}"
            ) from None


def remember() -> dict[str, Any]:
    """What earlier runs left in var/demo.json, or what a first run starts from."""
    memory: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        memory = json.loads(MEMORY.read_text())
    memory.setdefault("secret_key", secrets.token_urlsafe(60))
    memory.setdefault("password", secrets.token_urlsafe(9))
    memory.setdefault("loaded", {})
    return memory


def save(memory: dict[str, Any]) -> None:
    """Keep it for the next run, for the owner's eyes only."""
    MEMORY.parent.mkdir(exist_ok=True)
    partial = MEMORY.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(memory, file)
    partial.replace(MEMORY)


def prepare(memory: dict[str, Any]) -> None:
    """Database, data, account and static files, as far as they are not there yet."""
    from django.conf import settings
    from django.core.management import call_command

    from directory.models import Operator
    from regions.models import Territory

    say("Base de données…")
    call_command("migrate", verbosity=0)
    refuse_real_site()
    for command, model in (("load_territories", Territory), ("load_directory", Operator)):
        digest = digest_of(*LOADS[command])
        if memory["loaded"].get(command) != digest or not model._default_manager.exists():
            call_command(command)
            memory["loaded"][command] = digest
            save(memory)
    make_account(memory["password"])
    save(memory)
    digest = digest_of(*STATIC)
    if memory["loaded"].get("collectstatic") != digest or not settings.STATIC_ROOT.exists():
        say("Fichiers statiques…")
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        memory["loaded"]["collectstatic"] = digest
        save(memory)


def refuse_real_site() -> None:
    """The demo makes an administrator: never in a database that has accounts of its own."""
    from django.contrib.auth import get_user_model

    others = get_user_model()._default_manager.exclude(username=ACCOUNT)
    if os.environ.get("DATABASE_URL") and others.exists():
        raise Refusal(
            "La base que désigne DATABASE_URL contient déjà des comptes : la démonstration n’y "
            "touche pas. Donnez-lui une base vide."
        )


def make_account(password: str) -> None:
    """The demo's administrator, whose name says what it is."""
    from django.contrib.auth import get_user_model

    user, _ = get_user_model()._default_manager.update_or_create(
        username=ACCOUNT,
        defaults={
            "first_name": "Compte",
            "last_name": "de démonstration",
            "is_staff": True,
            "is_superuser": True,
        },
    )
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])


def digest_of(*paths: str) -> str:
    """A digest of the names and contents of the files under these paths of the project."""
    digest = hashlib.sha256()
    for path in paths:
        root = PROJECT / path
        for file in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file.relative_to(PROJECT)}\0{file.stat().st_size}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def serve_and_say(host: str, port: int, memory: dict[str, Any]) -> None:
    """Serve until Ctrl-C; then the workers stop, and our exit the embedded database."""
    address = f"http://{_host_header('127.0.0.1' if host in EVERYWHERE else host)}:{port}"
    announcement = threading.Thread(target=announce, args=(address, memory), daemon=True)
    announcement.start()
    serve(host, port, WORKERS, THREADS, quiet=True)
    say("Arrêté.")


def announce(address: str, memory: dict[str, Any]) -> None:
    """Say where the site is, once it answers."""
    while True:
        try:
            with urllib.request.urlopen(f"{address}/sante/", timeout=5):  # noqa: S310  (ours)
                break
        except urllib.error.HTTPError as error:
            say(f"Le site répond sur {address}, mais n’est pas prêt : {error.read().decode()}")
            return
        except OSError:
            time.sleep(0.1)
    say(
        f"\n  Parcours ESS    {address}/\n"
        f"  Administration  {address}/admin/\n"
        f"  Compte de démonstration : {ACCOUNT}   mot de passe : {memory['password']}\n\n"
        "  Ctrl-C pour tout arrêter.\n"
    )


def say(text: str) -> None:
    print(text, flush=True)


def _host_header(host: str) -> str:
    """The host as browsers write it; any, when the demo listens on every interface."""
    if host in EVERYWHERE:
        return "*"
    return f"[{host}]" if ":" in host else host


if __name__ == "__main__":
    main()
