#!/usr/bin/python3
"""A cluster that Patroni runs, of three, under load: its leader dies, or freezes and comes back.

In strict synchronous mode, on etcd (its v2 API). Two servers remove factors; every client goes on
until it has an answer that is final. A round ends once the member is back; then the log holds every
answered removal, once, without a gap, and `verify` passes. FACTORD_BIN_DIR names the programs.
"""

import argparse
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

from database import (  # noqa: E402
    PROGRAMS, Node, Postgres, processes_below, store_ctl, verify_store)
from journal import Journal  # noqa: E402
from removers import Removers  # noqa: E402

FIRST_ID = 100000000000000001
CLIENTS = 16  # on each server
PATIENCE_S = 120
TTL_S = 6  # after how long a leader that says nothing is none

CONFIGURATION = """\
scope: factord
name: m{number}
restapi: {{listen: "127.0.0.1:{rest}", connect_address: "127.0.0.1:{rest}"}}
etcd: {{host: "127.0.0.1:{etcd}"}}
bootstrap:
  dcs:
    ttl: {ttl}
    loop_wait: 1
    retry_timeout: 2
    maximum_lag_on_failover: 1048576
    synchronous_mode: true
    synchronous_mode_strict: true
    postgresql:
      use_pg_rewind: true
      parameters: {{wal_keep_size: 512MB, max_connections: 100, shared_buffers: 64MB,
                   wal_retrieve_retry_interval: 200ms}}
  initdb: [{{encoding: UTF8}}, {{locale: C}}, data-checksums]
  pg_hba: ["local all all trust", "host all all 127.0.0.1/32 trust",
           "host replication all 127.0.0.1/32 trust"]
postgresql:
  listen: "127.0.0.1:{port}"
  connect_address: "127.0.0.1:{port}"
  data_dir: {folder}/data
  bin_dir: {programs}
  pgpass: {folder}/pgpass
  authentication: {{superuser: {{username: postgres}}, replication: {{username: postgres}},
                   rewind: {{username: postgres}}}}
  parameters: {{unix_socket_directories: "{folder}"}}
"""


def free_ports(count):
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


class Program:
    """A daemon of the cluster, with all that it starts."""

    def __init__(self, folder, *command):
        self.folder, self.command = folder, [str(word) for word in command]
        self.process = None

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                start_new_session=True, env={**os.environ, "HOME": str(self.folder)},
                **Postgres.as_owner)
        return self

    def signal_all(self, number):
        """Parents first, so that none is started again."""
        roots = [self.process.pid]
        # Patroni's PostgreSQL is no child of it.
        with contextlib.suppress(FileNotFoundError):
            roots.append(int((self.folder / "data/postmaster.pid").read_text().split()[0]))
        for root in roots:
            for process in [root, *processes_below(root)]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, number)

    def kill(self):
        self.signal_all(signal.SIGSTOP)
        self.signal_all(signal.SIGKILL)
        self.process.wait(PATIENCE_S)


class Cluster:
    def __init__(self, folder):
        client, peer, *rest = free_ports(8)
        self.rest, self.ports = rest[:3], rest[3:]
        self.etcd = Program(
            self._folder(folder / "etcd"), "etcd", "--data-dir", folder / "etcd/data",
            "--enable-v2", "--listen-client-urls", f"http://127.0.0.1:{client}",
            "--advertise-client-urls", f"http://127.0.0.1:{client}", "--listen-peer-urls",
            f"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls",
            f"http://127.0.0.1:{peer}", "--initial-cluster",
            f"default=http://127.0.0.1:{peer}").start()
        self.members = []
        for number, (rest_port, port) in enumerate(zip(self.rest, self.ports)):
            own = self._folder(folder / f"m{number}")
            settings = own / "patroni.yml"
            settings.write_text(CONFIGURATION.format(
                number=number, rest=rest_port, etcd=client, ttl=TTL_S, port=port, folder=own,
                programs=PROGRAMS), encoding="utf-8")
            self.members.append(Program(own, "patroni", settings).start())
            if number == 0:
                self.await_members(1)
        self.await_members(3)

    @staticmethod
    def _folder(path):
        path.mkdir(mode=0o700)
        Postgres.own(path)
        return path

    def seen_by(self, number):
        """What a member says of the cluster, or nothing."""
        url = f"http://127.0.0.1:{self.rest[number]}/cluster"
        with contextlib.suppress(OSError, ValueError):
            with urllib.request.urlopen(url, timeout=2) as answer:
                return json.load(answer)["members"]
        return []

    def await_members(self, count, without=None):
        """Waits for a leader, a synchronous standby and so many in all; which leads."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            for number in range(3):
                if number == without:
                    continue
                members = self.seen_by(number)
                up = [one for one in members if one["state"] in ("running", "streaming")]
                leaders = [one for one in up if one["role"] == "leader"]
                synchronous = [one for one in up if one["role"] == "sync_standby"]
                if len(up) >= count and leaders and (synchronous or count == 1):
                    leader = int(leaders[0]["name"][1:])
                    if leader != without:
                        return leader
            time.sleep(0.2)
        raise AssertionError("the cluster is not whole: " + "\n".join(
            (one.folder / "log").read_text(errors="replace")[-1000:] for one in self.members))

    def url(self, database):
        hosts = ",".join(["127.0.0.1"] * 3)
        ports = ",".join(map(str, self.ports))
        return f"postgres://postgres@/{database}?host={hosts}&port={ports}"

    def end(self):
        for one in [*self.members, self.etcd]:
            with contextlib.suppress(ProcessLookupError):
                one.kill()


def die(cluster, leader):
    """Its machine dies, and is there again later."""
    cluster.members[leader].kill()
    new = cluster.await_members(2, without=leader)
    cluster.members[leader].start()
    return new


def freeze(cluster, leader):
    """It freezes for longer than it is trusted, and goes on where it was."""
    cluster.members[leader].signal_all(signal.SIGSTOP)
    new = cluster.await_members(2, without=leader)
    time.sleep(random.uniform(0, 2))
    cluster.members[leader].signal_all(signal.SIGCONT)
    return new


def one_round(cluster, what, folder, users, journal):
    """Complaints, and a line about the round."""
    url = cluster.url("identities")
    leader = cluster.await_members(3)
    with Node(folder / "a", url) as one, Node(folder / "b", url) as other:
        load = Removers([one, other], one.token(), users, CLIENTS).start()
        load.await_answers(random.randint(len(users) // 10, len(users) // 2))
        new = what(cluster, leader)
        seen = load.join()
    complaints = journal.take(seen)
    cluster.await_members(3)
    verify_store(url)
    complaints += journal.compare(url)
    return complaints, (f"m{leader} {what.__name__}s, m{new} leads: {len(seen.removed)} removed, "
                        f"{seen.refused} refused, {len(seen.unknown)} unknown")


def run(cluster, options):
    """(passed, failed)."""
    url = cluster.url("postgres")
    leading = url.replace("?", "?target_session_attrs=read-write&")
    subprocess.run([PROGRAMS / "psql", "-Xq", "-d", leading, "-c", "CREATE DATABASE identities"],
                   check=True, cwd="/")
    url = cluster.url("identities")
    done = store_ctl(url, "init")
    assert done.returncode == 0, done.stderr
    passed = failed = 0
    journal = Journal()
    for number in range(2 * options.rounds):
        first = FIRST_ID + number * options.users
        seeded = store_ctl(url, "seed", "--users", options.users, "--org", "acme", "--first-id",
                           first)
        assert seeded.returncode == 0, seeded.stderr
        users = [str(first + at) for at in range(options.users)]
        with tempfile.TemporaryDirectory(prefix="factord-patroni-") as folder:
            complaints, line = one_round(cluster, (die, freeze)[number % 2], pathlib.Path(folder),
                                         users, journal)
        failed += bool(complaints)
        passed += not complaints
        print(f"{number + 1}/{2 * options.rounds}: {line}", flush=True)
        for complaint in complaints[:20]:
            print(f"  {complaint}")
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="of each kind")
    parser.add_argument("--users", type=int, default=4000, help="removed in each round")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000,
                        help="of the random choices")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    random.seed(options.seed)
    # Sockets have short paths.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="factord-pat-", dir="/tmp"))
    os.chmod(folder, 0o755)
    cluster = None
    try:
        cluster = Cluster(folder)
        passed, failed = run(cluster, options)
    finally:
        if cluster is not None:
            cluster.end()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
