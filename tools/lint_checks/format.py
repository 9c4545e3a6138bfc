"""Format is the machine's business."""

import ast

from .tree import Check

_STYLE = "BasedOnStyle: Google\nColumnLimit: 100\n"


def check_cpp(tree):
    paths = tree.cpp()
    if not paths:
        return []
    code, out = tree.run("clang-format", "--dry-run", "--Werror", "--style=file", *paths)
    if code == 0:
        return []
    found = {":".join(line.split(":")[:2]) for line in out.splitlines() if ": error:" in line}
    return sorted(f"{place}: not as clang-format has it" for place in found) or [out]


def _interpreter(tree, path):
    lines = tree.text(path).splitlines()
    return lines[0] if lines and lines[0].startswith("#!") else ""


def check_bash(tree):
    findings = []
    for path in tree.paths:
        if "bash" not in _interpreter(tree, path):
            continue
        code, out = tree.run("bash", "-n", path)
        if code != 0:
            findings.append(f"{path}:1: {out.strip()}")
        if "set -euo pipefail" not in tree.text(path):
            findings.append(f"{path}:1: no set -euo pipefail")
    return findings


def check_python(tree):
    findings = []
    for path in tree.paths:
        if not path.endswith(".py") and "python3" not in _interpreter(tree, path):
            continue
        try:
            ast.parse(tree.text(path))
        except SyntaxError as fault:
            findings.append(f"{path}:{fault.lineno}: {fault.msg}")
        findings += [f"{path}:{number}: longer than 100 columns"
                     for number, line in tree.lines(path) if len(line) > 100]
    return findings


CHECKS = [
    Check("format", check_cpp,
          bad=[{".clang-format": _STYLE, "a.cpp": "int  f( ) ;\n"}],
          good=[{".clang-format": _STYLE, "a.cpp": "int f();\n"}]),
    Check("bash", check_bash,
          bad=[{"a": "#!/bin/bash\nset -euo pipefail\nif\n"}, {"a": "#!/bin/bash\ntrue\n"}],
          good=[{"a": "#!/bin/bash\nset -euo pipefail\n"}]),
    Check("python", check_python,
          bad=[{"a.py": "def f(:\n"}, {"a.py": "#" * 101 + "\n"}],
          good=[{"a.py": "f = 1\n"}]),
]
