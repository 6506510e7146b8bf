"""The small reference lists every page needs, kept against the directory's revision."""

from dataclasses import dataclass

from django.core.cache import cache

from directory.models import Network, OperatorKind, Revision, Stage, Stamp, Synonym, Theme
from regions.ordering import alphabetical


@dataclass(frozen=True)
class Vocabulary:
    stages: tuple[Stage, ...]
    themes: tuple[Theme, ...]
    kinds: tuple[OperatorKind, ...]
    networks: tuple[Network, ...]
    synonyms: tuple[Synonym, ...]

    def stage(self, slug: str) -> Stage | None:
        return next((stage for stage in self.stages if stage.slug == slug), None)

    def theme(self, slug: str) -> Theme | None:
        return next((theme for theme in self.themes if theme.slug == slug), None)


def vocabulary(stamp: Stamp | None = None) -> Vocabulary:
    """Stages in order and themes by name, as of that stamp (by default the current one)."""
    key = f"vocabulary:{(stamp or Revision.current()).number}"
    kept = cache.get(key)
    if kept is None:
        kept = Vocabulary(
            stages=tuple(Stage.objects.all()),
            themes=tuple(Theme.objects.all()),
            kinds=tuple(OperatorKind.objects.order_by(alphabetical("name"), "pk")),
            networks=tuple(Network.objects.order_by(alphabetical("name"), "pk")),
            synonyms=tuple(Synonym.objects.all()),
        )
        cache.set(key, kept)
    return kept
