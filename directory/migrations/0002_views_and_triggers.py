"""The view that says which coverage rows count, and the triggers that bump the revision."""

from django.db import migrations

# A row that names a former commune or an arrondissement counts for the current commune: nothing is
# lost when communes merge.
NAMED_COVERAGE = """
CREATE VIEW directory_namedcoverage AS
    SELECT c.id, c.operator_id, c.offer_id, c.scheme_id, c.edition_id,
           c.territory_id, c.excluded, c.valid_from, c.valid_until
      FROM directory_coverage c
    UNION ALL
    SELECT c.id, c.operator_id, c.offer_id, c.scheme_id, c.edition_id,
           former.successor_id, c.excluded, c.valid_from, c.valid_until
      FROM directory_coverage c
      JOIN regions_territory former ON former.id = c.territory_id
     WHERE former.successor_id IS NOT NULL
"""

EFFECTIVE_COVERAGE = """
CREATE VIEW directory_effectivecoverage AS
    SELECT c.id AS coverage_id, c.offer_id, NULL::bigint AS edition_id,
           c.territory_id, c.excluded, c.valid_from, c.valid_until
      FROM directory_namedcoverage c
     WHERE c.offer_id IS NOT NULL
    UNION ALL
    SELECT c.id, o.id, NULL::bigint, c.territory_id, c.excluded, c.valid_from, c.valid_until
      FROM directory_namedcoverage c
      JOIN directory_offer o ON o.operator_id = c.operator_id
     WHERE NOT EXISTS (SELECT 1 FROM directory_coverage own WHERE own.offer_id = o.id)
    UNION ALL
    SELECT c.id, NULL::bigint, c.edition_id,
           c.territory_id, c.excluded, c.valid_from, c.valid_until
      FROM directory_namedcoverage c
     WHERE c.edition_id IS NOT NULL
    UNION ALL
    SELECT c.id, NULL::bigint, e.id, c.territory_id, c.excluded, c.valid_from, c.valid_until
      FROM directory_namedcoverage c
      JOIN directory_calledition e ON e.scheme_id = c.scheme_id
     WHERE NOT EXISTS (SELECT 1 FROM directory_coverage own WHERE own.edition_id = e.id)
"""

# Visitors' reports (directory_need) change no public page, so they do not empty the cache.
WATCHED = [
    "regions_territory",
    "regions_containment",
    "regions_outline",
    "regions_placename",
    "directory_stage",
    "directory_operatorkind",
    "directory_theme",
    "directory_audience",
    "directory_network",
    "directory_operator",
    "directory_operator_networks",
    "directory_alias",
    "directory_reference",
    "directory_host",
    "directory_membership",
    "directory_offer",
    "directory_offer_audiences",
    "directory_offer_themes",
    "directory_coverage",
    "directory_relay",
    "directory_fundingscheme",
    "directory_calledition",
    "directory_calledition_stages",
    "directory_calledition_themes",
    "directory_calledition_audiences",
    "directory_laureate",
    "directory_indicator",
    "directory_regionfile",
]

# A row, not a sequence: the bump becomes visible together with the write that caused it.
BUMP = """
INSERT INTO directory_revision (id, number) VALUES (1, 1);
CREATE FUNCTION directory_bump_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE directory_revision SET number = number + 1 WHERE id = 1;
    RETURN NULL;
END
$$
"""

TRIGGER = """
CREATE TRIGGER directory_revision
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION directory_bump_revision()
"""


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial")]

    operations = [
        migrations.RunSQL(NAMED_COVERAGE, "DROP VIEW directory_namedcoverage"),
        migrations.RunSQL(EFFECTIVE_COVERAGE, "DROP VIEW directory_effectivecoverage"),
        migrations.RunSQL(
            BUMP,
            "DROP FUNCTION directory_bump_revision(); DELETE FROM directory_revision",
        ),
        *[
            migrations.RunSQL(
                TRIGGER.format(table=table),
                f"DROP TRIGGER directory_revision ON {table}",
            )
            for table in WATCHED
        ],
    ]
