"""The French search configuration, and the triggers that keep the search documents true."""

from django.db import migrations

CONFIG = """
CREATE TEXT SEARCH CONFIGURATION french_unaccent (COPY = french);
ALTER TEXT SEARCH CONFIGURATION french_unaccent
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, french_stem
"""

REFRESH = """
CREATE FUNCTION directory_refresh_documents(operators bigint[]) RETURNS void LANGUAGE sql AS $$
INSERT INTO directory_searchdocument (operator_id, vector, names)
SELECT o.id,
       setweight(to_tsvector('french_unaccent', concat_ws(' ', o.name, a.names)), 'A')
    || setweight(to_tsvector('french_unaccent',
           concat_ws(' ', k.name, k.plural, k.expansion, n.names)), 'B')
    || setweight(to_tsvector('french_unaccent', concat_ws(' ', f.texts, h.names)), 'C')
    || setweight(to_tsvector('french_unaccent', concat_ws(' ', o.description, t.name)), 'D'),
       lower(unaccent(concat_ws(' ', o.name, a.names)))
  FROM directory_operator o
  JOIN directory_operatorkind k ON k.id = o.kind_id
  LEFT JOIN regions_territory t ON t.id = o.commune_id
  LEFT JOIN LATERAL (SELECT string_agg(name, ' ' ORDER BY id) AS names
                       FROM directory_alias WHERE operator_id = o.id) a ON true
  LEFT JOIN LATERAL (SELECT string_agg(name, ' ' ORDER BY id) AS names
                       FROM directory_host WHERE operator_id = o.id) h ON true
  LEFT JOIN LATERAL (SELECT string_agg(concat_ws(' ', title, summary, conditions), ' ' ORDER BY id)
                         AS texts FROM directory_offer WHERE operator_id = o.id) f ON true
  LEFT JOIN LATERAL (SELECT string_agg(w.name, ' ' ORDER BY w.id) AS names
                       FROM directory_operator_networks m
                       JOIN directory_network w ON w.id = m.network_id
                      WHERE m.operator_id = o.id) n ON true
 WHERE o.id = ANY (operators)
    ON CONFLICT (operator_id) DO UPDATE SET vector = EXCLUDED.vector, names = EXCLUDED.names
$$
"""

# Statement triggers see all the rows of a statement: a bulk write refreshes each operator once.
FUNCTION = """
CREATE FUNCTION directory_search_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM directory_refresh_documents(ARRAY(SELECT DISTINCT {operators}));
    RETURN NULL;
END
$$
"""

# Deleting an operator deletes its offers first, which writes its document anew: it goes last.
FORGET = """
CREATE FUNCTION directory_search_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM directory_searchdocument WHERE operator_id IN (SELECT id FROM touched);
    RETURN NULL;
END
$$
"""

TRIGGER = """
CREATE TRIGGER directory_search_{event} AFTER {event} ON {table}
REFERENCING {rows} TABLE AS touched
FOR EACH STATEMENT EXECUTE FUNCTION directory_search_{name}()
"""

#: table -> how its touched rows name the operators to refresh
SOURCES = {
    "directory_operator": "id FROM touched",
    "directory_alias": "operator_id FROM touched",
    "directory_host": "operator_id FROM touched",
    "directory_offer": "operator_id FROM touched",
    "directory_operator_networks": "operator_id FROM touched",
    "directory_operatorkind": (
        "o.id FROM directory_operator o JOIN touched ON touched.id = o.kind_id"
    ),
    "directory_network": (
        "m.operator_id FROM directory_operator_networks m JOIN touched ON touched.id = m.network_id"
    ),
}


def name_of(table: str) -> str:
    return table.removeprefix("directory_")


def operations() -> list[migrations.RunSQL]:
    made = [
        migrations.RunSQL(CONFIG, "DROP TEXT SEARCH CONFIGURATION french_unaccent"),
        migrations.RunSQL(REFRESH, "DROP FUNCTION directory_refresh_documents(bigint[])"),
    ]
    for table, operators in SOURCES.items():
        name = name_of(table)
        made.append(
            migrations.RunSQL(
                FUNCTION.format(name=name, operators=operators),
                f"DROP FUNCTION directory_search_{name}()",
            )
        )
        for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            if event == "DELETE" and table == "directory_operator":
                made.append(migrations.RunSQL(FORGET, "DROP FUNCTION directory_search_forget()"))
                name = "forget"
            made.append(
                migrations.RunSQL(
                    TRIGGER.format(event=event.lower(), table=table, rows=rows, name=name),
                    f"DROP TRIGGER directory_search_{event.lower()} ON {table}",
                )
            )
    made.append(
        migrations.RunSQL(
            "CREATE TRIGGER directory_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
            "ON directory_synonym FOR EACH STATEMENT EXECUTE FUNCTION directory_bump_revision()",
            "DROP TRIGGER directory_revision ON directory_synonym",
        )
    )
    made.append(
        migrations.RunSQL(
            "SELECT directory_refresh_documents(ARRAY(SELECT id FROM directory_operator))",
            migrations.RunSQL.noop,
        )
    )
    return made


class Migration(migrations.Migration):
    dependencies = [("directory", "0005_search")]
    operations = operations()
