"""Runs a program under what a unit file of systemd asks for, applied with the kernel's own means:

    unshare --mount sandbox.py UNIT UID WRITABLE-DIRECTORY PROGRAM ARGUMENT...

Without the capabilities, with no new privileges, in a file system that is read-only but for one
directory, with its limits, and with its filter of system calls. What cannot be applied is an error.
"""

import ctypes
import os
import resource
import subprocess
import sys

import seccomp

LIBC = ctypes.CDLL(None, use_errno=True)
MS_RDONLY, MS_REMOUNT, MS_BIND = 1, 32, 4096
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_MDWE = 24, 38, 65
KERNEL_TREES = ("/proc", "/sys", "/dev")  # ProtectSystem=strict leaves them


def directives(unit):
    """{name: [value, ...]} of a unit file, in its order."""
    found = {}
    with open(unit, encoding="utf-8") as lines:
        for line in lines:
            name, equals, value = line.strip().partition("=")
            if equals and not name.startswith("#"):
                found.setdefault(name, []).append(value)
    return found


def check(outcome, what):
    if outcome != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def mount(source, target, flags):
    check(LIBC.mount(source and source.encode(), target.encode(), None, flags, None),
          f"mount {target}")


def make_read_only(writable):
    mount(writable, writable, MS_BIND)
    with open("/proc/self/mountinfo", encoding="utf-8") as lines:
        points = [line.split()[4].encode().decode("unicode_escape") for line in lines]
    for point in dict.fromkeys(points):
        if point != writable and not point.startswith(KERNEL_TREES):
            mount(None, point, MS_REMOUNT | MS_BIND | MS_RDONLY)


def calls_of(group):
    """The names in a group of systemd's, and in the groups in it."""
    listed = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter", group], check=True,
                            capture_output=True, text=True).stdout
    names = set()
    for line in listed.splitlines()[1:]:
        word = line.strip()
        if word and not word.startswith("#"):
            names |= calls_of(word) if word.startswith("@") else {word}
    return names


def allowed_calls(filters):
    allowed = calls_of("@default") | {"execve"}  # as systemd, which starts the program itself
    for words in filters:
        names = set().union(*map(calls_of, words.lstrip("~").split()))
        allowed = allowed - names if words.startswith("~") else allowed | names
    return allowed


def filter_calls(allowed):
    rules = seccomp.SyscallFilter(seccomp.ERRNO(1))  # EPERM
    for name in sorted(allowed):
        if seccomp.resolve_syscall(seccomp.Arch(), name) >= 0:  # it may be another machine's
            rules.add_rule(seccomp.ALLOW, name)
    rules.load()


def drop_rights(uid):
    for capability in range(64):
        if LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # past the last one
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    check(LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")


def main(unit, uid, writable, *command):
    wanted = directives(unit)
    assert wanted["CapabilityBoundingSet"] == [""] and wanted["NoNewPrivileges"] == ["yes"]
    assert wanted["ProtectSystem"] == ["strict"] and wanted["MemoryDenyWriteExecute"] == ["yes"]
    allowed = allowed_calls(wanted["SystemCallFilter"])
    make_read_only(writable)
    for name in ("NOFILE", "CORE"):
        limit = int(wanted[f"Limit{name}"][0])
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (limit, limit))
    os.umask(int(wanted["UMask"][0], 8))
    drop_rights(int(uid))
    check(LIBC.prctl(PR_SET_MDWE, 1, 0, 0, 0), "memory deny write execute")
    filter_calls(allowed)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
