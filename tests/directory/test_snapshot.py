"""What a snapshot keeps of what was asked of it."""

import pytest

from directory.models import Revision
from directory.snapshot import Snapshot
from tests.factories import TODAY


@pytest.mark.django_db
def test_of_many_answers_the_latest_are_kept_up_to_the_bound() -> None:
    snapshot = Snapshot(Revision.current(), TODAY)
    asked: list[int] = []

    def answer(key: int) -> str:
        return snapshot.once_for("answers", key, 10, lambda: asked.append(key) or f"answer {key}")

    for key in range(25):
        assert answer(key) == f"answer {key}"
        known = len(asked)
        assert answer(key) == f"answer {key}"
        assert len(asked) == known
    asked.clear()
    for key in range(15, 25):
        answer(key)
    assert asked == []
    answer(14)
    assert asked == [14]
