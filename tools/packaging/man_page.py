"""A program as a manual page, in troff's man macros."""

import re

_FILES = {
    "factord": [("/etc/factord/factord.toml", "the settings that the service is started with"),
                ("/var/lib/factord", "the data directory of the service"),
                ("/usr/share/factord", "the API as OpenAPI and as .proto files, alert rules and a "
                                       "dashboard for its metrics"),
                ("/usr/share/doc/factord", "the contract of the API, what is promised, metrics, "
                                           "how to upgrade")],
}
_EXIT = "Exit codes: "


def _escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def _quoted(text):
    return '"' + _escaped(text).replace('"', '\\(dq') + '"'


def _prose(paragraphs):
    """Lines that are indented stay as they are."""
    out = []
    for paragraph in paragraphs:
        out.append(".PP")
        as_it_is = False
        for line in paragraph:
            if line.startswith("  ") != as_it_is:
                as_it_is = not as_it_is
                out += [".PP", ".RS 4", ".EX"] if as_it_is else [".EE", ".RE", ".PP"]
            out.append(_escaped(line[2:] if as_it_is else line))
        if as_it_is:
            out += [".EE", ".RE"]
    return out


def _tag(option):
    names = ", ".join(f"\\fB{_escaped(name)}\\fR" for name in option.names)
    if not option.names[0].startswith("-"):
        return f"\\fI{_escaped(option.names[0])}\\fR"
    return names + (f" \\fI{_escaped(option.value)}\\fR" if option.value else "")


def _description(option):
    notes = []
    if option.choices:
        notes.append("one of " + ", ".join(option.choices))
    if option.default:
        notes.append(f"default {option.default}")
    if option.required:
        notes.append("required")
    if option.repeatable and "repeat" not in option.text:
        notes.append("may be repeated")
    return option.text + (f" ({'; '.join(notes)})" if notes else "")


def _options(options):
    return [line for option in options
            for line in (".TP", _tag(option), _escaped(_description(option)))]


def _command(command):
    """A section of the program's page, and those of the commands below it."""
    out = []
    if not command.commands:
        out += [f".SS {_quoted(' '.join(command.words))}"]
        out += _prose(command.about[:1] + [["  " + command.usage]] + command.about[1:])
        out += _options(command.arguments)
        out += _options([one for one in command.options if "--help" not in one.names])
        out += _prose(command.more)
    for below in command.commands:
        out += _command(below)
    return out


def _apart(paragraphs):
    """What is said of exit codes, and the rest."""
    codes, rest = [], []
    for paragraph in paragraphs:
        at = next((number for number, line in enumerate(paragraph) if line.startswith(_EXIT)),
                  len(paragraph))
        rest += [paragraph[:at]] if at else []
        if at < len(paragraph):
            codes.append([paragraph[at].removeprefix(_EXIT), *paragraph[at + 1:]])
    return codes, rest


def write(program, version, others):
    """The page of a program, which leads to the other ones."""
    name = program.words[0]
    codes, more = _apart(program.more)
    out = [f'.\\" Made of what {name} \\-\\-help says.',
           f'.TH {name.upper()} 1 "" "factord {version}" "User Commands"',
           ".SH NAME", f"{name} \\- {_escaped(program.summary())}",
           ".SH SYNOPSIS", f".B {name}", _escaped(program.usage.removeprefix(name).strip())]
    if len(program.about) > 1 or more:
        out += [".SH DESCRIPTION", *_prose(program.about[1:]), *_prose(more)]
    out.append(".SH OPTIONS")
    for title, options in program.groups:
        out += [] if title == "Options" else [f".SS {_quoted(title)}"]
        out += _options(options)
    if program.commands:
        out += [".SH COMMANDS", *_command(program)]
    if codes:
        out += [".SH EXIT STATUS", *_prose(codes)]
    if name in _FILES:
        out.append(".SH FILES")
        for path, text in _FILES[name]:
            out += [".TP", f"\\fI{_escaped(path)}\\fR", _escaped(text)]
    out += [".SH SEE ALSO", ", ".join(f"\\fB{other}\\fR(1)" for other in others)]
    return re.sub(r"\.PP\n\.PP\n", ".PP\n", "\n".join(out) + "\n")
