"""Rows that fit into a table, whatever its constraints say."""

from sqlalchemy import create_engine, text

from mcp_server.migrations.rows import fill


def test_bounds_at_the_end_of_64_bits_leave_room_for_a_row() -> None:
    table = """CREATE TABLE parcels (
        id INTEGER PRIMARY KEY,
        weight BIGINT NOT NULL CONSTRAINT ck_weight CHECK (weight >= -9223372036854775807),
        places BIGINT NOT NULL CONSTRAINT ck_places CHECK (places = 7)
    )"""
    with create_engine("sqlite://").connect() as connection:
        connection.execute(text(table))
        assert fill(connection, ["parcels"]) == {"parcels": 2}
