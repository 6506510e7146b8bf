"""The administration of all data, for platform administrators."""

from directory.admin import calls, directory, importing, policy

__all__ = ["calls", "directory", "importing", "policy"]
