"""The geography in memory: who touches whom."""

import pytest

from regions import atlas as module
from regions.atlas import Atlas
from tests.factories import TODAY, SmallFrance


@pytest.mark.django_db
def test_what_touches_some_communes_is_found_one_by_one_as_among_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    SmallFrance()
    places = Atlas()
    for territory in [*places.wider, *places.communes]:
        inside = places.inside(territory, TODAY)
        found = []
        for few in (module.FEW, -1):
            monkeypatch.setattr(module, "FEW", few)
            found.append(list(places.touching(inside, TODAY).items()))
        assert found[0] == found[1]
        assert all(shared & inside == shared and shared for _, shared in found[0])
        if territory in places.wider and inside:
            assert (territory, inside) in found[0]
