"""A Debian package: what is in it, and the same under another version."""

import pathlib
import re
import subprocess


class Package:
    def __init__(self, path):
        self.path = pathlib.Path(path)

    def field(self, name):
        return subprocess.run(["dpkg-deb", "--field", self.path, name], check=True, text=True,
                              capture_output=True).stdout.strip()

    def files(self):
        """{path: (mode, owner)} of what is not a directory."""
        listed = subprocess.run(["dpkg-deb", "--contents", self.path], check=True, text=True,
                                capture_output=True).stdout
        rows = [line.split(maxsplit=5) for line in listed.splitlines()]
        return {row[5].removeprefix("."): (row[0], row[1]) for row in rows
                if not row[0].startswith("d")}

    def unpacked(self, folder):
        subprocess.run(["dpkg-deb", "--raw-extract", self.path, folder], check=True)
        return folder

    def with_version(self, version, folder):
        """The same files and scripts, in a package of that version."""
        tree = self.unpacked(folder / "tree")
        control = tree / "DEBIAN/control"
        control.write_text(re.sub(r"(?m)^Version: .*", f"Version: {version}", control.read_text()))
        made = folder / f"factord_{version}_{self.field('Architecture')}.deb"
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, made],
                       check=True, capture_output=True)
        return Package(made)
