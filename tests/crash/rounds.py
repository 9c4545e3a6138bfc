"""The command line of the suites that go in rounds, once in each durability mode."""

import argparse
import random
import time


def main(doc, users, run):
    """The exit code. `run(mode, options)` is (passed, failed); options: rounds, users, seed."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2, help="of each durability mode")
    parser.add_argument("--users", type=int, default=users, help="asked about in each round")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000,
                        help="of the random choices")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    random.seed(options.seed)
    results = [run(mode, options) for mode in ("disk", "process")]
    passed, failed = map(sum, zip(*results))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
