"""What visitors say is missing: a place and a stage where nobody answers them."""

from django.db import models

from directory.models.vocabulary import Stage
from regions.models import Kind, Territory


class Need(models.Model):
    """A need reported by a visitor. The e-mail is optional and erased by `erase_needs`."""

    commune = models.ForeignKey(
        Territory,
        verbose_name="commune",
        on_delete=models.PROTECT,
        related_name="needs",
        limit_choices_to={"kind": Kind.COMMUNE},
    )
    stage = models.ForeignKey(
        Stage,
        verbose_name="étape",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    message = models.TextField("message", max_length=2000)
    email = models.EmailField("courriel", blank=True)
    reported_at = models.DateTimeField("signalé le", auto_now_add=True)
    handled_on = models.DateField("traité le", null=True, blank=True)

    class Meta:
        verbose_name = "besoin signalé"
        verbose_name_plural = "besoins signalés"
        ordering = ["-reported_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.commune} — {self.stage or 'étape non précisée'}"
