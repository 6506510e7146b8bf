"""What the load of the files wrote, so that it never undoes what somebody corrected since."""

from django.db import models


class LoadedRow(models.Model):
    """One row of a data file, and the state in which the last load left what it became.

    A row of the base that no longer looks like this was changed by hand. Not a fact shown to
    anybody, so the triggers of the revision leave this table out.
    """

    file = models.CharField("fichier", max_length=60)
    key = models.TextField("clé dans le fichier")
    object_id = models.BigIntegerField("identifiant en base")
    digest = models.CharField("empreinte", max_length=64)

    class Meta:
        verbose_name = "ligne chargée"
        verbose_name_plural = "lignes chargées"
        ordering = ["file", "key"]
        constraints = [
            models.UniqueConstraint(fields=["file", "key"], name="directory_loadedrow_once")
        ]

    def __str__(self) -> str:
        return f"{self.file} {self.key}"
