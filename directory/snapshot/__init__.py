"""What public pages read of the directory, in memory, as of one state of the data and one day."""

from directory.snapshot.kept import current, snapshot
from directory.snapshot.snapshot import Snapshot

__all__ = ["Snapshot", "current", "snapshot"]
