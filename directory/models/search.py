"""What free text is looked for in, kept up to date by database triggers (migration 0006)."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from directory.models.operators import Operator

#: French stemming over unaccented words: "émergences" finds "emergence". Made by migration 0006.
SEARCH_CONFIG = "french_unaccent"


class SearchDocument(models.Model):
    """The words of an operator: names (A), kind and networks (B), offers and hosts (C), text (D).

    Read only for Python: statement triggers on every table it comes from write it.
    """

    operator = models.OneToOneField(
        Operator, primary_key=True, on_delete=models.CASCADE, related_name="document"
    )
    vector = SearchVectorField("mots")
    names = models.TextField("noms, sans accents")

    class Meta:
        verbose_name = "document de recherche"
        verbose_name_plural = "documents de recherche"
        indexes = [
            GinIndex(fields=["vector"], name="directory_search_words"),
            GinIndex(fields=["names"], opclasses=["gin_trgm_ops"], name="directory_search_names"),
        ]

    def __str__(self) -> str:
        return str(self.operator_id)


class Synonym(models.Model):
    """Words that mean the same to whoever searches: an acronym and what it stands for."""

    term = models.CharField("mot ou sigle", max_length=80, unique=True)
    equivalents = ArrayField(
        models.CharField(max_length=120),
        verbose_name="veut dire aussi",
        help_text="Séparés par des virgules.",
    )

    class Meta:
        verbose_name = "synonyme"
        verbose_name_plural = "synonymes"
        ordering = ["term"]

    def __str__(self) -> str:
        return self.term
