"""factord's bulk removal: a list of users on one connection, alone and beside single removals."""

import contextlib
import math
import subprocess
import time

from .figures import Figures
from .processes import Failure, Meter

_FIRST_ID = 100_000_000_000_000_001


def _scattered(users):
    """Positions in the order of factorload: neighbours in time are far apart in the store."""
    step = max(int(users * 0.6180339887498949), 1)
    while step > 1 and math.gcd(step, users) != 1:
        step -= 1
    return (k * step % users for k in range(users))


class Bulk:
    """A list for as many users as there are behind the first `spared` ones."""

    def __init__(self, factord, folder, spared=0):
        self._factord = factord
        self._list = folder / f"bulk_{spared}.ndjson"
        self._answers = folder / "bulk_answers.ndjson"
        self.lines = factord.users - spared
        self._first = _FIRST_ID + spared

    def _write_list(self):
        if self._list.exists():
            return
        with self._list.open("w", encoding="ascii") as out:
            for position in _scattered(self.lines):
                out.write(f'{{"userId":"{self._first + position}"}}\n')

    @contextlib.contextmanager
    def sending(self, url, token):
        """curl sends the list; gives the process. Afterwards each line has been answered 200."""
        self._write_list()
        command = ["curl", "-sS", "-X", "POST", "-T", self._list, "-o", self._answers, "-H",
                   f"Authorization: Bearer {token}", "-H", "Content-Type: application/x-ndjson",
                   f"{url}/v2/users/otp_email/_bulk_remove"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as curl:
            yield curl
            said = curl.stderr.read()
        with self._answers.open(encoding="ascii") as answers:
            done = sum('"status":200,' in line for line in answers)
        self._answers.unlink()
        if curl.returncode != 0 or done != self.lines:
            raise Failure(f"{done} of {self.lines} lines were answered 200: {said}")

    def measure(self):
        """One list, one connection, until it is through."""
        def load(server, url, token):
            self._write_list()
            with Meter(server) as cost:
                started = time.perf_counter()
                with self.sending(url, token) as curl:
                    curl.wait()
                    seconds = time.perf_counter() - started
            return Figures(rate=self.lines / seconds, cpu_us=cost.cpu_s * 1e6 / self.lines,
                           memory_mib=cost.memory_mib, notes={"succeeded": self.lines})
        return self._factord.measure("disk", load)

    def measure_beside(self, singles):
        """`singles(server, url, token)` while a list is on its way, which has to outlast it."""
        def load(server, url, token):
            with self.sending(url, token) as curl:
                time.sleep(0.3)
                figures = singles(server, url, token)
                # Otherwise it was not beside it to the end, and tells nothing.
                if curl.poll() is not None:
                    figures.p99 = None
            figures.notes["succeeded"] += self.lines
            return figures
        return self._factord.measure("disk", load)
