"""Which files there are: the fixed top level, a changelog, every source built."""

import posixpath
import re

from .tree import Check

_TOP = {"CMakeLists.txt", "third_party.cmake", "server", "storage", "bench", "tests", "tools",
        "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "RELIABILITY.md", "SECURITY.md",
        "CONTRIBUTING.md", "LICENSE", "CMakePresets.json", ".ci", ".clang-format", ".gitignore"}


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
]
