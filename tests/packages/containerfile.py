"""A Containerfile, read, and its steps taken one by one in bare Debians instead of by a builder of
images. What it does not know is an error, so that no step is passed over."""

import dataclasses
import fnmatch
import json
import pathlib
import re
import shutil
import subprocess

from debian import SUITE, Debian

# What only says how the image is run.
_NOTES = ("USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD")


@dataclasses.dataclass(frozen=True)
class Step:
    name: str
    text: str


def parse(text):
    text = re.sub(r"(?m)^\s*#.*\n", "", text)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [Step(*line.split(maxsplit=1)) for line in lines if line.strip()]


class Stage:
    """What has been made of one FROM so far."""

    def __init__(self, debian):
        self.debian = debian
        self.folder = "/"
        self.environment = {}
        self.notes = {}

    def words(self, name):
        """Of a note in the form of a list."""
        text = self.notes[name]
        return json.loads(text[text.index("["):])


class Build:
    """Takes the steps of a Containerfile; `taken` are those that ran."""

    def __init__(self, steps, context, bare, stack):
        self.context, self.bare, self.stack = pathlib.Path(context), bare, stack
        self.stages, self.taken = {}, []
        for step in steps:
            if step.name in _NOTES:
                self.stage.notes[step.name] = step.text
            else:
                getattr(self, f"do_{step.name.lower()}")(step.text)
            self.taken.append(step)

    def do_from(self, text):
        image = re.fullmatch(rf"debian:{SUITE}-\d{{8}}(-slim)?( AS (?P<name>\w+))?", text)
        assert image, f"{text}: not a Debian that is pinned"
        self.stage = Stage(self.stack.enter_context(Debian.like(self.bare)))
        self.stages[image["name"] or ""] = self.stage

    def do_workdir(self, text):
        self.stage.folder = text
        self.stage.debian.path(text).mkdir(parents=True, exist_ok=True)

    def do_env(self, text):
        name, _, value = text.partition("=")
        self.stage.environment[name] = value

    def do_run(self, text):
        self.stage.debian.run_online("sh", "-c", text, cwd=self.stage.folder,
                                     env=self.stage.environment, timeout=3600)

    def do_copy(self, text):
        words = text.split()
        origin = re.fullmatch(r"--from=(\w+)", words[0])
        *sources, target = words[1:] if origin else words
        into = self.stage.debian.path(str(pathlib.PurePosixPath(self.stage.folder) / target))
        into.mkdir(parents=True, exist_ok=True)
        for source in sources:
            if origin:
                root = self.stages[origin[1]].debian.root
                found = sorted(root.glob(source.lstrip("/")))
                assert found, f"COPY {text}: there is none"
                for path in found:
                    shutil.copy(path, into)
            elif source == ".":
                for name in self.sources():
                    (into / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(self.context / name, into / name)
            else:
                shutil.copy(self.context / source, into)

    def sources(self):
        """The files of the checkout, but for what its .dockerignore leaves out."""
        out = subprocess.run(["git", "ls-files", "-z", "--cached", "--others",
                              "--exclude-standard"], cwd=self.context, check=True, text=True,
                             capture_output=True).stdout
        ignored = (self.context / "tools/packaging/Containerfile.dockerignore").read_text()
        patterns = [line for line in ignored.splitlines() if line and not line.startswith("#")]
        return [name for name in out.split("\0") if (self.context / name).is_file() and name
                and not any(fnmatch.fnmatch(name, f"{pattern}/*") for pattern in patterns)]
