"""The engines that the other tests stand on are really there."""

import sqlite3

import psycopg


def test_a_fresh_database_of_each_engine_keeps_what_it_was_given(engine: str, database: str) -> None:
    connection = sqlite3.connect(":memory:") if database == "sqlite" else psycopg.connect(database)
    assert (engine == "sqlite") == isinstance(connection, sqlite3.Connection)
    connection.execute("CREATE TABLE kept (n integer PRIMARY KEY)")
    connection.execute("INSERT INTO kept VALUES (7)")
    connection.commit()
    row = connection.execute("SELECT n FROM kept").fetchone()
    connection.close()
    assert row == (7,)
