"""Indexes of the search: words of a name, points."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("regions", "0003_placename_weight")]
    operations = [
        migrations.AddIndex(
            model_name="placename",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector("key", config="simple"),
                name="regions_placename_words",
            ),
        ),
        migrations.AddIndex(
            model_name="territory",
            index=models.Index(
                condition=models.Q(("kind", "commune")),
                fields=["latitude", "longitude"],
                name="regions_territory_point",
            ),
        ),
    ]
