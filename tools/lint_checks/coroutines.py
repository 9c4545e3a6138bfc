"""Coroutines live in server/net (and tools), and no lambda with captures is one."""

import re

from . import cpp
from .tree import Check

_KEYWORD = re.compile(r"\bco_(?:await|return|yield|spawn)\b|\bawaitable\s*<")
_MAY_SUSPEND = ("server/net/", "tools/", "bench/", "tests/")
_CLOCK = re.compile(r"\b(?:system_clock|steady_clock|high_resolution_clock)\s*::\s*now\b|"
                    r"\b(?:clock_gettime|gettimeofday)\s*\(")


def check_placed(tree):
    findings = []
    for path in tree.cpp():
        if path.startswith(_MAY_SUSPEND):
            continue
        for number, line in enumerate(cpp.code_only(tree.text(path)).splitlines(), 1):
            if _KEYWORD.search(line):
                findings.append(f"{path}:{number}: a coroutine outside server/net")
    return findings


def check_captures(tree):
    """Captures live in the lambda object, which is gone when the coroutine resumes."""
    findings = []
    for path in tree.cpp():
        code = cpp.code_only(tree.text(path))
        for head, start, end in cpp.blocks(code):
            captures = cpp.lambda_captures(head)
            if captures and ("awaitable" in head or _own(code, start, end)):
                findings.append(f"{path}:{cpp.line_of(code, start)}: "
                                f"a coroutine lambda with captures [{captures}]")
    return findings


def _own(code, start, end):
    """Whether the block itself suspends, not only a lambda inside it."""
    body = code[start + 1:end]
    for head, inner_start, inner_end in cpp.blocks(body):
        if cpp.lambda_captures(head) is not None:
            body = body[:inner_start] + " " * (inner_end - inner_start) + body[inner_end:]
    return re.search(r"\bco_(?:await|return|yield)\b", body) is not None


def check_clock(tree):
    """Decisions are pure: the time is an argument."""
    findings = []
    for path in tree.cpp():
        if not path.startswith(("server/service/", "server/protocol/")):
            continue
        for number, line in enumerate(cpp.code_only(tree.text(path)).splitlines(), 1):
            if _CLOCK.search(line):
                findings.append(f"{path}:{number}: reads a clock of its own")
    return findings


CHECKS = [
    Check("coroutines in server/net", check_placed,
          bad=[{"server/service/a.cpp": "void f() { co_await g(); }\n"},
               {"storage/a.hpp": "asio::awaitable<void> f();\n"}],
          good=[{"server/net/a.cpp": "void f() { co_await g(); }\n",
                 "storage/a.hpp": "// co_await is for server/net\n"}]),
    Check("coroutine lambdas", check_captures,
          bad=[{"a.cpp": "auto f = [this]() -> awaitable<void> { co_await g(); };\n"},
               {"a.cpp": "spawn([&x, y](int z) { h(); co_return; });\n"}],
          good=[{"a.cpp": "auto f = []() -> awaitable<void> { co_await g(); };\n"},
                {"a.cpp": "auto f = [x] { return [](int y) -> task { co_return y; }(x); };\n"},
                {"a.cpp": "void f() { a[i] = {1}; co_return; }\n"}]),
    Check("no clock below net", check_clock,
          bad=[{"server/service/a.cpp": "auto t = std::chrono::system_clock::now();\n"}],
          good=[{"server/net/a.cpp": "auto t = std::chrono::steady_clock::now();\n"}]),
]
