from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("directory", "0008_funders_and_triggers")]

    operations = [
        migrations.RemoveField(model_name="calledition", name="funder"),
        migrations.RemoveField(model_name="fundingscheme", name="funder"),
    ]
