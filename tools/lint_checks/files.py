"""Which files there are: the fixed top level, a changelog, every source built, what is named."""

import posixpath
import re

from .tree import Check

_TOP = {"CMakeLists.txt", "third_party.cmake", "server", "storage", "bench", "tests", "tools",
        "README.md", "API.md", "ARCHITECTURE.md", "CHANGELOG.md", "DEPLOYING.md", "METRICS.md",
        "RELIABILITY.md", "SECURITY.md", "UPGRADING.md", "CONTRIBUTING.md", "LICENSE",
        "CMakePresets.json", ".ci",
        ".clang-format", ".gitignore"}


def check_top_level(tree):
    return [f"{name}:1: does not belong to the fixed top level"
            for name in sorted({path.split("/")[0] for path in tree.paths} - _TOP)]


def check_changelog(tree):
    if "CHANGELOG.md" not in tree.paths:
        return ["CHANGELOG.md:1: missing"]
    sections = re.split(r"^## ", tree.text("CHANGELOG.md"), flags=re.MULTILINE)[1:]
    if not sections or not re.search(r"^- ", sections[0], flags=re.MULTILINE):
        return ["CHANGELOG.md:1: the newest section names no change"]
    return []


def check_built(tree):
    """A source that no list names is dead code."""
    built = {posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
             for path in tree.paths if path.endswith((".cmake", "CMakeLists.txt"))
             for name in re.findall(r"[\w./-]+\.cpp\b", tree.text(path))}
    return [f"{path}:1: in no CMakeLists.txt" for path in tree.cpp(".cpp") if path not in built]


# A path in a document: from the root, or as the tables shorten it.
_NAMED = re.compile(r"`((?:storage|server|tests|tools|bench|unit|e2e|overload|crash|faults|fuzz|"
                    r"service|net)/[\w/.-]+)`")
_FROM = ("", "tests/", "server/")
_ENDINGS = ("", ".hpp", ".cpp", ".py", "_fuzz.cpp")


def check_named(tree):
    """A document that leads to a file that has moved leads nowhere."""
    there = set(tree.paths)
    for path in tree.paths:
        while path := posixpath.dirname(path):
            there.add(path)
    return [f"{path}:{number}: {name} is not there"
            for path in tree.paths if path.endswith(".md") and path != "CHANGELOG.md"
            for number, line in tree.lines(path) for name in _NAMED.findall(line)
            if not any(before + name.rstrip("/") + end in there
                       for before in _FROM for end in _ENDINGS)]


CHECKS = [
    Check("top level", check_top_level,
          bad=[{"src/a.cpp": ""}, {"NOTES.md": ""}],
          good=[{"storage/a.cpp": "", "README.md": ""}]),
    Check("changelog", check_changelog,
          bad=[{"README.md": ""}, {"CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n"}],
          good=[{"CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n### Added\n- Removal.\n"}]),
    Check("sources are built", check_built,
          bad=[{"storage/a.cpp": "", "storage/CMakeLists.txt": "add_library(x aa.cpp)\n"},
               {"storage/a.cpp": "", "server/CMakeLists.txt": "add_library(x a.cpp)\n"}],
          good=[{"storage/a.cpp": "", "storage/CMakeLists.txt": "add_library(x a.cpp)\n"}]),
    Check("paths in documents", check_named,
          bad=[{"README.md": "see `storage/keys.hpp`\n", "storage/model/keys.hpp": ""}],
          good=[{"README.md": "see `storage/model/keys`, `storage/model`, `e2e/test_a.py`\n",
                 "storage/model/keys.hpp": "", "tests/e2e/test_a.py": ""}]),
]
