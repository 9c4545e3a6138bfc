#!/usr/bin/env python3
"""Makes manual pages and completions of what programs say of themselves:

    describe.py --version VERSION --out DIRECTORY PROGRAM...

DIRECTORY/man has the pages, compressed, and DIRECTORY/bash and DIRECTORY/zsh the completions.
"""

import argparse
import gzip
import pathlib
import sys

sys.dont_write_bytecode = True

import completion  # noqa: E402
import help_text  # noqa: E402
import man_page  # noqa: E402


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def describe(paths, version, out):
    programs = [help_text.read_program(str(path)) for path in paths]
    for program in programs:
        name = program.words[0]
        others = [other.words[0] for other in programs if other is not program]
        page = man_page.write(program, version, others).encode()
        # Without a time in it, so that the same text is the same file.
        write(out / "man" / f"{name}.1.gz", gzip.compress(page, 9, mtime=0))
        write(out / "bash" / name, completion.bash(program).encode())
        write(out / "zsh" / f"_{name}", completion.zsh(program).encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--version", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("program", type=pathlib.Path, nargs="+")
    options = parser.parse_args()
    describe([path.resolve() for path in options.program], options.version, options.out)


if __name__ == "__main__":
    main()
