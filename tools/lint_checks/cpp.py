"""Just enough reading of C++ for the checks: comments and literals out, blocks by their braces."""

import re

_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^()\\ ]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|'
    r"(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.DOTALL)
_CONTROL = re.compile(r"^(?:\}\s*)?(?:else\s+)?(?:if|for|while|switch|catch|do|else|try)\b")
_TYPE = re.compile(r"^(?:template\s*<.*>\s*)?(?:(?:inline|export)\s+)?"
                   r"(?:namespace|class|struct|union|enum|extern)\b(?!.*\)\s*$)", re.DOTALL)
_LAMBDA = re.compile(r"\[([^\[\]]*)\]\s*(?:<[^<>]*>\s*)?(?:\(.*\))?\s*(?:mutable|noexcept|\s)*"
                     r"(?:->\s*[^{}]*)?$", re.DOTALL)


def code_only(text):
    """The text with comments and literals blanked; every offset and line stays where it was."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())
    return _TOKEN.sub(blank, text)


def blocks(code):
    """(head, start, end) of every { } block: the text before it back to ; { or }, its offsets."""
    found = []
    open_blocks = []
    head_start = depth = 0
    for match in re.finditer(r"[{};()]", code):
        mark, at = match.group(), match.start()
        if mark == "(":
            depth += 1
        elif mark == ")":
            depth -= 1
        elif mark == ";":
            # The semicolons of a for header end no statement.
            head_start = at + 1 if depth <= 0 else head_start
        elif mark == "{":
            open_blocks.append((code[head_start:at], head_start, at, depth))
            head_start, depth = at + 1, 0
        elif open_blocks:
            head, began, start, depth = open_blocks.pop()
            found.append((head.strip(), start, at))
            # A member's initializer, m_{1}, stands in the middle of a head, not after one.
            head_start = began if re.match(r"[\w>]", code[start - 1:start]) else at + 1
    return found


def lambda_captures(head):
    """The capture list of a lambda whose body follows this head, or None."""
    match = _LAMBDA.search(head)
    if not match:
        return None
    before = head[:match.start()].rstrip()
    # An index, operator[] or an attribute is no lambda.
    if before.endswith("[") or re.search(r"[\w\])]$", before) and not before.endswith("return"):
        return None
    return match.group(1).strip()


def is_function(head):
    """Whether the block after this head is a function's body (a lambda's is not)."""
    if not head or "(" not in head or _CONTROL.match(head) or _TYPE.match(head):
        return False
    if lambda_captures(head) is not None:
        return False
    # A definition ends in its parameters and what may follow them, an initializer does not.
    return re.search(r"\)\s*(?:(?:const|noexcept|override|final|mutable|&|&&|try)\s*|"
                     r"->\s*[\w:<>,&*\s]+|:\s*[\w:<>]+\s*[({].*|noexcept\s*\(.*\)\s*)*$",
                     head, re.DOTALL) is not None


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1
