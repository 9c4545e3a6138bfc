"""Real PostgreSQL servers of the tests' own, each in a directory of its own, and stores in them."""

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

from factord import FACTORCTL, PATIENCE_S, Factord, run

# Debian has each version's programs in a folder of its own: those of the newest.
PROGRAMS = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), default=None,
               key=lambda folder: int(folder.parent.name))

# A server refuses to be root's: whose it is then.
_OWNER = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
_AS_OWNER = {"user": _OWNER.pw_uid, "group": _OWNER.pw_gid, "extra_groups": []} if _OWNER else {}

_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "wal_level": "replica",
    "wal_keep_size": "256MB",
    "wal_retrieve_retry_interval": "200ms",
}


def _call(*words):
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False,
                          timeout=PATIENCE_S, stdin=subprocess.DEVNULL, cwd="/", **_AS_OWNER)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


def processes_below(parent):
    """All that a process has started, and they, parents before their children."""
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = [parent]
    for above in found:
        found += [process for process, its in parents.items() if its == above]
    return found[1:]


class Postgres:
    """A server, reached by a socket in its directory. Leaving the `with` block ends it."""

    def __init__(self, create=True, **settings):
        self.new = create  # where it is entered
        # A socket's path has 107 bytes at most.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="factord-pg-", dir="/tmp"))
        self.own(self.folder)
        self.port = 5432
        self.data = self.folder / "data"
        self.settings = settings
        self.process = None

    as_owner = _AS_OWNER  # for programs that run as the server does

    @staticmethod
    def own(*paths):
        """Gives files to whose the server is."""
        for path in paths if _OWNER else ():
            os.chown(path, _OWNER.pw_uid, _OWNER.pw_gid)

    def create(self):
        _call(PROGRAMS / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
              "--locale=C", "--data-checksums", "--no-instructions")
        return self.configure(**_SETTINGS, unix_socket_directories=str(self.folder),
                              **self.settings)

    def create_standby(self, of, name):
        """A copy of another server, which goes on to follow that."""
        _call(PROGRAMS / "pg_basebackup", "-D", self.data, "-h", of.folder, "-U", "postgres", "-X",
              "stream", "-c", "fast")
        (self.data / "postgresql.auto.conf").write_text("", encoding="utf-8")
        return self.configure(
            **_SETTINGS, unix_socket_directories=str(self.folder), **self.settings,
            primary_conninfo=f"host={of.folder} user=postgres application_name={name}",
            signal_file="standby.signal")

    def configure(self, signal_file=None, **settings):
        text = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        (self.data / "postgresql.conf").write_text(text, encoding="utf-8")
        if signal_file:
            (self.data / signal_file).touch()
        return self

    def start(self):
        self.log = open(self.folder / "log", "ab")  # pylint: disable=consider-using-with
        self.process = subprocess.Popen(
            [PROGRAMS / "postgres", "-D", self.data], stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log, start_new_session=True, cwd="/", **_AS_OWNER)
        deadline = time.monotonic() + PATIENCE_S
        asked = [PROGRAMS / "pg_isready", "-q", "-h", self.folder, "-p", str(self.port)]
        while subprocess.run(asked, check=False, cwd="/").returncode != 0:
            assert self.process.poll() is None and time.monotonic() < deadline, self.log_text()
            time.sleep(0.02)
        return self

    def log_text(self):
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def sql(self, text, database="postgres"):
        """What psql prints, bare."""
        return _call(PROGRAMS / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-p",
                     self.port, "-U", "postgres", "-d", database, "-c", text).strip()

    def set(self, **settings):
        """Changes settings of the running server."""
        for name, value in settings.items():
            self.sql(f"ALTER SYSTEM SET {name} = '{value}'")
        self.sql("SELECT pg_reload_conf()")

    def promote(self):
        _call(PROGRAMS / "pg_ctl", "promote", "-D", self.data, "-w")

    def url(self, database, **more):
        query = "&".join(f"{name}={value}" for name, value in {"host": self.folder, **more}.items())
        return f"postgres://postgres@/{database}?{query}"

    def stop(self, how=signal.SIGINT):
        """SIGINT throws everybody out, and is a clean end."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE_S)
            self.process = None
            self.log.close()

    def kill(self):
        """As the machine's death: with all its children, which are groups of their own, at once."""
        self.process.send_signal(signal.SIGSTOP)  # it starts none of them again
        for child in processes_below(self.process.pid):
            os.kill(child, signal.SIGKILL)
        self.process.kill()
        self.process.wait(PATIENCE_S)
        self.process = None
        self.log.close()

    def __enter__(self):
        return self.create().start() if self.new else self

    def __exit__(self, *_):
        # At once: a clean end would write out what is about to be removed.
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


def name_of(url):
    """Of the database."""
    return url.split("?")[0].rpartition("/")[2]


def store_ctl(url, *arguments):
    """Runs factorctl on a store in a database."""
    return run(FACTORCTL, "--store", url, *arguments)


def verify_store(url):
    """Asserts that a store in a database holds together."""
    done = store_ctl(url, "verify")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Node(Factord):
    """One of the servers on a store in a database; without a directory it has no admin.sock."""

    def __init__(self, data_dir, url, *arguments, **options):
        super().__init__(data_dir or "", "--store", url, *arguments, **options)
        if data_dir is None:
            del self.command[1:3]
