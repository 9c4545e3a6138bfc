"""The programs that make load. Each measures a server for so many seconds."""

import json
import pathlib
import subprocess

from .figures import Figures
from .processes import Failure, Meter, run

BENCH = pathlib.Path(__file__).resolve().parent.parent


def _figures(answers, seconds, cost, latency, **notes):
    return Figures(rate=answers / seconds, cpu_us=cost.cpu_s * 1e6 / answers,
                   p50=latency["p50"], p99=latency["p99"], p999=latency["p99.9"],
                   memory_mib=cost.memory_mib, notes={"answers": answers, **notes})


def _wrk_command(url, connections, seconds, script, *arguments):
    return ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(BENCH / script), url, "--",
            *map(str, arguments)]


def _wrk(server, url, connections, seconds, script, *arguments):
    with Meter(server) as cost:
        out = run(*_wrk_command(url, connections, seconds, script, *arguments))
    said = json.loads(out.splitlines()[-1])
    if said["answers"] == 0 or said["socket_errors"]:
        raise Failure(f"wrk on {server.name}: {out}")
    return said, cost


def wrk_healthz(server, url, connections, seconds):
    said, cost = _wrk(server, url, connections, seconds, "healthz.lua")
    if said["not_ok"]:
        raise Failure(f"wrk on {server.name}: {said['not_ok']} answers were no 200")
    return _figures(said["answers"], said["seconds"], cost, said)


def wrk_remove(server, url, connections, seconds, token, users):
    """Removals, each of another user. When all users are used it stops early; what it had asked
    then goes once more around, at most once a connection, and is told apart by its 404."""
    said, cost = _wrk(server, url, connections, seconds, "remove.lua", token, users)
    if said["not_ok"] > connections:
        raise Failure(f"wrk on {server.name}: {said['not_ok']} answers were no 200")
    succeeded = said["answers"] - said["not_ok"]
    return _figures(said["answers"], said["seconds"], cost, said, succeeded=succeeded,
                    ran_out_of_users=said["seconds"] < 0.95 * seconds)


def start_wrk_remove(url, connections, seconds, token, users):
    """The same load, started only: its server is about to be killed."""
    return subprocess.Popen(_wrk_command(url, connections, seconds, "remove.lua", token, users),
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def factorload(program, server, url, connections, seconds, token, users, folder, rate=None,
               protocol="http1", trusted=None):
    """Removals by factorload; an open loop where a rate is given."""
    result = folder / "factorload.json"
    command = [program, "--target", url, "--token", token, "--users", users, "--connections",
               connections, "--duration", seconds, "--protocol", protocol, "--json", result]
    if rate is not None:
        command += ["--rate", int(rate)]
    if trusted is not None:
        command += ["--tls-ca", trusted]
    with Meter(server) as cost:
        run(*command)
    said = json.loads(result.read_text())
    if said["removed"] != said["answers"] or any(said["errors"].values()):
        raise Failure(f"factorload on {server.name}: {json.dumps(said)}")
    return _figures(said["answers"], said["seconds"], cost, said["latencyMicros"]["remove"],
                    succeeded=said["removed"],
                    client_cpu_us=said["clientCpuMicrosPerAnswer"])


def redis_load(program, server, port, script, users, connections, pipeline, seconds):
    with Meter(server) as cost:
        out = run(program, "--port", port, "--script", script, "--users", users, "--connections",
                  connections, "--pipeline", pipeline, "--seconds", seconds)
    said = json.loads(out)
    if said["removed"] != said["answers"]:
        raise Failure(f"redis_load: {out}")
    return _figures(said["answers"], said["seconds"], cost, said["latencyMicros"],
                    succeeded=said["removed"])


def percentile(ordered, share):
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _read_pgbench_logs(folder):
    """Latencies in microseconds, sorted, and the seconds from the first start to the last end: the
    time that pgbench runs includes that of connecting."""
    latencies = []
    starts, ends = [], []
    for log in folder.glob("pgbench_log*"):
        for line in log.read_text().splitlines():
            _, _, latency, _, end_s, end_us = line.split()[:6]
            latencies.append(int(latency))
            ends.append(int(end_s) + int(end_us) / 1e6)
            starts.append(ends[-1] - latencies[-1] / 1e6)
        log.unlink()
    if not latencies:
        raise Failure("pgbench did not get to its first transaction in time")
    return sorted(latencies), max(ends) - min(starts)


def pgbench(program, server, socket_dir, script, users, connections, seconds, folder,
            database="bench"):
    """Each client draws its own part of a permutation of the users, so each is removed once."""
    # Connecting, a process each, counts as a part of -T.
    command = [program, "-h", socket_dir, "-U", "bench", "-n", "-M", "prepared", "-j1", "-c",
               connections, "-T", seconds + 3, "-D", f"users={users}", "-D", "k=-1", "-l",
               "--log-prefix", folder / "pgbench_log", "-f", script, database]
    with Meter(server) as cost:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                              check=False)
    latencies, measured = _read_pgbench_logs(folder)
    # Clients end early, and pgbench with 2, when no user is left to remove.
    if done.returncode != 0 and len(latencies) < 0.95 * users:
        raise Failure(f"pgbench ended with {done.returncode}:\n{done.stderr[-2000:]}")
    shares = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
    latency = {name: percentile(latencies, share) for name, share in shares.items()}
    return _figures(len(latencies), measured, cost, latency)
