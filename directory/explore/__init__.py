"""The search of operators: list, map, counts and downloads are one `Exploration` seen four ways."""

from directory.explore.exploration import Exploration

__all__ = ["Exploration"]
