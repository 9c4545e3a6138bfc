"""What a check looks at, and what a check is."""

import contextlib
import dataclasses
import pathlib
import subprocess
import tempfile
import zlib


@dataclasses.dataclass(frozen=True)
class Check:
    """run(tree) returns findings, "path:line: what is wrong". bad, good: trees, {path: text}."""
    name: str
    run: object
    bad: list
    good: list = dataclasses.field(default_factory=list)


class Tree:
    """The files of a checkout that git tracks or would track."""

    def __init__(self, root, build_dir=None, paths=None, half=None):
        self.root = root
        self.half = half  # 0 or 1, for checks that take long: the half of the files to look at
        self.build_dir = build_dir
        self.paths = sorted(paths) if paths is not None else self._listed()
        self._texts = {}

    def _listed(self):
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        out = subprocess.run(command, cwd=self.root, check=True, capture_output=True,
                             text=True).stdout
        return sorted({path for path in out.split("\0") if path and (self.root / path).is_file()})

    def has_in_half(self, path):
        return self.half is None or zlib.crc32(path.encode()) % 2 == self.half

    def text(self, path):
        if path not in self._texts:
            data = (self.root / path).read_bytes()
            self._texts[path] = "" if b"\0" in data else data.decode("utf-8", "replace")
        return self._texts[path]

    def lines(self, path):
        """(number, line) of every line."""
        return enumerate(self.text(path).splitlines(), 1)

    def cpp(self, *suffixes):
        """The C++ files, or those of them with one of these suffixes."""
        wanted = suffixes or (".hpp", ".cpp")
        return [path for path in self.paths if path.endswith(wanted)]

    def run(self, *command, **options):
        """The exit code and all output of a command in the root."""
        done = subprocess.run(command, cwd=self.root, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, **options)
        return done.returncode, done.stdout


@contextlib.contextmanager
def planted(sample):
    """A tree that holds just these files."""
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for path, text in sample.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        yield Tree(root, paths=sample.keys())
