"""Files and functions stay small enough to be read at a sitting."""

from . import cpp
from .tree import Check

# Of the product, and of what a table of cases may make long. A header of tests has the product's.
_PRODUCT = ("server/", "storage/", "tools/")
PRODUCT_LINES_MAX = 300
OTHER_LINES_MAX = 500
PYTHON_LINES_MAX = 400
HEADER_LINES_MAX = 120
FUNCTION_LINES_MAX = 70
# Headers that hold one class whose contract is that long: apart, its parts would say less.
_LONG_HEADERS = {
    "server/protocol/connection_machine.hpp": 152,  # one machine: its steps, events and deadlines
    "storage/rocksdb/engine.hpp": 128,              # one engine: what it overrides is half of it
    "storage/postgres/session_machine.hpp": 155,    # one machine: its orders, outcomes and steps
    "server/net/runtime.hpp": 130,                  # what a process has, in the order it ends
    "server/net/shard.hpp": 135,                    # what a thread has, in the order it ends
    "tests/unit/storage/postgres/store_fixture.hpp": 140,  # one fixture, of two suites
}
_CODE = (".hpp", ".cpp", ".py", ".proto", ".cmake", "tools/lint", "tools/test", "tools/run",
         "tools/setup", "tools/package", "CMakeLists.txt")


def _most(path):
    if path.endswith(".hpp"):
        return _LONG_HEADERS.get(path, HEADER_LINES_MAX)
    if path.endswith(".py"):
        return PYTHON_LINES_MAX
    return PRODUCT_LINES_MAX if path.startswith(_PRODUCT) else OTHER_LINES_MAX


def check_files(tree):
    findings = []
    for path in tree.paths:
        if path.endswith(_CODE):
            count = len(tree.text(path).splitlines())
            most = _most(path)
            if count > most:
                findings.append(f"{path}:{count}: {count} lines, more than {most}")
    return findings


def check_functions(tree):
    findings = []
    for path in tree.cpp():
        code = cpp.code_only(tree.text(path))
        for head, start, end in cpp.blocks(code):
            if not cpp.is_function(head):
                continue
            first = cpp.line_of(code, start) - head.count("\n")
            count = cpp.line_of(code, end) - first + 1
            if count > FUNCTION_LINES_MAX:
                findings.append(f"{path}:{first}: a function of {count} lines, "
                                f"more than {FUNCTION_LINES_MAX}")
    return findings


def _function(head, lines):
    return {"a.cpp": f"namespace a {{\n{head} {{\n" + "  x();\n" * lines + "}\n}\n"}


CHECKS = [
    Check("file length", check_files,
          bad=[{"server/a.cpp": "\n" * 301}, {"tools/x/a.cpp": "\n" * 301},
               {"storage/CMakeLists.txt": "\n" * 301}, {"tools/lint": "\n" * 301},
               {"tests/a.cpp": "\n" * 501}, {"bench/a.cpp": "\n" * 501},
               {"tests/a.py": "\n" * 401}, {"tools/lint_checks/a.py": "\n" * 401},
               {"server/a.hpp": "\n" * 121}, {"tests/a.hpp": "\n" * 121},
               {"server/net/shard.hpp": "\n" * 136}],
          good=[{"server/a.cpp": "\n" * 300, "tools/a.cpp": "\n" * 300, "tools/test": "\n" * 300,
                 "tests/a.cpp": "\n" * 500, "tests/a.py": "\n" * 400, "storage/a.hpp": "\n" * 120,
                 "server/net/shard.hpp": "\n" * 135}]),
    Check("function length", check_functions,
          bad=[_function("int f(int a)", 69),
               _function("a::b::b(int c) : d_(c), e_{c}", 69),
               _function("auto f() const noexcept -> result<int>", 69),
               _function("asio::awaitable<void> f(std::vector<int> a,\n   int b)", 68)],
          good=[_function("int f(int a)", 68), _function("struct s", 200)]),
]
