"""The log: one JSON object a line on stderr, and none for a request that went well."""

import json

from api import fresh
from factord import run_factord
from wire import request


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_every_line_is_a_json_object(start):
    server = start()
    client = server.api()
    client.remove_otp_email(client.make_user_with_factor())
    server.stop()
    found = lines(server.log())
    assert found and all(isinstance(line, dict) for line in found)
    shapes = {tuple(list(line)[:3]) for line in found}
    assert len(shapes) == 1, shapes


def test_the_start_tells_the_durability(start):
    server = start("--durability", "process")
    assert any(line.get("durability") == "process" for line in lines(server.log()))


def test_no_line_per_request_at_level_info(start):
    server = start()
    client = server.api()
    before = server.log()
    for _ in range(20):
        client.methods("u")
        client.get("/nowhere")
    with server.connect() as connection:
        connection.ask("nonsense\r\n\r\n")
    server.stop()
    after = {line["msg"] for line in lines(server.log()[len(before):])}
    assert after <= {"stopping", "drained"}


def test_what_comes_from_outside_cannot_forge_a_line(start, tmp_path):
    name = 'da"ta\n{"level":"error"}\x1b[31m'
    server = start(data_dir=tmp_path / name)
    assert server.api().make_user(fresh("a\n{}"))
    server.stop()
    found = lines(server.log())
    assert any(name in str(line.values()) or name in line.get("data_dir", "") for line in found)
    assert "\x1b" not in server.log()


def test_a_failed_start_is_a_line_too(tmp_path):
    (tmp_path / "data").write_text("")
    done = run_factord("--data-dir", tmp_path / "data", "--listen", "127.0.0.1:0")
    assert done.returncode == 1
    assert [line["level"] for line in lines(done.stderr)][-1] == "error"


def test_levels(start):
    quiet = start("--log-level", "error")
    quiet.stop()
    assert quiet.log() == ""
    loud = start("--log-level", "debug")
    with loud.connect() as connection:
        connection.ask(request("GET", "/healthz"))
    loud.stop()
    lines(loud.log())
