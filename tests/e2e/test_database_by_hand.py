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
    "UPDATE factord.head SET token_epoch = token_epoch - 1",
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


def test_an_epoch_of_tokens_that_is_put_back_is_found_by_readers_too(postgres, seeded, tmp_path):
    node = Node(tmp_path / "a", seeded).start()
    client = node.api()
    assert client.methods(str(FIRST)).status == 200
    postgres.sql("UPDATE factord.head SET token_epoch = 0", database=name_of(seeded))
    assert client.methods(str(FIRST)).status in (500, 503)
    assert node.wait() == 1
    assert "the epoch of its tokens is 0 now" in node.log()


NOTHING = "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; "


@pytest.mark.parametrize("change", [
    "CREATE RULE r AS ON INSERT TO factord.events DO INSTEAD NOTHING",
    NOTHING + "CREATE TRIGGER t BEFORE INSERT ON factord.events FOR EACH ROW "
    "EXECUTE FUNCTION nothing()",
    "CREATE RULE r AS ON DELETE TO factord.state DO INSTEAD NOTHING",
    NOTHING + "CREATE TRIGGER t BEFORE UPDATE OR DELETE ON factord.state FOR EACH ROW "
    "EXECUTE FUNCTION nothing()"])
def test_what_is_not_written_as_it_was_told_is_never_a_200(postgres, seeded, tmp_path, change):
    node = Node(tmp_path / "a", seeded).start()
    client = node.api()
    assert client.remove_otp_email(str(FIRST)).status == 200
    postgres.sql(change, database=name_of(seeded))
    assert client.remove_otp_email(str(FIRST + 1)).status == 500
    assert node.wait() == 1
    assert "somebody has changed it" in node.log()


@pytest.mark.parametrize("table", ["state", "events", "head"])
def test_rows_that_are_hidden_are_not_taken_for_none(postgres, seeded, tmp_path, table):
    name = name_of(seeded)
    postgres.sql("DO $$ BEGIN CREATE ROLE guest LOGIN; EXCEPTION WHEN duplicate_object THEN END $$")
    postgres.sql("GRANT USAGE ON SCHEMA factord TO guest; "
                 "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA factord TO guest",
                 database=name)
    with Node(tmp_path / "a", seeded.replace("postgres@", "guest@")) as node:
        client = node.api()
        assert client.remove_otp_email(str(FIRST)).status == 200
        postgres.sql(f"ALTER TABLE factord.{table} ENABLE ROW LEVEL SECURITY", database=name)
        answer = client.remove_otp_email(str(FIRST + 1))
        assert answer.status == 503 and answer.header("Retry-After"), answer
        assert client.get("/v2/events").status == 503
        postgres.sql(f"ALTER TABLE factord.{table} DISABLE ROW LEVEL SECURITY", database=name)
        remove_all(client, [str(FIRST + 1)])
    check(seeded, 2)


def test_what_a_server_says_at_the_start_is_no_line_of_the_log(postgres, seeded, tmp_path):
    name = name_of(seeded)
    other = 'x\n{"msg":"forged"}'
    postgres.sql("DO $$ BEGIN CREATE ROLE guest LOGIN; EXCEPTION WHEN duplicate_object THEN END $$")
    quoted = other.replace('"', '""')
    postgres.sql(f'CREATE ROLE "{quoted}"')
    postgres.sql("GRANT USAGE ON SCHEMA factord TO guest; "
                 "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA factord TO guest",
                 database=name)
    postgres.sql(f"ALTER ROLE guest IN DATABASE {name} SET role = '{other}'")
    with Node(tmp_path / "a", seeded.replace("postgres@", "guest@")) as node:
        assert node.api().remove_otp_email(str(FIRST)).status == 200
    assert "forged" not in node.log()
