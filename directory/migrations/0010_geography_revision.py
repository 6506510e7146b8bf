"""A number of its own for the geography, which changes once a year and is costly to read again."""

from django.db import migrations, models

GEOGRAPHY = ["regions_territory", "regions_containment", "regions_outline", "regions_placename"]

# Made of the transaction's number, so that what somebody saw in a transaction that was rolled back
# is never taken for what the next one wrote.
BUMP = """
CREATE FUNCTION directory_next_number(bigint) RETURNS bigint LANGUAGE sql AS $$
    SELECT greatest($1 + 1, pg_current_xact_id()::text::bigint << 20)
$$;
CREATE OR REPLACE FUNCTION directory_bump_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE directory_revision SET number = directory_next_number(number) WHERE id = 1;
    RETURN NULL;
END
$$;
CREATE FUNCTION directory_bump_geography() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE directory_revision
       SET number = directory_next_number(number), geography = directory_next_number(geography)
     WHERE id = 1;
    RETURN NULL;
END
$$
"""
UNBUMP = """
CREATE OR REPLACE FUNCTION directory_bump_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE directory_revision SET number = number + 1 WHERE id = 1;
    RETURN NULL;
END
$$;
DROP FUNCTION directory_bump_geography();
DROP FUNCTION directory_next_number(bigint)
"""
TRIGGER = """
DROP TRIGGER directory_revision ON {table};
CREATE TRIGGER directory_revision
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {function}()
"""


class Migration(migrations.Migration):
    dependencies = [("directory", "0009_remove_funder_texts")]

    operations = [
        migrations.AddField(
            "revision",
            "geography",
            models.BigIntegerField("numéro de la géographie", default=1, db_default=1),
        ),
        migrations.RunSQL(BUMP, UNBUMP),
        *[
            migrations.RunSQL(
                TRIGGER.format(table=table, function="directory_bump_geography"),
                TRIGGER.format(table=table, function="directory_bump_revision"),
            )
            for table in GEOGRAPHY
        ],
    ]
