"""When an edition last changed: calendars and feeds tell their readers by it."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("directory", "0010_geography_revision")]

    operations = [
        migrations.AddField(
            model_name="calledition",
            name="updated_at",
            field=models.DateTimeField(
                auto_now=True, default=django.utils.timezone.now, verbose_name="modifiée le"
            ),
            preserve_default=False,
        ),
    ]
