"""Flags, environment and file: who wins, and what is bad usage."""

import os
import socket
import stat
import tempfile

import pytest

from factord import plain_environment, run_factord
from wire import request

BAD = [  # arguments beside --data-dir, and what the message must name
    (["--no-such-flag"], "--no-such-flag"),
    (["--threads"], "--threads"),
    (["--threads", "0"], "--threads"),
    (["--threads", "two"], "--threads"),
    (["--durability", "maybe"], "--durability"),
    (["--log-level", "loud"], "--log-level"),
    (["--listen", "nonsense"], "--listen"),
    (["--listen", "127.0.0.1"], "--listen"),
    (["--listen", "127.0.0.1:65536"], "--listen"),
    (["--listen", "127.0.0.1:http"], "--listen"),
    (["--listen", "no.such.host:1"], "--listen"),
    (["--listen", "unix:"], "--listen"),
    (["--listen", "unix:s,group=no-such-group"], "there is no group no-such-group"),
    (["--listen", "unix:s,mode=0999"], "mode=0999"),
    (["--listen", "unix:s,mode=0060"], "mode=0060"),
    (["--listen", "unix:s,mod=0660"], "'mod=0660' is no option"),
    (["--listen", "unix:s,mode=0660,mode=0660"], "mode= is there twice"),
    (["--admin-listen", "unix:s,group="], "group= is empty"),
    (["--config", "/no/such/file"], "/no/such/file"),
    (["--config", "/"], "/: cannot be read: Is a directory"),
    (["--config", "/dev/zero"], "/dev/zero: cannot be read: it has more than"),
    (["--config", ""], "--config '' is empty"),
    (["--listen", ""], "--listen '' is empty"),
    (["--idle-timeout", ""], "--idle-timeout '' is empty"),
    (["--idle-timout", "5s"], "is --idle-timeout meant?"),
    (["--confg", "f"], "is --config meant?"),
    (["--versoin"], "is --version meant?"),
    (["--cors-origin", "console.example"], "--cors-origin"),
    (["--cors-origin", "https://a.example/path"], "--cors-origin"),
    (["--max-connections", "0"], "--max-connections"),
    (["--max-connections", "-1"], "--max-connections"),
    (["--max-header-bytes", "1"], "--max-header-bytes"),
    (["--max-body-bytes", "x"], "--max-body-bytes"),
    (["--max-pipelined-requests", "0"], "--max-pipelined-requests"),
    (["--max-output-bytes", "8KB"], "--max-output-bytes"),
    (["--max-buffered-bytes", "1"], "--max-buffered-bytes"),
    (["--header-timeout", "10"], "--header-timeout"),
    (["--body-timeout", "0s"], "--body-timeout"),
    (["--write-timeout", "-1s"], "--write-timeout"),
    (["--idle-timeout", "1 s"], "--idle-timeout"),
    (["--drain-timeout", "soon"], "--drain-timeout"),
    (["--drain-delay", "1y"], "--drain-delay"),
    (["--queue-commands", "0"], "--queue-commands"),
    (["--queue-bytes", "0"], "--queue-bytes"),
    (["--batch-commands", "1.5"], "--batch-commands"),
    (["--batch-bytes", "99999999999999999999"], "--batch-bytes"),
    (["--threads", "1", "--threads", "2"], "--threads"),
    (["stray"], "stray"),
]


def check_bad_usage(done, named):
    assert done.returncode == 2, done.stderr
    assert named in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("arguments, named", BAD, ids=[" ".join(bad[0]) for bad in BAD])
def test_bad_usage(tmp_path, arguments, named):
    check_bad_usage(run_factord("--data-dir", tmp_path / "data", *arguments), named)
    assert not (tmp_path / "data").exists()


def test_a_data_dir_is_needed():
    check_bad_usage(run_factord(), "--data-dir")
    check_bad_usage(run_factord("--data-dir", ""), "--data-dir")


def test_help():
    done = run_factord("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for flag in ("--data-dir", "--listen", "--threads", "--durability", "--config", "--log-level",
                 "--max-connections", "--drain-delay", "--cors-origin"):
        assert flag in done.stdout


BAD_FILES = [  # text, and what the message must name besides the file
    ('no-such-key = 1\n', "no-such-key"),
    ('listn = "127.0.0.1:0"\n', "unknown key 'listn': is listen meant?"),
    ('config = "c.toml"\n', "line 1: 'config' may not stand in a file: only --config or "),
    ('help = true\n', "line 1: 'help' may not stand in a file: --help is for the command line"),
    ('version = "1"\n', "'version' may not stand in a file: --version is for the command line"),
    ('confg = "c.toml"\n', "unknown key 'confg'\n"),
    ('listen = []\n', "'listen' is empty"),
    ('threads = "two"\n', "threads"),
    ('threads = 0\n', "threads"),
    ('threads = 1\nthreads = 2\n', "threads"),
    ('durability = "maybe"\n', "durability"),
    ('listen = "127.0.0.1"\n', "listen"),
    ('listen = ["127.0.0.1:0", 7]\n', "listen"),
    ('threads 1\n', "line 1"),
    ('\n\nthreads = \n', "line 3"),
    ('log-level = "info\n', "line 1"),
    ('[section]\nthreads = 1\n', "line 1"),
]


@pytest.mark.parametrize("text, named", BAD_FILES)
def test_bad_files(tmp_path, text, named):
    file = tmp_path / "factord.toml"
    file.write_text(text)
    done = run_factord("--data-dir", tmp_path / "data", "--config", file)
    check_bad_usage(done, named)
    assert str(file) in done.stderr


@pytest.mark.parametrize("name, value", [
    ("FACTORD_THREADS", "none"), ("FACTORD_DURABILITY", "maybe"), ("FACTORD_LISTEN", "x"),
    ("FACTORD_IDLE_TIMEOUT", "1"), ("FACTORD_MAX_CONNECTIONS", ""), ("FACTORD_LISTEN", ""),
    ("FACTORD_LISTEN", "127.0.0.1:0,"), ("FACTORD_CORS_ORIGIN", ""), ("FACTORD_CONFIG", ""),
    ("FACTORD_LISTN", "127.0.0.1:0"), ("FACTORD_BIN_DIR", "build"), ("FACTORD_PORT", "8080")])
def test_bad_environment(tmp_path, name, value):
    done = run_factord("--data-dir", tmp_path / "data", env=plain_environment(**{name: value}))
    check_bad_usage(done, name)


def test_an_unknown_variable_is_asked_about(tmp_path):
    done = run_factord("--data-dir", tmp_path / "data",
                       env=plain_environment(FACTORD_LISTN="127.0.0.1:0"))
    check_bad_usage(done, "FACTORD_LISTN is no setting: is FACTORD_LISTEN meant?")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("name", ["HELP", "VERSION"])
def test_an_option_that_is_no_setting_is_for_the_command_line(tmp_path, name):
    done = run_factord("--data-dir", tmp_path / "data",
                       env=plain_environment(**{f"FACTORD_{name}": "1"}))
    check_bad_usage(done, f"FACTORD_{name} is no setting: --{name.lower()} is for the command line")


def test_a_service_of_that_name_in_a_cluster_is_no_setting(start):
    # Kubernetes puts these into every container beside a service that is called factord.
    server = start(env=plain_environment(
        FACTORD_SERVICE_HOST="10.0.0.1", FACTORD_SERVICE_PORT="8080",
        FACTORD_SERVICE_PORT_API="8080", FACTORD_PORT="tcp://10.0.0.1:8080",
        FACTORD_PORT_8080_TCP="tcp://10.0.0.1:8080",
        FACTORD_PORT_8080_TCP_ADDR="10.0.0.1"))
    assert mode_of(server) == "disk"


def test_a_file_that_nobody_writes_into(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    done = run_factord("--data-dir", tmp_path / "data", "--config", tmp_path / "pipe")
    check_bad_usage(done, f"{tmp_path}/pipe: cannot be read: nobody writes into it")


def test_a_file_that_may_not_be_read(tmp_path):
    with tempfile.NamedTemporaryFile("w") as file:  # root may read it; this runs as another
        done = run_factord("--data-dir", tmp_path / "data", "--config", file.name, user=65534,
                           group=65534, extra_groups=[])
    check_bad_usage(done, f"{file.name}: cannot be read: Permission denied")


@pytest.mark.parametrize("more", [0, 1])
def test_a_file_of_the_largest_size_and_one_past_it(start, tmp_path, more):
    file = tmp_path / "factord.toml"
    setting = 'durability = "process"\n'
    file.write_text(setting + "#" * ((1 << 20) - len(setting) + more))
    if more:
        check_bad_usage(run_factord("--data-dir", tmp_path / "data", "--config", file), str(file))
    else:
        assert mode_of(start("--config", file)) == "process"


def test_help_says_how_long_an_idle_connection_is_kept():
    assert "between requests (default 75s" in " ".join(run_factord("--help").stdout.split())


def mode_of(server):
    with server.connect() as connection:
        return "process" if b"process" in connection.ask(request("GET", "/readyz")).body else "disk"


def test_file(start, tmp_path):
    file = tmp_path / "factord.toml"
    file.write_text('# A comment.\nthreads = 1\ndurability = "process"  # more\n'
                    'max-body-bytes = "1KiB"\nidle-timeout = \'5s\'\n'
                    'cors-origin = [\n  "https://a.example",\n  "https://b.example",\n]\n')
    server = start("--config", file)
    assert mode_of(server) == "process"
    with server.connect() as connection:
        answer = connection.ask(request("OPTIONS", "/", headers=["Origin: https://b.example"]))
        assert answer.header("Access-Control-Allow-Origin") == "https://b.example"
        assert connection.ask(request("GET", "/healthz", body="x" * 1025)).status == 413


def test_environment_wins_over_the_file(start, tmp_path):
    file = tmp_path / "factord.toml"
    file.write_text('durability = "process"\n')
    env = plain_environment(FACTORD_DURABILITY="disk", FACTORD_CONFIG=str(file))
    assert mode_of(start(env=env)) == "disk"


def test_flags_win_over_the_environment(start):
    env = plain_environment(FACTORD_DURABILITY="disk", FACTORD_DATA_DIR="/no/such")
    assert mode_of(start("--durability", "process", env=env)) == "process"


def test_a_list_in_the_environment(start, tmp_path):
    sockets = [f"unix:{tmp_path / name}" for name in "ab"]
    server = start(listen=(), env=plain_environment(FACTORD_LISTEN=",".join(sockets)))
    server.await_lines(2)
    assert server.stdout == sockets


def test_options_of_a_socket_in_the_environment(start, tmp_path):
    places = f"unix:{tmp_path}/a,mode=0666,unix:{tmp_path}/b"
    server = start(listen=(), env=plain_environment(FACTORD_LISTEN=places))
    server.await_lines(2)
    assert server.stdout == [f"unix:{tmp_path}/a", f"unix:{tmp_path}/b"]
    assert [stat.S_IMODE(os.stat(tmp_path / one).st_mode) for one in "ab"] == [0o666, 0o600]


def has_ipv6_loopback():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


def test_listen_may_be_repeated(start, tmp_path):
    path = tmp_path / "socket"
    hosts = ["127.0.0.1", "127.0.0.2"] + (["[::1]"] if has_ipv6_loopback() else [])
    server = start(listen=(f"unix:{path}", *(f"{host}:0" for host in hosts)))
    assert server.stdout[0] == f"unix:{path}"
    for host, place in zip(hosts, server.stdout[1:]):
        shown, _, port = place.rpartition(":")
        assert shown == host and int(port) > 0
        socket.create_connection((host.strip("[]"), int(port)), 10).close()


def test_exactly_one_line_per_listener(start):
    server = start(listen=("127.0.0.1:0", "127.0.0.1:0"))
    server.stop()
    assert server.rest_of_stdout() == []
    assert len(set(server.stdout)) == 2


def test_an_address_in_use_is_a_failure(start, tmp_path):
    server = start()
    done = run_factord("--data-dir", tmp_path / "other", "--listen", f"127.0.0.1:{server.port}")
    assert (done.returncode, done.stdout) == (1, "")
    assert str(server.port) in done.stderr
    with server.connect() as connection:
        assert connection.ask(request("GET", "/healthz")).status == 200
