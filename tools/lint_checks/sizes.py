"""Files and functions stay small enough to be read at a sitting."""

from . import cpp
from .tree import Check

FILE_LINES_MAX = 500
HEADER_LINES_MAX = 250
FUNCTION_LINES_MAX = 70
_CODE = (".hpp", ".cpp", ".py", ".proto", ".cmake", "tools/lint", "tools/test", "tools/run",
         "tools/setup", "CMakeLists.txt")


def check_files(tree):
    findings = []
    for path in tree.paths:
        if path.endswith(_CODE):
            count = len(tree.text(path).splitlines())
            most = HEADER_LINES_MAX if path.endswith(".hpp") else FILE_LINES_MAX
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
          bad=[{"a.cpp": "\n" * 501}, {"a.hpp": "\n" * 251}],
          good=[{"a.cpp": "\n" * 500, "a.hpp": "\n" * 250}]),
    Check("function length", check_functions,
          bad=[_function("int f(int a)", 69),
               _function("a::b::b(int c) : d_(c), e_{c}", 69),
               _function("auto f() const noexcept -> result<int>", 69),
               _function("asio::awaitable<void> f(std::vector<int> a,\n   int b)", 68)],
          good=[_function("int f(int a)", 68), _function("struct s", 200)]),
]
