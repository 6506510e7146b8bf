"""The administration of all data, for platform administrators."""

from directory.admin import calls, directory, policy

__all__ = ["calls", "directory", "policy"]
