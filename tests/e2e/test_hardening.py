"""What the compiler and the linker were told to do against attacks on memory, read from the
programs themselves. Not collected where these are built for a sanitizer (conftest.py)."""

import re
import subprocess

import pytest

from factord import BIN_DIR

PROGRAMS = ["factord", "factorctl", "factorload"]


def read(tool, *arguments):
    done = subprocess.run([tool, *map(str, arguments)], check=True, capture_output=True, text=True)
    return done.stdout


def dynamic(program):
    return read("readelf", "--wide", "--dynamic", BIN_DIR / program)


def segments(program):
    """[(type, flags)] of the program header."""
    lines = read("readelf", "--wide", "--program-headers", BIN_DIR / program)
    return re.findall(r"^  ([A-Z_]+) +(?:0x\w+ +){5}([R W E]{3}) 0x", lines, re.MULTILINE)


def imports(program):
    symbols = read("readelf", "--wide", "--dyn-syms", BIN_DIR / program)
    return set(re.findall(r" UND (\w+)", symbols))


def code_of(program, symbol):
    """The instructions of one function."""
    return re.findall(r"^ +[0-9a-f]+:\t(?:[0-9a-f]{2} )+ *\t(\w+)",
                      read("objdump", "-d", f"--disassemble={symbol}", BIN_DIR / program),
                      re.MULTILINE)


@pytest.mark.parametrize("program", PROGRAMS)
def test_it_is_loaded_anywhere(program):
    assert "Flags: NOW PIE" in dynamic(program)


@pytest.mark.parametrize("program", PROGRAMS)
def test_its_tables_are_read_only_once_it_runs(program):
    assert "BIND_NOW" in dynamic(program)
    assert "GNU_RELRO" in dict(segments(program))


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_memory_is_written_and_executed(program):
    found = segments(program)
    assert ("GNU_STACK", "RW ") in found
    assert len(found) > 5 and not [one for one in found if "W" in one[1] and "E" in one[1]]


@pytest.mark.parametrize("program", PROGRAMS)
def test_stacks_are_guarded(program):
    assert "__stack_chk_fail" in imports(program)


@pytest.mark.parametrize("program", PROGRAMS)
def test_copies_are_checked(program):
    assert [name for name in imports(program) if name.endswith("_chk")], "built without fortify"


def marks(file):
    """Of control-flow protection."""
    found = re.search(r"x86 feature: ([A-Z, ]+)", read("readelf", "--notes", file))
    return set(found[1].split(", ")) if found else set()


@pytest.mark.parametrize("program", PROGRAMS)
def test_returns_may_be_checked_by_a_shadow_stack(program):
    assert "SHSTK" in marks(BIN_DIR / program)


@pytest.mark.parametrize("program", PROGRAMS)
def test_indirect_branches_land_where_they_may(program):
    """Our functions are built for it. That the whole program is cannot be said while the start
    files of the C library are not (Debian 12's have neither the mark nor the instruction)."""
    assert code_of(program, "main")[0] == "endbr64"
    start_files = [read("gcc", f"-print-file-name={name}").strip()
                   for name in ("Scrt1.o", "crti.o")]
    assert "IBT" in marks(BIN_DIR / program) or not all("IBT" in marks(one) for one in start_files)
