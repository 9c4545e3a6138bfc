"""Words that must not stand in the tree."""

import re

from .tree import Check

# Built from halves, so that this file passes its own check.
_NOTES = [first + second for first, second in (("TO", "DO"), ("FIX", "ME"), ("XX", "X"),
                                               ("HA", "CK"))]
_UNFINISHED = re.compile(r"\b(?:" + "|".join(_NOTES) + r")\b")
_MACHINE = re.compile(r"(?<![\w.])/(?:wo" r"rk|root|ho" r"me/\w+)/|/tmp/(?:bu" r"ild|br" r"ief)")
_NOT_OURS = ("LICENSE",)


def _search(tree, pattern, what):
    return [f"{path}:{number}: {what}: {match.group()}"
            for path in tree.paths if path not in _NOT_OURS
            for number, line in tree.lines(path)
            for match in pattern.finditer(line)]


def check_unfinished(tree):
    return _search(tree, _UNFINISHED, "unfinished work belongs in an issue")


def check_machine_paths(tree):
    return _search(tree, _MACHINE, "a path of one machine")


CHECKS = [
    Check("unfinished work", check_unfinished,
          bad=[{"a.cpp": f"// {word}: later\n"} for word in _NOTES],
          good=[{"a.cpp": "// HACKATHON, todo\n"}]),
    Check("machine paths", check_machine_paths,
          bad=[{"a.md": "see /wo" "rk/a\n"}, {"a.txt": "/ho" "me/me/x\n"}],
          good=[{"a.md": "https://x.example/work/a ./work/a /usr/bin\n"}]),
]
