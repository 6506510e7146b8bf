"""Typed reading of environment variables, refusing what makes no sense.

A parser never raises: it notes a `Problem` and returns a safe default, so that
`manage.py check` can report all that is wrong at once (see checks.py), each with a hint.
An empty variable counts as unset.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

TRUE: Final = {"1", "true", "yes", "on"}
FALSE: Final = {"0", "false", "no", "off"}

#: A host in ASCII, a port or none, then a path and a query without what could end them early.
TILES: Final = re.compile(
    r"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?/[!$-&(-;=?-\[\]^_a-z{|}~]*",
    re.IGNORECASE,
)
#: `{r}` becomes "@2x" on a fine screen.
TILE_PLACES: Final = ({"{x}", "{y}", "{z}"}, {"{x}", "{y}", "{z}", "{r}"})


@dataclass(frozen=True)
class Problem:
    """What is wrong with a variable, and what to write instead."""

    variable: str
    message: str
    hint: str


@dataclass
class Environment:
    """The process's environment and what is wrong with it."""

    variables: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def text(self, name: str, default: str = "") -> str:
        """The variable's text without surrounding spaces."""
        return self.variables.get(name, "").strip() or default

    def flag(self, name: str, default: bool) -> bool:
        """Yes or no: 1/0, true/false, yes/no, on/off. False when it is none of them."""
        value = self.text(name).lower()
        if not value:
            return default
        if value in TRUE:
            return True
        if value not in FALSE:
            self.refuse(name, "is neither yes nor no.", "Write 1 or 0.")
        return False

    def integer(self, name: str, default: int, minimum: int, maximum: int) -> int:
        """A whole number from `minimum` to `maximum`, both included."""
        value = self.text(name)
        if not value:
            return default
        if value.isdecimal() and value.isascii() and minimum <= int(value[:18]) <= maximum:
            return int(value)
        expected = f"Write a whole number from {minimum} to {maximum}."
        self.refuse(name, "is not a number that fits here.", expected)
        return default

    def secret(self, name: str, default: str, minimum_length: int) -> str:
        """A secret. `default` is for development; without one the variable must be there."""
        value = self.text(name)
        hint = f"Give it {minimum_length} random characters or more, for this site alone."
        if not value and not default:
            self.refuse(name, "is not set.", hint)
        elif value and len(value) < minimum_length:
            self.refuse(name, f"has fewer than {minimum_length} characters.", hint)
            return ""
        return value or default

    def hosts(self, name: str, default: list[str]) -> list[str]:
        """Host names separated by commas; `.example.org` stands for its subdomains too."""
        hosts = self._list(name)
        for host in hosts:
            if any(sign in host.strip("[]") for sign in "/@ ") or "://" in host or not host:
                self.refuse(
                    name, f"“{host}” is not a host name.", "Write ess.example.org,www.example.org"
                )
                return default
        return hosts or default

    def origins(self, name: str) -> list[str]:
        """Origins separated by commas: a scheme and a host, nothing after."""
        origins = self._list(name)
        for origin in origins:
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or not parts.netloc or origin.count("/") != 2:
                self.refuse(name, f"“{origin}” is not an origin.", "Write https://ess.example.org")
                return []
        return origins

    def tiles(self, name: str) -> str:
        """An address of map tiles as Leaflet reads it, with {z}, {x}, {y}; empty when refused."""
        address = self.text(name)
        if not address:
            return ""
        hint = "Write https://tiles.example.org/{z}/{x}/{y}.png: one host, {z}, {x} and {y} once."
        places = re.findall(r"\{[^{}]*\}|[{}]", address)
        if not TILES.fullmatch(address):
            self.refuse(name, "is not an address over HTTPS.", hint)
        elif set(places) not in TILE_PLACES or len(places) != len(set(places)):
            self.refuse(name, "does not say where {z}, {x} and {y} go.", hint)
        else:
            return address
        return ""

    def credit(self, name: str, needed: bool) -> str:
        """A line of plain text that names a source; refused when it is needed and not there."""
        credit = self.text(name)
        hint = "Write what the provider's licence asks for, as plain text: © IGN"
        if needed and not credit:
            self.refuse(name, "is not set.", hint)
        elif len(credit) > 200 or not credit.isprintable() or any(sign in credit for sign in "<>&"):
            self.refuse(name, "is not a short line of plain text.", hint)
            return ""
        return credit

    def database(self, name: str) -> dict[str, Any] | None:
        """A PostgreSQL address as an entry of DATABASES; None when unset or refused.

        The password in it is never part of a message.
        """
        address = self.text(name)
        if not address:
            return None
        hint = "Write postgresql://user:password@host:5432/database, special signs as %XX."
        if not address.startswith(("postgresql://", "postgres://")):
            self.refuse(name, "is not the address of a PostgreSQL server.", hint)
            return None
        try:
            parts = dict(conninfo_to_dict(address))
        except ProgrammingError:
            self.refuse(name, "cannot be read as a PostgreSQL address.", hint)
            return None
        if not parts.get("dbname"):
            self.refuse(name, "names no database.", hint)
            return None
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": str(parts.pop("host", "")),
            "PORT": str(parts.pop("port", "")),
            "USER": str(parts.pop("user", "")),
            "PASSWORD": str(parts.pop("password", "")),
            "NAME": str(parts.pop("dbname")),
            "OPTIONS": parts,
        }

    def refuse(self, name: str, message: str, hint: str) -> None:
        """Note that a variable is wrong."""
        self.problems.append(Problem(name, f"{name} {message}", hint))

    def _list(self, name: str) -> list[str]:
        value = self.text(name)
        return [item.strip() for item in value.split(",")] if value else []
