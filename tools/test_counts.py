"""Prints "PASSED FAILED": how many tests the log of one step of tools/test counts."""

import re
import sys


def counts(text):
    """The closing line of ctest or of pytest; ours ("N passed, N failed") reads like pytest's."""
    ctest = re.findall(r"(\d+) tests failed out of (\d+)", text)
    if ctest:
        failed, total = map(int, ctest[-1])
        return total - failed, failed
    lines = [line for line in text.splitlines() if re.search(r"\b\d+ (passed|failed|error)", line)]
    if not lines:
        return 0, 0
    found = {word: int(number) for number, word in
             re.findall(r"(\d+) (passed|failed|error)", lines[-1])}
    return found.get("passed", 0), found.get("failed", 0) + found.get("error", 0)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
        print(*counts(log.read()))
