"""What of a filter's options is shown at once, and what is folded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import template

register = template.Library()

#: Options shown at once; a filter with more of them folds the rest.
SHOWN = 8


@dataclass(frozen=True)
class Folded:
    """The options of one filter (`explore.facets.Option`), in their order: the first, the rest."""

    shown: Sequence[Any]
    rest: Sequence[Any]

    @property
    def is_open(self) -> bool:
        """Whether one of the folded options is in use: then nobody has to look for it."""
        return any(option.selected for option in self.rest)

    @property
    def empty(self) -> int:
        """How many of the folded options would give nothing."""
        return sum(option.is_empty for option in self.rest)


@register.filter
def folded(options: Sequence[Any]) -> Folded:
    """`{% with parts=facet.options|folded %}`: see `Folded`."""
    return Folded(options[:SHOWN], options[SHOWN:])
