"""Backups as factorctl shows them."""

import json
import pathlib

from factord import FACTORCTL, ctl, run
from wire import Connection, request


def fields(text):
    """The lines of `key: value` of an output."""
    return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)


def back_up(server, destination):
    """Makes a backup; what factorctl says of it."""
    done = server.ctl("backup", destination)
    assert done.returncode == 0, done.stderr
    return fields(done.stdout)


def listed(destination):
    """The backups of a directory, as JSON."""
    done = run(FACTORCTL, "backups", "list", destination, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def check_backup(destination, *arguments):
    """Asserts that a backup holds together."""
    done = run(FACTORCTL, "backups", "verify", destination, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("ok\n")
    return fields(done.stdout)


def restore(data_dir, source, *arguments):
    """Restores into a new data directory; what factorctl says of it."""
    done = ctl(data_dir, "restore", source, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return fields(done.stdout)


def begin(server, *destinations):
    """Asks for backups in one write, without waiting for their end; the answers."""
    asked = [request("POST", "/admin/v1/backups", body=json.dumps({"directory": str(one)}))
             for one in destinations]
    with Connection.unix(server.data_dir / "admin.sock") as connection:
        connection.send(b"".join(asked))
        return [connection.read() for _ in asked]


def contents(directory):
    """Every file of a directory, with its bytes."""
    return {path: path.read_bytes() for path in pathlib.Path(directory).rglob("*")
            if path.is_file()}


def flip_a_bit(path):
    """Damages a file in its middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)
