"""The floor: the disk by itself, and RocksDB by itself."""

import json
import os
import resource
import subprocess
import time

from . import clients
from .factord import copy_store
from .figures import Figures
from .machine import PAUSE_S
from .processes import Failure

# About what a group of 25 removals appends to the log.
_BYTES = 3 * 1024


def _cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def fdatasync(folder, prewritten, seconds):
    """Writes 3 KiB and syncs, over and over: at the end of a growing file, or over blocks that were
    written beforehand, where no size changes. CPU is of this process."""
    path = folder / "fdatasync"
    os.sync()
    block = os.urandom(_BYTES)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        laps = 4096 if prewritten else 0
        for _ in range(laps):
            os.write(file, block)
        os.fdatasync(file)
        os.lseek(file, 0, os.SEEK_SET)
        latencies = []
        cpu = _cpu_seconds()
        start = last = time.perf_counter()
        while last < start + seconds:
            if laps and len(latencies) % laps == 0:
                os.lseek(file, 0, os.SEEK_SET)
            os.write(file, block)
            os.fdatasync(file)
            now = time.perf_counter()
            latencies.append((now - last) * 1e6)
            last = now
        cpu = _cpu_seconds() - cpu
    finally:
        os.close(file)
        path.unlink()
    ordered = sorted(latencies)
    stalled = sum(latency for latency in latencies if latency > PAUSE_S * 1e6) / 1e6
    return Figures(rate=len(ordered) / (last - start), cpu_us=cpu * 1e6 / len(ordered),
                   p50=clients.percentile(ordered, 0.5), p99=clients.percentile(ordered, 0.99),
                   p999=clients.percentile(ordered, 0.999),
                   notes={"stalls_percent": 100 * stalled / (last - start),
                          "longest_ms": ordered[-1] / 1000})


def rocksdb_alone(program, seeded, users, folder, group, seconds):
    """The batch of a removal, in groups, by micro_bench on a copy of the store. Latencies are of a
    batch; rate and CPU are of a removal."""
    data = folder / "rocksdb"
    copy_store(seeded, data)
    environment = {**os.environ, "FACTORD_BENCH_STORE": str(data),
                   "FACTORD_BENCH_USERS": str(users)}
    command = [str(program), f"--benchmark_filter=^rocksdb_alone/group:{group}/",
               f"--benchmark_min_time={seconds}", "--benchmark_format=json"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as process:
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Failure(f"micro_bench ended with {process.returncode}")
    [result] = json.loads(out)["benchmarks"]
    subprocess.run(["rm", "-rf", str(data)], check=True)
    if result["time_unit"] != "ns":
        raise Failure("micro_bench counts in " + result["time_unit"])
    return Figures(rate=result["items_per_second"], cpu_us=result["cpu_time"] / 1000 / group,
                   p50=result["p50_us"], p99=result["p99_us"], p999=result["p999_us"],
                   memory_mib=usage.ru_maxrss / 1024, notes={"group": group})
