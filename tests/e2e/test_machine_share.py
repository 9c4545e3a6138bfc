"""In a container: threads and memory by what its control group may have."""

import json

import pytest

from factord import Factord
from mounts import need_mount_namespace

GROUP = ('mount -t tmpfs none /sys/fs/cgroup && '
         'echo "{cpu}" > /sys/fs/cgroup/cpu.max && echo {memory} > /sys/fs/cgroup/memory.max && '
         'exec "$0" "$@"')
WARNING = "the memory budgets together are more than the control group may have"


def begun_in(tmp_path, memory, cpu="50000 100000", *flags):
    """The log of a server that began in a group with these limits."""
    need_mount_namespace()
    server = Factord(tmp_path / "data", *flags)
    server.command = ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                      GROUP.format(cpu=cpu, memory=memory), *server.command]
    with server:
        pass
    return [json.loads(line) for line in server.log().splitlines()]


def test_budgets_beyond_the_limit_are_warned_of_with_both_numbers(tmp_path):
    log = begun_in(tmp_path, 100 << 20)
    [warning] = [line for line in log if line["msg"] == WARNING]
    assert warning["limit_bytes"] == 100 << 20
    assert warning["budgets_bytes"] == (256 + 64 + 128 + 64) << 20
    [start] = [line for line in log if line["msg"] == "starting"]
    assert start["threads"] == 1


@pytest.mark.parametrize("memory, flags", [
    ("max", ()), (512 << 20, ()),
    (100 << 20, ("--max-buffered-bytes", "16MiB", "--block-cache-bytes", "16MiB",
                 "--write-buffer-bytes", "16MiB", "--queue-bytes", "16MiB"))])
def test_budgets_within_it_are_not(tmp_path, memory, flags):
    assert WARNING not in [line["msg"] for line in begun_in(tmp_path, memory, "max 100000", *flags)]
