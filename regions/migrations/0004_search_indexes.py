"""Indexes of the search: words of a name, points, and no pending lists in the inverted ones."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("regions", "0003_placename_weight")]
    operations = [
        migrations.RemoveIndex(model_name="placename", name="regions_placename_trigram"),
        migrations.RemoveIndex(model_name="territory", name="regions_territory_postcodes"),
        migrations.AddIndex(
            model_name="placename",
            index=django.contrib.postgres.indexes.GinIndex(
                fastupdate=False,
                fields=["key"],
                name="regions_placename_trigram",
                opclasses=["gin_trgm_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="placename",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector("key", config="simple"),
                fastupdate=False,
                name="regions_placename_words",
            ),
        ),
        migrations.AddIndex(
            model_name="territory",
            index=django.contrib.postgres.indexes.GinIndex(
                fastupdate=False, fields=["postcodes"], name="regions_territory_postcodes"
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
