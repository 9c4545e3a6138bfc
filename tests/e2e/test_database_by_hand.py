"""Somebody with psql changes the tables under a server."""

import pytest

from database import Node, name_of
from patience import FIRST, USERS, check, remove_all

@pytest.mark.parametrize("statement", [
    "ALTER TABLE factord.events RENAME TO elsewhere", "ALTER SCHEMA factord RENAME TO elsewhere",
    "REVOKE ALL ON ALL TABLES IN SCHEMA factord FROM guest"])
def test_tables_that_go_away_and_come_back(postgres, seeded, tmp_path, statement):
    name = name_of(seeded)
    postgres.sql("DO $$ BEGIN CREATE ROLE guest LOGIN; EXCEPTION WHEN duplicate_object THEN END $$")
    allow = ("GRANT USAGE ON SCHEMA factord TO guest; "
             "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA factord TO guest")
    postgres.sql(allow, database=name)
    back = {"ALTER TABLE factord.events RENAME TO elsewhere":
            "ALTER TABLE factord.elsewhere RENAME TO events",
            "ALTER SCHEMA factord RENAME TO elsewhere":
            "ALTER SCHEMA elsewhere RENAME TO factord"}.get(statement, allow)
    with Node(tmp_path / "a", seeded.replace("postgres@", "guest@")) as node:
        client = node.api()
        assert client.remove_otp_email(str(FIRST)).status == 200
        postgres.sql(statement, database=name)
        answer = client.remove_otp_email(str(FIRST + 1))
        assert answer.status == 503 and answer.header("Retry-After"), answer
        postgres.sql(back, database=name)
        remove_all(client, [str(FIRST + 1)])
    check(seeded, 2)


@pytest.mark.parametrize("damage", [
    "UPDATE factord.head SET sequence = sequence - 3",
    "UPDATE factord.head SET hash = sha256(hash)",
    "DELETE FROM factord.head",
    "UPDATE factord.meta SET value = 'another' WHERE name = 'store_id'"])
def test_a_store_that_has_lost_what_was_seen_is_written_to_no_more(postgres, seeded, tmp_path,
                                                                   damage):
    node = Node(tmp_path / "a", seeded).start()
    client = node.api()
    assert client.remove_otp_email(str(FIRST)).status == 200
    postgres.sql(damage, database=name_of(seeded))
    postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                 f"WHERE datname = '{name_of(seeded)}'")
    answer = client.remove_otp_email(str(FIRST + 1))
    assert answer.status in (500, 503), answer
    assert node.wait() == 1
    assert "storage failed" in node.log()
    events = postgres.sql("SELECT count(*) FROM factord.events", database=name_of(seeded))
    assert events == str(3 * USERS + 2)
