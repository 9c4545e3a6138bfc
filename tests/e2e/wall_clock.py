"""A wall clock that a test sets, for one server; its steady clock stays true."""

import os
import pathlib
import struct
import subprocess

from factord import plain_environment

SOURCE = pathlib.Path(__file__).with_name("wall_clock_shift.c")


class WallClock:
    def __init__(self, directory):
        self.library = directory / "wall_clock_shift.so"
        subprocess.run(["gcc", "-D_GNU_SOURCE", "-Wall", "-Werror", "-O1", "-shared", "-fPIC",
                        "-o", self.library, SOURCE],
                       check=True)
        self.shift = directory / "wall_clock_shift"
        self.shift.write_bytes(struct.pack("=q", 0))

    def set(self, seconds):
        """So far ahead of the machine's, from now on."""
        with open(self.shift, "r+b") as file:
            file.write(struct.pack("=q", seconds))

    def environment(self, **more):
        """For a server that has this clock."""
        # A sanitizer wants to be loaded first, for libraries that look functions up: ours does not.
        asan = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))
        return plain_environment(LD_PRELOAD=str(self.library), WALL_CLOCK_SHIFT=str(self.shift),
                                 ASAN_OPTIONS=asan, **more)
