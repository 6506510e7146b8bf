import time

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def show(client, code, **q):
    r = client.get(f"/api/v1/parcours/{code}", q)
    d = r.json()
    print("\n==", code, d["commune"].get("nom"), d["documented"])
    for s in d["stages"]:
        print("  --", s["slug"], "GAP" if s["gap"] else "")
        for o in s["offers"]:
            print(
                "     ",
                o["operator"]["name"],
                "|",
                o["operator"]["kind"],
                "|",
                o["summary"],
                "| via",
                o["via"]["name"],
            )
            for l in o["relays"]:
                print("           →", l)
    print("  calls", [(c.get("title"), c.get("status")) for c in d["calls"]])


def test_real(client):
    t = time.time()
    call_command("load_territories")
    print("terr", time.time() - t)
    t = time.time()
    call_command("load_directory")
    print("dir", time.time() - t)
    t = time.time()
    call_command("load_directory")
    print("dir2", time.time() - t)
    for c in ("25388", "35238", "29233", "44128", "22016", "75056", "97502", "54395"):
        show(client, c)
