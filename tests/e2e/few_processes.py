"""A user who may have few processes and threads, for programs that get no more of them."""

import os
import resource

# Of this test process's own, so that no others count: the kernel counts all that a user has. Where
# there are more than he may have already, no program of his can be started at all.
SOMEBODY = 1_000_000_000 + os.getpid()


def few_processes(count):
    """For preexec_fn: as him, since root's are not counted."""
    def limit():
        resource.setrlimit(resource.RLIMIT_NPROC, (count, count))
        os.setgroups([])
        os.setresgid(SOMEBODY, SOMEBODY, SOMEBODY)
        os.setresuid(SOMEBODY, SOMEBODY, SOMEBODY)
    return limit
