"""A program as completions of bash and of zsh."""

_FILES = ("FILE", "file")
_FOLDERS = ("DIR", "DEST", "SRC", "PLACE")


def _all(command):
    return [command, *(one for below in command.commands for one in _all(below))]


def _path(command):
    return " ".join(command.words[1:])


def _flags(options):
    return [name for option in options for name in option.names]


def _is(option, kinds):
    """A positional argument may be named as what it is."""
    return option.value in kinds or option.names[0] in kinds


# bash

def _bash_how(option):
    """What completes its value, if anything does."""
    if option.choices:
        return f"compgen -W '{' '.join(option.choices)}' -- \"$cur\""
    if _is(option, _FOLDERS):
        return 'compgen -d -- "$cur"'
    return 'compgen -f -- "$cur"' if _is(option, _FILES) else ":"


def _bash_values(program):
    """For each way to complete a value: patterns of the command's words and the option."""
    ways = {}
    for command in _all(program):
        for option in command.options:
            if option.value:
                start = "*' " if command is program else f"'{_path(command)} "
                ways.setdefault(_bash_how(option), [])
                ways[_bash_how(option)] += [f"{start}{name}'" for name in option.names]
    out = []
    for how, patterns in ways.items():
        out.append(f"        {' | '.join(patterns)})")
        if how != ":":
            out.append(f"            mapfile -t COMPREPLY < <({how})")
        if how.startswith(("compgen -d", "compgen -f")):
            out.append("            compopt -o filenames 2>/dev/null")
        out += ["            return", "            ;;"]
    return out


def _bash_words(program, command):
    options = _flags(command.options)
    options += [name for name in _flags(program.options) if name not in options]
    words = [one.words[-1] for one in command.commands] + command.modes + options
    lines = [f"        '{_path(command)}')", f"            words='{' '.join(words)}'"]
    for argument in command.arguments:
        if _bash_how(argument) != ":":
            lines.append(f"            arguments={_bash_how(argument).split()[1]}")
    return [*lines, "            ;;"]


def _bash_place(program):
    """Finds the command among the words before, and passes over values of options."""
    valued = dict.fromkeys(name for command in _all(program) for option in command.options
                           if option.value for name in option.names)
    paths = [f"'{_path(command)}'" for command in _all(program)[1:]]
    return ['    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
            "        if [[ -n $skip ]]; then",
            "            skip=''",
            "            continue",
            "        fi",
            "        case $word in",
            f"            {' | '.join(valued)})",
            "                skip=yes",
            "                ;;",
            "        esac",
            "        case ${place:+$place }$word in",
            f"            {' | '.join(paths)})",
            "                place+=${place:+ }$word",
            "                ;;",
            "        esac",
            "    done"]


def bash(program):
    name = program.words[0]
    out = [f"# bash completion of {name}, made of what its --help says.", "",
           f"_{name}() {{",
           "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}",
           "    local place='' words='' arguments='' skip='' word",
           "    COMPREPLY=()",
           "    # --option=value is three words.",
           "    [[ $prev != = ]] || prev=${COMP_WORDS[COMP_CWORD - 2]}",
           "    [[ $cur != = ]] || cur=''"]
    if program.commands:
        out += _bash_place(program)
    out += ['    case "$place $prev" in', *_bash_values(program), "    esac",
            "    case $place in"]
    for command in _all(program):
        out += _bash_words(program, command)
    out += ["    esac",
            "    if [[ -n $arguments && $cur != -* ]]; then",
            '        mapfile -t COMPREPLY < <(compgen "$arguments" -- "$cur")',
            "        compopt -o filenames 2>/dev/null",
            "    else",
            '        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")',
            "    fi",
            "}", "",
            f"complete -F _{name} {name}"]
    return "\n".join(out) + "\n"


# zsh

def _zsh_quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def _zsh_text(text):
    for special in "\\[]:":
        text = text.replace(special, "\\" + special)
    return text


def _zsh_value(option):
    if option.choices:
        return f"({' '.join(option.choices)})"
    if _is(option, _FOLDERS):
        return "_files -/"
    return "_files" if _is(option, _FILES) else " "


def _zsh_option(option):
    text = f"[{_zsh_text(option.text)}]"
    value = f":{option.value}:{_zsh_value(option)}" if option.value else ""
    others = "" if option.repeatable else f"({' '.join(option.names)})"
    return [_zsh_quoted(("*" if option.repeatable else others) + flag +
                        ("=" if option.value and flag.startswith("--") else "") + text + value)
            for flag in option.names]


def _zsh_function(program, command):
    name = "_" + "_".join(command.words)
    options = list(command.options)
    known = _flags(options)
    options += [one for one in program.options if not set(one.names) & set(known)]
    specs = [spec for option in options for spec in _zsh_option(option)]
    if not command.commands:
        specs += [_zsh_quoted(f"1::mode:({' '.join(command.modes)})")] if command.modes else []
        specs += [_zsh_quoted(f":{argument.names[0]}:{_zsh_value(argument)}")
                  for argument in command.arguments]
        return [f"{name}() {{", "  _arguments \\", "    " + " \\\n    ".join(specs), "}", ""]
    specs += ["'1: :->command'", "'*:: :->arguments'"]
    out = [f"{name}() {{", "  local curcontext=$curcontext state line",
           "  local -a commands", "  _arguments -C \\", "    " + " \\\n    ".join(specs),
           "  case $state in", "    command)", "      commands=("]
    for below in command.commands:
        out.append("        " + _zsh_quoted(f"{below.words[-1]}:{_zsh_text(below.summary())}"))
    out += ["      )", "      _describe command commands", "      ;;", "    arguments)",
            "      case $line[1] in"]
    out += [f"        {below.words[-1]}) _{'_'.join(below.words)} ;;"
            for below in command.commands]
    return [*out, "      esac", "      ;;", "  esac", "}", ""]


def zsh(program):
    name = program.words[0]
    out = [f"#compdef {name}", f"# zsh completion of {name}, made of what its --help says.", ""]
    for command in reversed(_all(program)):
        out += _zsh_function(program, command)
    return "\n".join(out) + f'_{name} "$@"\n'
