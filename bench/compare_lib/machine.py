"""What the figures were taken on."""

import concurrent.futures
import os
import pathlib
import platform
import re
import subprocess
import time


def _first(pattern, text, default="unknown"):
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1).strip() if found else default


def _file_system(directory):
    """Type, device and options of the mount that holds a directory."""
    best = ("", "unknown", "unknown", "")
    where = str(pathlib.Path(directory).resolve())
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        device, mount, kind, options = line.split()[:4]
        inside = where == mount or where.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= len(best[0]):
            best = (mount, device, kind, options)
    return f"{best[2]} on {best[1]} ({best[3]})"


def _version(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "not installed"
    return _first(r"(\d+(?:\.\d+)+)", done.stdout + done.stderr)


def _debian_version(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True,
                          text=True, check=False)
    return done.stdout or "unknown"


# Who waits longer, for a core or for the disk, stands still.
PAUSE_S = 0.0005


def _pauses_of(core, seconds):
    os.sched_setaffinity(0, {core})
    found = []
    began = last = time.perf_counter()
    while last < began + seconds:
        now = time.perf_counter()
        if now - last > PAUSE_S:
            found.append(now - last)
        last = now
    return found


def pauses(seconds):
    """What an idle machine takes away from whoever needs it: on each core a process that only reads
    the clock, stopped for more than half a millisecond. Percent of the time, and the longest."""
    cores = os.sched_getaffinity(0)
    with concurrent.futures.ProcessPoolExecutor(len(cores)) as pool:
        running = [pool.submit(_pauses_of, core, seconds) for core in cores]
        found = [pause for core in running for pause in core.result()]
    return {"pauses_percent": 100 * sum(found) / (seconds * len(cores)),
            "longest_pause_ms": 1000 * max(found, default=0)}


def describe(directory, factord):
    """Machine and programs, for the head of the report. In memory a sync costs nothing, so what
    holds the data matters as much as the processor."""
    processor = pathlib.Path("/proc/cpuinfo").read_text()
    memory_kib = int(_first(r"^MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text(), "0"))
    system = pathlib.Path("/etc/os-release").read_text()
    return {
        "processor": _first(r"^model name\s*:\s*(.*)", processor),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory_kib / 2**20, 1),
        "virtual": "hypervisor" in _first(r"^flags\s*:\s*(.*)", processor, ""),
        "kernel": platform.release(),
        "system": _first(r'^PRETTY_NAME="(.*)"', system),
        "file_system": _file_system(directory),
        "versions": {
            "factord": _version(str(factord), "--version"),
            "nginx": _version("nginx", "-v"),
            "redis": _version("redis-server", "--version"),
            "postgresql": _debian_version("postgresql-15"),
            "rocksdb": _debian_version("librocksdb7.8"),
            "wrk": _debian_version("wrk"),
        },
    }
