"""The order in which imports were loaded: an undo must not trust a clock."""

from django.db import migrations, models

IN_ORDER = """
UPDATE directory_callimport one SET load_order = loads.place
  FROM (SELECT id, row_number() OVER (ORDER BY loaded_at, id) AS place
          FROM directory_callimport WHERE loaded_at IS NOT NULL) loads
 WHERE loads.id = one.id
"""


class Migration(migrations.Migration):
    dependencies = [("directory", "0014_imports_of_calls")]

    operations = [
        migrations.AddField(
            model_name="callimport",
            name="load_order",
            field=models.PositiveIntegerField(
                help_text="Une horloge peut reculer.",
                null=True,
                unique=True,
                verbose_name="rang du chargement",
            ),
        ),
        migrations.RunSQL(IN_ORDER, migrations.RunSQL.noop),
    ]
