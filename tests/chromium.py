"""The browser of the tests: found, or else installed.

`python -m tests.chromium` prints the path of a Chromium and installs one when there is none: with
apt-get as root on Debian, with Playwright's own installer elsewhere.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find() -> str | None:
    """The path of an installed browser: CHROMIUM_PATH, one on PATH, or Playwright's own."""
    chosen = os.environ.get("CHROMIUM_PATH")
    if chosen:
        if not os.access(chosen, os.X_OK):
            raise SystemExit(f"CHROMIUM_PATH={chosen} is not a program.")
        return chosen
    return next(filter(None, map(shutil.which, NAMES)), None) or _playwrights_own()


def install() -> None:
    """Install a browser, or raise CalledProcessError."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = ["chromium", "fonts-liberation2"]
        try:
            _run(["apt-get", "update", "-qq"], environment)
            _run(
                ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", *packages],
                environment,
            )
            return
        except subprocess.CalledProcessError:
            print("apt-get could not install Chromium, trying Playwright's own.", file=sys.stderr)
    _run([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _run(command: list[str], environment: dict[str, str]) -> None:
    print("+", *command, file=sys.stderr)
    subprocess.run(command, check=True, env=environment, stdout=sys.stderr)


def main() -> None:
    if not find():
        try:
            install()
        except (OSError, subprocess.CalledProcessError) as error:
            print(error, file=sys.stderr)
    path = find()
    if not path:
        raise SystemExit(
            "The tests need a Chromium and none could be installed. "
            "Install one, or set CHROMIUM_PATH to its program."
        )
    print(path)


if __name__ == "__main__":
    main()
