"""Every header starts with #pragma once and compiles alone."""

import concurrent.futures
import json
import os
import shlex

from .tree import Check

_PLAIN = ["c++", "-std=c++20", "-I."]


def check_once(tree):
    return [f"{path}:1: does not begin with #pragma once" for path in tree.cpp(".hpp")
            if not tree.text(path).startswith("#pragma once\n")]


def _commands(tree):
    """Folder -> the compiler and flags of a source in it, from the build."""
    if tree.build_dir is None:
        return {}
    commands = {}
    with open(tree.build_dir / "compile_commands.json", encoding="utf-8") as file:
        for entry in json.load(file):
            folder = os.path.relpath(os.path.dirname(entry["file"]), tree.root)
            commands.setdefault(folder, _flags(shlex.split(entry["command"])))
    return commands


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


def check_alone(tree):
    commands = _commands(tree)

    def compile_alone(path):
        folder = os.path.dirname(path)
        while folder and folder not in commands:
            folder = os.path.dirname(folder)
        command = commands.get(folder, _PLAIN)
        code, out = tree.run(*command, "-O0", "-fsyntax-only", "-x", "c++", "-",
                             input=f'#include "{path}"\n')
        first = next((line for line in out.splitlines() if "error" in line), out[:200])
        return None if code == 0 else f"{path}:1: does not compile alone: {first}"

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [found for found in pool.map(compile_alone, tree.cpp(".hpp")) if found]


CHECKS = [
    Check("pragma once", check_once,
          bad=[{"a.hpp": "#ifndef A\n"}], good=[{"a.hpp": "#pragma once\n"}]),
    Check("headers alone", check_alone,
          bad=[{"a.hpp": "#pragma once\nstd::string f();\n"}],
          good=[{"a.hpp": "#pragma once\n#include <string>\nstd::string f();\n"}]),
]
