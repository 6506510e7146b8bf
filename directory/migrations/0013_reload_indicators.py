"""The file of the figures has new columns: what the last load wrote can no longer be recognised by
them, so the next load of the files wins once."""

from django.db import migrations


def forget(apps, schema_editor):
    loaded = apps.get_model("directory", "LoadedRow").objects.filter(file="indicators.csv")
    loaded.update(digest="")


class Migration(migrations.Migration):
    dependencies = [("directory", "0012_indicator_subjects")]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
