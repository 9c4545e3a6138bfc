"""One thread of a process, stopped as a disk that does not answer would stop it."""

import ctypes
import os
import pathlib

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_SEIZE, _INTERRUPT, _DETACH = 0x4206, 0x4207, 17
_WALL = 0x40000000


def _trace(request, thread):
    if _LIBC.ptrace(request, thread, None, None) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def thread_called(pid, name):
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text(encoding="ascii").strip() == name:
            return int(task.name)
    raise AssertionError(f"no thread is called {name}")


class StoppedThread:
    """Stands still within the `with` block, and goes on behind it if it was not ended meanwhile."""

    def __init__(self, pid, name):
        self.thread = thread_called(pid, name)
        self.ended = False

    def __enter__(self):
        _trace(_SEIZE, self.thread)
        _trace(_INTERRUPT, self.thread)
        os.waitpid(self.thread, _WALL)
        return self

    def has_ended(self):
        """To be asked where its process may be killed: nobody hears of its end before."""
        if not self.ended:
            found, status = os.waitpid(self.thread, _WALL | os.WNOHANG)
            self.ended = found != 0 and not os.WIFSTOPPED(status)
        return self.ended

    def __exit__(self, *_):
        if not self.ended:
            _trace(_DETACH, self.thread)
