"""What grows with the number of users: rate, memory, start time, disk."""

import shutil
import time

from . import clients
from .factord import Factord, copy_store
from .figures import Row
from .processes import Failure


def _disk_bytes(folder):
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


class Growth:
    """The main job on a store of one size, then a kill -9 and the starts after it."""

    def __init__(self, bin_dir, folder, options, users):
        self._folder = folder / f"users-{users}"
        self._folder.mkdir()
        self._factord = Factord(bin_dir, self._folder, users)
        self._connections = options.connections[0]
        self._seconds = options.seconds
        self._users = users
        self._bytes_per_event = None
        self._rounds = 0

    def seed(self, say):
        say(f"seeding factord with {self._users:,} users")
        self._factord.seed()
        # Three events a user: added, email verified, factor added.
        self._bytes_per_event = _disk_bytes(self._factord.seeded) / (3 * self._users)

    def row(self):
        return Row(f"growth_{self._users}", f"factord removal, {self._users:,} users",
                   self._connections, "disk", "wrk", self._measure)

    def _timed_start(self, data):
        began = time.perf_counter()
        server, _ = self._factord.start(data, "disk")
        return server, time.perf_counter() - began

    def _measure(self):
        # The largest store takes minutes to verify: once.
        verify = self._rounds == 0
        self._rounds += 1
        figures = self._factord.wrk_remove("disk", self._connections, self._seconds, verify)
        figures.notes.update(self._restarts(verify))
        figures.notes["bytes_per_event"] = self._bytes_per_event
        return figures

    def _restarts(self, verify):
        """Killed under load, the log must be replayed; all that was answered must be there."""
        data = self._folder / "killed"
        copy_store(self._factord.seeded, data)
        server, url = self._factord.start(data, "disk")
        token = self._factord.new_token(data)
        load = clients.start_wrk_remove(url, self._connections, self._seconds, token, self._users)
        time.sleep(self._seconds / 2)
        seen = int(self._factord.stats(data)["lastSequence"])
        server.kill()
        load.kill()
        load.wait()
        server, after_kill_s = self._timed_start(data)
        found = int(self._factord.stats(data)["lastSequence"])
        if found < seen:
            raise Failure(f"kill -9 lost events: {seen} were there, {found} are")
        server.stop()
        server, after_stop_s = self._timed_start(data)
        server.stop()
        if verify:
            self._factord.ctl(data, "verify")
        shutil.rmtree(data)
        return {"ready_after_kill_s": after_kill_s, "ready_after_stop_s": after_stop_s}
