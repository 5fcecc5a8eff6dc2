"""Prints what a Parquet file holds as JSON: rows, columns, an aggregate of each column, five rows. Reads it with DuckDB."""

import json
import sys

import duckdb

PLAIN = {"VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN"}
TOTALS = {"BIGINT": "sum({})::DOUBLE", "DOUBLE": "sum({})", "BOOLEAN": "count_if({})::DOUBLE"}

database = duckdb.connect()
database.execute("SET TimeZone = 'UTC'")
path = sys.argv[1].replace("'", "''")
source = f"read_parquet('{path}')"


def ask(query: str) -> list[tuple]:
    return database.execute(query).fetchall()


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def aggregate(name: str, kind: str) -> dict[str, object]:
    """Known values, distinct ones, least and greatest, and the sum where there is one."""
    column = quoted(name)
    text = f"{column}::VARCHAR"
    total = TOTALS.get(kind, "NULL").format(column)
    figures = f"count({column}), count(DISTINCT {text}), min({column})::VARCHAR, max({column})::VARCHAR, {total}"
    known, distinct, least, greatest, total = ask(f"SELECT {figures} FROM {source}")[0]
    return {"type": kind, "known": known, "distinct": distinct, "min": least, "max": greatest, "sum": total}


kinds = {row[0]: row[1] for row in ask(f"DESCRIBE SELECT * FROM {source}")}
columns = list(kinds)
cells = ", ".join(quoted(name) + ("" if kind in PLAIN else "::VARCHAR") for name, kind in kinds.items())
print(
    json.dumps(
        {
            "rows": ask(f"SELECT count(*) FROM {source}")[0][0],
            "columns": columns,
            "aggregates": {name: aggregate(name, kind) for name, kind in kinds.items()},
            "sample": [dict(zip(columns, row)) for row in ask(f"SELECT {cells} FROM {source} LIMIT 5")],
        }
    )
)
