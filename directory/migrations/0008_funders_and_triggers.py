"""Funders out of the texts that named them, the view of effective funders, the triggers."""

from django.db import migrations
from django.utils.text import slugify

EFFECTIVE_FUNDER = """
CREATE VIEW directory_effectivefunder AS
    SELECT DISTINCT f.edition_id || '-' || f.funder_id AS id, f.edition_id, f.funder_id
      FROM directory_funding f
    UNION ALL
    SELECT e.id || '-' || u.funder_id, e.id, u.funder_id
      FROM directory_calledition e
      JOIN directory_fundingscheme_funders u ON u.fundingscheme_id = e.scheme_id
     WHERE NOT EXISTS (SELECT 1 FROM directory_funding own WHERE own.edition_id = e.id)
"""

TRIGGER = """
CREATE TRIGGER directory_revision
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION directory_bump_revision()
"""

WATCHED = [
    "directory_funder",
    "directory_fundingscheme_funders",
    "directory_funding",
    "directory_editiondocument",
    "directory_claim",
    "directory_agreement",
    "directory_methodstep",
    "directory_bornproject",
    "directory_resource",
    "directory_milestone",
]

#: Files whose columns change here: what the last load wrote can no longer be recognised by them.
RESHAPED = ["schemes.csv", "editions.csv", "laureates.csv"]


def carry_over(apps, schema_editor):
    """Editions so far were public as soon as their scheme was; a text that named a funder becomes
    one, to be sorted by hand or by the next load of the files."""
    scheme_model = apps.get_model("directory", "FundingScheme")
    edition_model = apps.get_model("directory", "CallEdition")
    funder_model = apps.get_model("directory", "Funder")
    funding_model = apps.get_model("directory", "Funding")
    edition_model.objects.update(publication="publie")

    def funder(text):
        name = text.strip()[:200]
        known = funder_model.objects.filter(name=name).first()
        if known:
            return known
        base = slug = slugify(name)[:70] or "financeur"
        number = 1
        while funder_model.objects.filter(slug=slug).exists():
            number += 1
            slug = f"{base}-{number}"
        return funder_model.objects.create(slug=slug, name=name, kind="ess")

    loaded = apps.get_model("directory", "LoadedRow").objects.filter(file__in=RESHAPED)
    from_files = {
        file: set(loaded.filter(file=file).values_list("object_id", flat=True)) for file in RESHAPED
    }
    for scheme in scheme_model.objects.exclude(funder=""):
        if scheme.pk not in from_files["schemes.csv"]:
            scheme.funders.add(funder(scheme.funder))
    for edition in edition_model.objects.exclude(funder=""):
        if edition.pk not in from_files["editions.csv"]:
            funding_model.objects.create(edition=edition, funder=funder(edition.funder))
    loaded.update(digest="")


class Migration(migrations.Migration):
    dependencies = [("directory", "0007_calls_and_policy")]

    operations = [
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.RunSQL(EFFECTIVE_FUNDER, "DROP VIEW directory_effectivefunder"),
        *[
            migrations.RunSQL(
                TRIGGER.format(table=table), f"DROP TRIGGER directory_revision ON {table}"
            )
            for table in WATCHED
        ],
    ]
