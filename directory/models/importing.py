"""Imports of calls, what each did, and who may import for which Région.

None of it is shown to the public, so the triggers of the revision leave these tables out.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from directory.models.calls import CallEdition
from regions.models import Kind, Territory


class Officer(models.Model):
    """Somebody who keeps the calls of one Région up to date."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name="compte",
        on_delete=models.CASCADE,
        related_name="officer",
    )
    region = models.ForeignKey(
        Territory,
        verbose_name="région",
        on_delete=models.PROTECT,
        related_name="officers",
        limit_choices_to={"kind__in": [Kind.REGION, Kind.COLLECTIVITY]},
    )

    class Meta:
        verbose_name = "agent d’une Région"
        verbose_name_plural = "agents des Régions"
        ordering = ["region__name", "user__username"]

    def __str__(self) -> str:
        return f"{self.user} ({self.region.label})"


class ImportState(models.TextChoices):
    """Where an import stands. A file is read, shown, then loaded; a loaded one may be undone."""

    READING = "lecture", "lecture du fichier"
    REFUSED = "refuse", "fichier refusé"
    READY = "pret", "à confirmer"
    LOADING = "chargement", "chargement"
    DONE = "charge", "chargé"
    UNDONE = "annule", "annulé"


#: States in which some process should be at work.
AT_WORK = (ImportState.READING, ImportState.LOADING)


class CallImportQuerySet(models.QuerySet["CallImport"]):
    def of_region(self, region: Territory | None) -> "CallImportQuerySet":
        """Those that the officers of that Région may see; all of them for None."""
        return self if region is None else self.filter(region=region)

    def light(self) -> "CallImportQuerySet":
        """Without the files, which may weigh megabytes."""
        return self.defer("content")


class CallImport(models.Model):
    """One file of calls: received, previewed, and perhaps loaded and undone."""

    created_at = models.DateTimeField("reçu le", auto_now_add=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="envoyé par",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    user_name = models.CharField("nom du compte", max_length=150)
    region = models.ForeignKey(
        Territory,
        verbose_name="pour la région",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Vide : toutes, par l’administration du service.",
    )
    file_name = models.CharField("fichier", max_length=200)
    content = models.BinaryField("contenu")
    state = models.CharField("état", max_length=12, choices=ImportState.choices)
    asked_at = models.DateTimeField("demandé le", default=timezone.now)
    message = models.TextField("message", blank=True)
    corrections = models.JSONField("cellules corrigées en ligne", default=dict)
    ignored_headings = models.JSONField("colonnes ignorées", default=list)
    digest = models.CharField("empreinte de l’aperçu", max_length=64, blank=True)
    done = models.PositiveIntegerField("lignes traitées", default=0)
    total = models.PositiveIntegerField("lignes", default=0)
    created = models.PositiveIntegerField("créés", default=0)
    changed = models.PositiveIntegerField("modifiés", default=0)
    left = models.PositiveIntegerField("inchangés", default=0)
    wrong = models.PositiveIntegerField("en erreur", default=0)
    kept = models.PositiveIntegerField("corrections gardées", default=0)
    good_rows_only = models.BooleanField("lignes en erreur laissées", default=False)
    overwrote = models.BooleanField("corrections écrasées", default=False)
    created_schemes = models.JSONField("séries créées", default=dict)
    loaded_at = models.DateTimeField("chargé le", null=True)
    load_order = models.PositiveIntegerField(
        "rang du chargement", null=True, unique=True, help_text="Une horloge peut reculer."
    )
    loaded_by = models.CharField("chargé par", max_length=150, blank=True)
    undone_at = models.DateTimeField("annulé le", null=True)
    undone_by = models.CharField("annulé par", max_length=150, blank=True)

    objects = CallImportQuerySet.as_manager()

    class Meta:
        verbose_name = "import d’appels"
        verbose_name_plural = "imports d’appels"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ImportState.values), name="directory_callimport_state_known"
            ),
            models.CheckConstraint(
                condition=Q(loaded_at__isnull=True) ^ Q(state__in=["charge", "annule"]),
                name="directory_callimport_loaded_when_done",
            ),
        ]

    def __str__(self) -> str:
        return f"import n° {self.pk} ({self.file_name})"

    @property
    def is_at_work(self) -> bool:
        return self.state in AT_WORK


class RowAction(models.TextChoices):
    """What a row does. The order is that of the preview."""

    WRONG = "erreur", "en erreur"
    CREATE = "creer", "à créer"
    CHANGE = "modifier", "à modifier"
    LEAVE = "laisser", "inchangé"


class CallImportRow(models.Model):
    """One line of a file: what it changes, cell by cell, or what is wrong with it.

    `changes`: [{column, old, new, kept}], texts as shown. `errors`: [{column, value, message}].
    `values`: the last value that imports gave to each column, by which a correction is told.
    `before` and `after`: the whole state of the edition then (None before it existed) and the
    digest of what the import left, to undo it.
    """

    call_import = models.ForeignKey(
        CallImport, verbose_name="import", on_delete=models.CASCADE, related_name="rows"
    )
    line = models.PositiveIntegerField("ligne")
    key = models.CharField("clé externe", max_length=160, blank=True)
    title = models.CharField("titre", max_length=250, blank=True)
    action = models.CharField("effet", max_length=8, choices=RowAction.choices)
    changes = models.JSONField("changements", default=list)
    errors = models.JSONField("erreurs", default=list)
    notes = models.JSONField("remarques", default=list)
    values = models.JSONField("valeurs importées", default=dict)
    edition = models.ForeignKey(
        CallEdition,
        verbose_name="édition",
        null=True,
        on_delete=models.SET_NULL,
        related_name="import_rows",
    )
    before = models.JSONField("état d’avant", null=True)
    after = models.CharField("empreinte de l’état laissé", max_length=64, blank=True)

    class Meta:
        verbose_name = "ligne d’un import"
        verbose_name_plural = "lignes des imports"
        ordering = ["call_import_id", "line"]
        constraints = [
            models.UniqueConstraint(
                fields=["call_import", "line"], name="directory_callimportrow_once"
            )
        ]

    def __str__(self) -> str:
        return f"ligne {self.line} : {self.key}"

    @property
    def applied(self) -> list[dict[str, object]]:
        return [change for change in self.changes if not change["kept"]]

    @property
    def corrections(self) -> list[dict[str, object]]:
        """Changes the file asks for in cells that somebody corrected on the site."""
        return [change for change in self.changes if change["kept"]]
