"""What a program says of itself with --help, read: its options, arguments and commands."""

import dataclasses
import re
import subprocess

# Where descriptions begin; a name that is longer has its own on the next line.
_COLUMN = 30
_INDENTED = " " * _COLUMN
_PLAIN_SECTIONS = ("Positionals", "Subcommands")
_VALUE = re.compile(r"(?P<name>[\w/]*)(?::\{(?P<choices>[^}]*)\})?(?:=(?P<default>.+))?")


@dataclasses.dataclass
class Option:
    """Or a positional argument, which has one name and takes itself."""
    names: list
    value: str  # what stands for it, as FILE; empty where it takes none
    text: str
    choices: list = dataclasses.field(default_factory=list)
    default: str = ""
    repeatable: bool = False
    required: bool = False


@dataclasses.dataclass
class Command:
    """A program, or a command of one."""
    words: list
    about: list  # paragraphs of lines, as those after the options
    usage: str
    groups: list = dataclasses.field(default_factory=list)  # (title, options)
    arguments: list = dataclasses.field(default_factory=list)
    commands: list = dataclasses.field(default_factory=list)
    more: list = dataclasses.field(default_factory=list)

    @property
    def options(self):
        return [option for _, options in self.groups for option in options]

    @property
    def modes(self):
        """Words that may come first and take all the same options: [dev] in its usage."""
        return re.findall(r"\[([a-z]+)\]", self.usage)

    def summary(self):
        """Its first paragraph, without the program's name before it."""
        return re.sub(rf"^{self.words[0]} ", "", " ".join(self.about[0])).rstrip(".")


def _paragraphs(lines):
    found = [[]]
    for line in lines:
        if line.strip():
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [one for one in found if one]


def _entries(lines):
    """(name, description) of each entry of a section."""
    found = []
    for number, line in enumerate(lines):
        if line.startswith(_INDENTED):
            name, text = found[-1]
            found[-1] = (name, f"{text} {line.strip()}".strip())
            continue
        name, gap, text = re.fullmatch(r"  (\S.*?)(?:(  +)(.*))?", line.rstrip()).groups()
        alone = number + 1 < len(lines) and lines[number + 1].startswith(_INDENTED)
        if not gap and not alone and len(line) > _COLUMN and line[_COLUMN - 1] == " ":
            name, text = line[:_COLUMN].strip(), line[_COLUMN:]
        found.append((name, (text or "").strip()))
    return found


def _option(entry):
    heading, text = entry
    environment = re.search(r" \(Env:(\w+)\)", heading)
    if environment:
        heading = heading.replace(environment.group(), "")
        text += environment.group()
    text = re.sub(r"\(Env:(\w+)\)", r"(environment: \1)", text)
    names, *words = heading.split()
    option = Option(names.split(","), "", text, required="REQUIRED" in words,
                    repeatable="..." in words)
    words = [word for word in words if word not in ("REQUIRED", "...")]
    if words:
        match = _VALUE.fullmatch(words[0])
        assert match and len(words) == 1, f"cannot be read: {heading}"
        option.value = match["name"] or "VALUE"
        option.choices = (match["choices"] or "").split(",") if match["choices"] else []
        option.default = match["default"] or ""
    elif not names.startswith("-"):
        option.value = names
    return option


def _sections(lines):
    """[(title, lines)], and the lines behind them all."""
    found = []
    for number, line in enumerate(lines):
        begins = re.fullmatch(r"(\S.*):", line)
        following = next((one for one in lines[number + 1:] if one.strip()), "")
        if begins and (begins[1] in _PLAIN_SECTIONS or following.startswith("  -")):
            found.append((begins[1], []))
        elif line.startswith("  ") and found:
            found[-1][1].append(line)
        elif line.strip():
            return found, lines[number:]
    return found, []


def parse(words, text, ask):
    """A command from its own --help; ask(words) is the help of another one."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("Usage: "))
    sections, rest = _sections(lines[start + 1:])
    command = Command(words, _paragraphs(lines[:start]), lines[start].removeprefix("Usage: "),
                      more=_paragraphs(rest))
    for title, content in sections:
        if title == "Subcommands":
            for name, _ in _entries(content):
                below = [*words, name]
                command.commands.append(parse(below, ask(below), ask))
        elif title == "Positionals":
            command.arguments = [_option(entry) for entry in _entries(content)]
        else:
            command.groups.append((title, [_option(entry) for entry in _entries(content)]))
    return command


def read_program(path):
    """What the program at a path says of itself and of its commands."""
    def ask(words):
        return subprocess.run([path, *words[1:], "--help"], check=True, capture_output=True,
                              text=True, timeout=60).stdout
    name = path.rpartition("/")[2]
    return parse([name], ask([name]), ask)
