"""Servers as child processes, and what they cost: CPU time and memory from /proc."""

import dataclasses
import os
import pathlib
import pwd
import signal
import socket
import subprocess
import threading
import time

_TICKS = os.sysconf("SC_CLK_TCK")
_running = []


class Failure(Exception):
    """The comparison cannot go on; the text says why."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(*command, **options):
    """Runs a command to its end and returns its standard output."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=False, **options)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))}: exit code {done.returncode}\n"
                      f"{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


class Server:
    """A server that was started here; ends with the program at the latest."""

    def __init__(self, name, *command, log, user=None, stop_signal=signal.SIGTERM):
        self.name = name
        self.log = pathlib.Path(log)
        self._stop_signal = stop_signal
        as_user = {}
        if user is not None:
            account = pwd.getpwnam(user)
            as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        with open(self.log, "ab") as output:
            # A session of its own: Ctrl-C is for us, who then stop it in order.
            self._process = subprocess.Popen([str(word) for word in command], stdout=output,
                                             stderr=output, stdin=subprocess.DEVNULL,
                                             start_new_session=True, **as_user)
        self.pids = (self._process.pid,)
        _running.append(self)

    def wait_until(self, ready, what, timeout_s=60):
        """Waits for `ready()` to give something true, and returns it."""
        deadline = time.monotonic() + timeout_s
        while True:
            if self._process.poll() is not None:
                raise Failure(f"{self.name} ended while starting:\n{self.tail()}")
            found = ready()
            if found:
                return found
            if time.monotonic() > deadline:
                raise Failure(f"{self.name}: no {what} after {timeout_s} s:\n{self.tail()}")
            time.sleep(0.005)

    def wait_for_port(self, port):
        def connects():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        self.wait_until(connects, f"listener on port {port}")

    def tail(self):
        return self.log.read_text(errors="replace")[-2000:]

    def kill(self):
        """kill -9, on purpose."""
        _running.remove(self)
        self._process.kill()
        self._process.wait()

    def stop(self, timeout_s=60):
        """Ends it in order; what does not end is killed, and that is a failure."""
        if self in _running:
            _running.remove(self)
        if self._process.poll() is None:
            self._process.send_signal(self._stop_signal)
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise Failure(f"{self.name} did not stop within {timeout_s} s") from None


@dataclasses.dataclass(frozen=True)
class Together:
    """Servers that do one job together, and cost what all of them cost."""
    name: str
    servers: tuple

    @property
    def pids(self):
        return tuple(pid for server in self.servers for pid in server.pids)


def stop_all():
    for server in list(_running):
        try:
            server.stop(10)
        except Failure:
            pass


def _stat(pid):
    """Parent, and CPU ticks: own, and of children that ended and were waited for."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(fields[1]), sum(map(int, fields[11:15]))


def _tree(roots):
    """pid -> ticks, of these processes and all below them."""
    stats = {int(pid): _stat(pid) for pid in os.listdir("/proc") if pid.isdigit()}
    found = set(roots)
    grown = True
    while grown:
        below = {pid for pid, stat in stats.items() if stat and stat[0] in found}
        grown = not below <= found
        found |= below
    return {pid: stats[pid][1] for pid in found if stats.get(pid)}


def cpu_seconds(roots):
    """CPU time of servers with their children, user and system, also of those that ended."""
    return sum(_tree(roots).values()) / _TICKS


def cpu_by_threads(pids):
    """Seconds of CPU of factords: of the threads that serve, of the one that commits, of both, and
    of all. RocksDB's own threads flush in some slices and not in others, whatever is asked.
    """
    spent = {"shards": 0.0, "commit": 0.0, "all": 0.0}
    for task in (pathlib.Path("/proc") / str(pid) / "task" for pid in pids):
        for thread in task.iterdir():
            name = (thread / "comm").read_text().strip()
            seconds = int((thread / "schedstat").read_text().split()[0]) / 1e9
            spent["all"] += seconds
            if name == "commit":
                spent["commit"] += seconds
            elif name.startswith(("factord", "shard")):
                spent["shards"] += seconds
    return {**spent, "serving": spent["shards"] + spent["commit"]}


def _memory_fields(pid):
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    pairs = (line.partition(":") for line in lines)
    return {name: int(value.split()[0]) for name, _, value in pairs
            if name.startswith(("VmHWM", "Rss"))}


def memory_mib(roots):
    """One process: its peak (VmHWM). Several: what is private of each now, and once what is shared
    (of the one that has touched most of it)."""
    fields = [found for found in map(_memory_fields, _tree(roots)) if found]
    if len(fields) == 1:
        return fields[0]["VmHWM"] / 1024
    private = sum(found["RssAnon"] for found in fields)
    shared = max((found["RssFile"] + found["RssShmem"] for found in fields), default=0)
    return (private + shared) / 1024


@dataclasses.dataclass
class Cost:
    cpu_s: float = 0.0
    memory_mib: float = 0.0


class Meter:
    """with Meter(server) as cost: what the server, or all of a Together, spends meanwhile."""

    def __init__(self, server):
        self._roots = server.pids
        self._cost = Cost()
        self._done = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)

    def _look(self):
        self._cost.memory_mib = max(self._cost.memory_mib, memory_mib(self._roots))

    def _sample(self):
        # Processes of a client end with it, so their memory is seen only in between.
        while not self._done.wait(1.0):
            self._look()

    def __enter__(self):
        # What earlier steps wrote and deleted is not to be paid for by this one's syncs.
        os.sync()
        self._before = cpu_seconds(self._roots)
        self._sampler.start()
        return self._cost

    def __exit__(self, *_):
        self._done.set()
        self._sampler.join()
        self._look()
        self._cost.cpu_s = cpu_seconds(self._roots) - self._before
