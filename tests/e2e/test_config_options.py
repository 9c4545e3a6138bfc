"""--check-config and --print-config: what a server would be started with, without starting one."""

import os
import pathlib
import re
import subprocess
import tomllib

import pytest

from factord import FACTORD, plain_environment, run_factord
from tls import Pair
from wire import Connection, request


def test_good_settings(tmp_path):
    done = run_factord("--data-dir", tmp_path / "data", "--listen", f"unix:{tmp_path}/s",
                       "--check-config")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "factord: the settings are good\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments, environment, named", [
    (["--threads", "0"], {}, "--threads '0'"),
    (["--idle-timout", "5s"], {}, "is --idle-timeout meant?"),
    (["--listen", "unix:s,group=no-such-group"], {}, "there is no group no-such-group"),
    ([], {"FACTORD_LISTN": "x"}, "is FACTORD_LISTEN meant?"),
    ([], {"FACTORD_CHECK_CONFIG": "1"}, "--check-config is for the command line"),
    ([], {"FACTORD_PRINT_CONFIG": "1"}, "--print-config is for the command line"),
])
@pytest.mark.parametrize("option", ["--check-config", "--print-config"])
def test_bad_settings(tmp_path, option, arguments, environment, named):
    done = run_factord("--data-dir", tmp_path / "data", option, *arguments,
                       env=plain_environment(**environment))
    assert (done.returncode, done.stdout) == (2, "")
    assert named in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_address_in_use_is_no_fault_of_the_settings(start, tmp_path):
    server = start()
    done = run_factord("--data-dir", server.data_dir, "--listen", f"127.0.0.1:{server.port}",
                       "--check-config")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_server_begins_with_what_was_printed(start, tmp_path):
    """Flags and variables of one are the file of the next."""
    admin = tmp_path / "admin"
    given = ["--listen", "127.0.0.1:0", "--admin-listen", f"unix:{admin},mode=0660",
             "--max-body-bytes", "1KiB", "--cors-origin", "https://a.example"]
    env = plain_environment(FACTORD_IDLE_TIMEOUT="5s", FACTORD_DATA_DIR=str(tmp_path / "data"))
    printed = run_factord(*given, "--print-config", env=env)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert re.search(r'^idle-timeout = "5s"  # FACTORD_IDLE_TIMEOUT$', printed.stdout, re.M)
    assert re.search(r"^max-body-bytes = 1024  # --max-body-bytes$", printed.stdout, re.M)
    assert re.search(r'^header-timeout = "10s"  # the default$', printed.stdout, re.M)
    assert not (tmp_path / "data").exists()

    file = tmp_path / "printed.toml"
    file.write_text(printed.stdout)
    assert run_factord("--config", file, "--check-config").returncode == 0
    server = start("--config", file)
    with server.connect() as connection:
        assert connection.ask(request("GET", "/healthz", body="x" * 1025)).status == 413
    assert os.stat(admin).st_mode & 0o777 == 0o660


def test_secrets_are_left_out(tmp_path):
    secret = "postgres://u:hidden@h/d"
    done = run_factord("--print-config", env=plain_environment(FACTORD_STORE=secret))
    assert done.returncode == 0
    assert "hidden" not in done.stdout + done.stderr
    assert "# store is left out, for there may be a password in it: FACTORD_STORE" in done.stdout


def test_a_path_that_is_no_utf8(tmp_path, start):
    """It is a path as any other; where it is shown, it is valid JSON and TOML."""
    name = os.fsdecode(bytes(tmp_path) + b"/d\xff")
    printed = subprocess.run([FACTORD, "--data-dir", name, "--print-config"], check=True,
                             env=plain_environment(), capture_output=True).stdout
    assert tomllib.loads(printed.decode())["data-dir"] == str(tmp_path) + "/d\ufffd"
    start("--admin-listen", f"unix:{tmp_path}/m.sock", data_dir=pathlib.Path(name))
    with Connection.unix(tmp_path / "m.sock") as connection:
        shown = connection.ask(request("GET", "/config"))
    assert shown.json["data-dir"] == str(tmp_path) + "/d\ufffd"


def test_the_files_of_tls_are_looked_at(tmp_path):
    pair = Pair(tmp_path, "server")
    arguments = ["--data-dir", tmp_path / "data", "--tls-cert", pair.cert, "--tls-key"]
    assert run_factord(*arguments, pair.key, "--check-config").returncode == 0
    for key in (pair.cert, "/no/key"):
        wrong = run_factord(*arguments, key, "--check-config")
        assert (wrong.returncode, wrong.stdout) == (2, "")
        assert str(key) in wrong.stderr
    printed = run_factord(*arguments, pair.key, "--print-config")
    assert f'tls-key = "{pair.key}"  # --tls-key' in printed.stdout
