"""The real programs: a factord on a free port with its data directory, and factorctl."""

import os
import pathlib
import queue
import signal
import subprocess
import tempfile
import threading
import time

from api import Api
from wire import Connection

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BIN_DIR = pathlib.Path(os.environ.get("FACTORD_BIN_DIR", ROOT / "build/release/bin")).resolve()
FACTORD = BIN_DIR / "factord"
FACTORCTL = BIN_DIR / "factorctl"

# Generous: a sanitizer on a busy machine is slow, and nothing waits this long unless it is broken.
PATIENCE_S = 60


def plain_environment(**more):
    """The environment without settings of factord, so that only a test's own count."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FACTORD_")}
    return {**kept, **more}


def run(program, *arguments, env=None, **options):
    """Runs a program to its end."""
    return subprocess.run([program, *map(str, arguments)], env=env or plain_environment(),
                          capture_output=True, text=True, timeout=PATIENCE_S, check=False,
                          stdin=subprocess.DEVNULL, **options)


def run_factord(*arguments, **options):
    """Runs a factord that is expected to end by itself, at once."""
    return run(FACTORD, *arguments, **options)


class Factord:
    """A running server. Leaving the `with` block stops it and asserts that it drained."""

    def __init__(self, data_dir, *arguments, listen=("127.0.0.1:0",), env=None, log_to=None,
                 **popen):
        self.data_dir = pathlib.Path(data_dir)
        self.command = [str(FACTORD), "--data-dir", str(data_dir), *map(str, arguments)]
        for address in listen:
            self.command += ["--listen", str(address)]
        self.listeners = len(listen)
        self.log_to = log_to  # a descriptor; None: a file, for log()
        self.popen = {"env": env or plain_environment(), **popen}
        self.stdout = []
        self.ended = False

    def start(self):
        self.start_only()
        self.await_lines(self.listeners)
        ports = [int(place.rpartition(":")[2]) for place in self.stdout
                 if not place.startswith("unix:")]
        self.port = ports[0] if ports else None
        return self

    def start_only(self):
        """Without waiting until it listens."""
        self.log_file = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE,
                                        stderr=self.log_to or self.log_file, text=True,
                                        **self.popen)
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def await_lines(self, count):
        """Reads where it listens, so many lines of it."""
        for _ in range(count):
            line = self.lines.get(timeout=PATIENCE_S)
            assert line is not None, f"factord did not start: {self.log()}"
            assert line.startswith("listening on "), line
            self.stdout.append(line.removeprefix("listening on "))

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def rest_of_stdout(self):
        """Once it ended: the lines after those that say where it listens."""
        return list(iter(lambda: self.lines.get(timeout=PATIENCE_S), None))

    def log(self):
        """All lines that it wrote to stderr so far: of a write under way, a part can be there."""
        # A duplicate would share the position that the child writes at; pread does not move it.
        size = os.fstat(self.log_file.fileno()).st_size
        written = os.pread(self.log_file.fileno(), size, 0).decode("utf-8", "replace")
        return written[:written.rfind("\n") + 1]

    def await_log(self, text, times=1):
        """The log once this stands in it so often: it is written beside what is done."""
        deadline = time.monotonic() + PATIENCE_S
        while (log := self.log()).count(text) < times:
            assert time.monotonic() < deadline, log
            time.sleep(0.01)
        return log

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def reload(self, expect="certificate in use"):
        """Sends SIGHUP, and waits until the log says that it was heard, in these words."""
        heard = self.log().count(expect)
        self.signal(signal.SIGHUP)
        self.await_log(expect, heard + 1)

    def wait(self, patience_s=PATIENCE_S):
        code = self.process.wait(patience_s)
        self.ended = True
        return code

    def kill(self):
        """As a crash would end it."""
        self.process.kill()
        return self.wait()

    def stop(self):
        """Drains it, and asserts that it says so."""
        self.signal()
        code = self.wait()
        assert code == 0, f"exit {code}: {self.log()}"

    def __enter__(self):
        return self.start()

    def __exit__(self, failure, *_):
        if self.ended:
            return
        if failure is None:
            self.stop()
        else:
            self.kill()

    def ctl(self, *arguments):
        return ctl(self.data_dir, *arguments)

    def token(self, user="operator", roles=("IAM_OWNER",), org=None, expires=None):
        """The secret of a new token."""
        arguments = ["token", "create", "--user", user]
        for role in roles:
            arguments += ["--role", role]
        if org is not None:
            arguments += ["--org", org]
        if expires is not None:
            arguments += ["--expires", expires]
        done = self.ctl(*arguments)
        assert done.returncode == 0, done.stderr
        assert done.stdout.endswith("\n") and "\n" not in done.stdout[:-1], done.stdout
        return done.stdout.strip()

    def api(self, token=None, **token_of):
        """A client with this token, or with a new one made as told."""
        return Api(self, token if token is not None else self.token(**token_of))

    def connect(self):
        return Connection.tcp(self.port)


def ctl(data_dir, *arguments):
    """Runs factorctl on a data directory."""
    return run(FACTORCTL, "--data-dir", data_dir, *arguments)


def verify(data_dir):
    """Asserts that a stopped store holds together."""
    done = ctl(data_dir, "verify")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
