"""Every header starts with #pragma once, and every file but unit tests compiles alone."""

import concurrent.futures
import json
import os
import re
import shlex

from .tree import Check

_PLAIN = ["c++", "-std=c++20", "-I."]


def check_once(tree):
    return [f"{path}:1: does not begin with #pragma once" for path in tree.cpp(".hpp")
            if not tree.text(path).startswith("#pragma once\n")]


def _commands(tree):
    """Sources, and their folders -> the compiler and its flags, from the build; and the sources
    that it compiles together with others."""
    commands, together = {}, []
    if tree.build_dir is None:
        return commands, together
    with open(tree.build_dir / "compile_commands.json", encoding="utf-8") as file:
        entries = json.load(file)
    for entry in entries:
        flags = _flags(shlex.split(entry["command"]))
        sources = _united(entry["file"]) or [entry["file"]]
        if "-DFACTORD_PLANTED" in flags:
            continue  # the same sources once more
        for source in (os.path.relpath(path, tree.root) for path in sources):
            commands.setdefault(source, flags)
            commands.setdefault(os.path.dirname(source), flags)
            # Files of a test program are nobody else's: whoever builds `debug` sees to them.
            if len(sources) > 1 and not source.startswith(("tests/unit/", "tests/faults/")):
                together.append(source)
    return commands, together


def _united(path):
    """What a file that CMake wrote for a unity build includes."""
    if os.path.basename(os.path.dirname(path)) != "Unity":
        return []
    with open(path, encoding="utf-8") as file:
        return re.findall(r'^#include "(.*)"', file.read(), re.MULTILINE)


def _flags(command):
    """The command without its launcher, its files, and what only makes it slower."""
    if os.path.basename(command[0]) == "ccache":
        command = command[1:]
    kept = []
    words = iter(command)
    for word in words:
        if word in ("-o", "-c", "-MF", "-MT", "-MD"):
            if word in ("-o", "-c", "-MF", "-MT"):
                next(words)
        elif not word.startswith(("-O", "-g", "-D_FORTIFY", "-U_FORTIFY")):
            kept.append(word)
    return kept


def _built_alone(tree, path):
    """Whether its own source proves it, which includes it before anything else."""
    source = path.removesuffix(".hpp") + ".cpp"
    if source not in tree.paths:
        return False
    first = re.search(r'^#include ["<](.*)[">]', tree.text(source), re.MULTILINE)
    return first is not None and first[1] == path


def _flag_givers(tree, path):
    """Whose flags fit a header: a folder above it, or else a source that includes it."""
    folder = path
    while folder := os.path.dirname(folder):
        yield folder
    for source in tree.cpp(".cpp"):
        if f'#include "{path}"' in tree.text(source):
            yield source


def check_alone(tree):
    commands, together = _commands(tree)

    def compile_alone(path):
        command = next((commands[giver] for giver in _flag_givers(tree, path)
                        if giver in commands), _PLAIN)
        code, out = tree.run(*command, "-O0", "-fsyntax-only", "-x", "c++", "-",
                             input=f'#include "{path}"\n')
        first = next((line for line in out.splitlines() if "error" in line), out[:200])
        return None if code == 0 else f"{path}:1: does not compile alone: {first}"

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        alone = [path for path in tree.cpp(".hpp") if not _built_alone(tree, path)]
        wanted = [path for path in together + alone if tree.has_in_half(path)]
        return [found for found in pool.map(compile_alone, wanted) if found]


CHECKS = [
    Check("pragma once", check_once,
          bad=[{"a.hpp": "#ifndef A\n"}], good=[{"a.hpp": "#pragma once\n"}]),
    Check("files alone", check_alone,
          bad=[{"a.hpp": "#pragma once\nstd::string f();\n"},
               {"a.hpp": "#pragma once\nstd::string f();\n",
                "a.cpp": '#include <string>\n#include "a.hpp"\n'}],
          good=[{"a.hpp": "#pragma once\n#include <string>\nstd::string f();\n"},
                {"a.hpp": "#pragma once\nint f();\n", "a.cpp": '#include "a.hpp"\n'}]),
]
