"""The population beside each name, so that a search sorts without reading the communes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("regions", "0002_initial")]
    operations = [
        migrations.AddField(
            model_name="placename",
            name="weight",
            field=models.PositiveIntegerField(
                default=0,
                help_text="Population de la commune, pour ranger les réponses.",
                verbose_name="poids",
            ),
        ),
    ]
