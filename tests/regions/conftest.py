"""The real geography, and small geographies of one's own."""

from tests.geography import france_database, whole_france

__all__ = ["france_database", "whole_france"]
