"""Manual pages and completions (tools/packaging/describe.py): all that --help names is in them, and
shells take it."""

import functools
import gzip
import re
import subprocess
import sys

import pytest

from factord import BIN_DIR, PATIENCE_S, ROOT, run

PROGRAMS = ("factord", "factorctl", "factorload")
COMMAND = re.compile(r"(?m)^  ([a-z]+) {2,}\S")


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    out = tmp_path_factory.mktemp("described")
    done = run(sys.executable, ROOT / "tools/packaging/describe.py", "--version", "1.2.3", "--out",
               out, *(BIN_DIR / name for name in PROGRAMS))
    assert done.returncode == 0, done.stderr
    return out


def _commands_of(words):
    said = run(BIN_DIR / words[0], *words[1:], "--help").stdout
    yield words, said
    _, _, listed = said.partition("\nSubcommands:\n")
    for name in COMMAND.findall(listed.partition("\n\n")[0]):
        yield from _commands_of([*words, name])


@functools.cache
def commands_of(name):
    """[(words, help)] of a program and of every command below it."""
    return list(_commands_of([name]))


@pytest.fixture(scope="module", params=PROGRAMS)
def told(request):
    """[(words, flags)]: looked for in another way than describe.py does."""
    found = []
    for words, said in commands_of(request.param):
        heads = re.findall(r"(?m)^  (-\S+)", said)
        found.append((words, [flag for head in heads for flag in head.split(",")]))
    return found


def test_enough_is_told(told):
    """As many as there were when this was written; and none is without its help."""
    least = {"factord": 45, "factorctl": 60, "factorload": 15}
    assert sum(len(flags) for _, flags in told) >= least[told[0][0][0]]
    assert all("--help" in flags for _, flags in told)


def page_of(described, name):
    return gzip.decompress((described / f"man/{name}.1.gz").read_bytes()).decode()


@functools.cache
def shown(page):
    """As a reader has it before them."""
    done = subprocess.run(["man", "--warnings", "--local-file", "-"], input=page, text=True,
                          capture_output=True, timeout=PATIENCE_S, check=True,
                          env={"MANWIDTH": "500", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
    assert done.stderr == ""
    return done.stdout


def section_of(text, words):
    """What a page has of a command; of the program itself what stands before all commands."""
    before, _, after = text.partition("\nCOMMANDS\n")
    if len(words) == 1:
        return before
    start = after.index(f"   {' '.join(words)}\n") + 1
    ends = re.compile(r"(?m)^(?:   )?\S").search(after, start + 4)
    return after[start:ends.start() if ends else None]


def test_the_page_has_every_flag(described, told):
    text = shown(page_of(described, told[0][0][0]))
    for words, flags in told:
        if words[1:] and any(other[:-1] == words for other, _ in told):
            continue  # it has commands, and nothing of its own
        section = section_of(text, words)
        for flag in flags:
            if len(words) > 1 and flag in ("-h", "--help"):
                continue
            assert re.search(rf"(?m)^ +(?:-\w, )?{flag}\b", section), (words, flag)


def test_the_page_says_what_help_says(described, told):
    """Word for word, wherever lines break."""
    name = told[0][0][0]
    text = "".join(shown(page_of(described, name)).split())
    for words, said in commands_of(name):
        for line in re.findall(r"(?m)^(?:  -.{28}| {30})(\S.*)", said):
            line = re.sub(r"\(Env:(\w+)\)", r"(environment: \1)", line)
            if "--help" not in line and not line.startswith("Print this help"):
                assert "".join(line.split()) in text, (words, line)


def test_the_page_names_its_version(described):
    assert "factord 1.2.3" in shown(page_of(described, "factord"))


def test_pages_are_the_same_bytes_each_time(described, tmp_path):
    run(sys.executable, ROOT / "tools/packaging/describe.py", "--version", "1.2.3", "--out",
        tmp_path, *(BIN_DIR / name for name in PROGRAMS))
    for name in PROGRAMS:
        assert (tmp_path / f"man/{name}.1.gz").read_bytes() == (
            described / f"man/{name}.1.gz").read_bytes()


def bash_offers(described, *words):
    """What bash completes the last word to."""
    script = """. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); "_$1"
        printf '%s\\n' "${COMPREPLY[@]}" """
    done = run("/bin/bash", "-c", script, "bash", described / "bash" / words[0], *words)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout.split()


def test_bash_offers_every_flag(described, told):
    for words, flags in told:
        offered = bash_offers(described, *words, "-")
        assert set(flags) <= set(offered), words
        below = [other[-1] for other, _ in told if other[:-1] == words]
        assert set(below) <= set(bash_offers(described, *words, ""))
    name = told[0][0][0]
    assert f"complete -F _{name} {name}\n" in (described / f"bash/{name}").read_text()


def test_a_word_that_may_come_first(described):
    assert "dev" in bash_offers(described, "factord", "")
    assert bash_offers(described, "factord", "d") == ["dev"]
    assert "'1::mode:(dev)'" in (described / "zsh/_factord").read_text()
    assert ".B factord\n[dev] [OPTIONS]" in page_of(described, "factord")


def test_bash_completes_values(described, tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    both = [f"{tmp_path}/file", f"{tmp_path}/folder"]
    assert sorted(bash_offers(described, "factord", "--config", f"{tmp_path}/")) == both
    assert bash_offers(described, "factord", "--data-dir", f"{tmp_path}/") == both[1:]
    assert bash_offers(described, "factord", "--data-dir", "=", f"{tmp_path}/fo") == both[1:]
    assert bash_offers(described, "factord", "--threads", "") == []
    assert bash_offers(described, "factorload", "--mode", "") == ["remove", "cycle"]
    assert sorted(bash_offers(described, "factorctl", "remove", "--from", f"{tmp_path}/")) == both
    assert bash_offers(described, "factorctl", "copy", "--from", f"{tmp_path}/") == both[1:]
    # The value of an option is no command.
    assert "create" in bash_offers(described, "factorctl", "--data-dir", "events", "token", "")


def zsh_offers(described, words):
    """The flags that zsh is told of: what _arguments is called with."""
    path = described / f"zsh/_{words[0]}"
    last = "_" + "_".join(words)
    script = f"""_arguments() {{ print -rl -- "$@" }}; _describe() {{ }}
        source {path} >/dev/null; {last}"""
    done = run("/usr/bin/zsh", "-f", "-c", script)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return re.findall(r"(?m)^(?:\*|\([^)]*\))(-[\w-]+)", done.stdout)


def test_zsh_offers_every_flag(described, told):
    for words, flags in told:
        assert set(flags) <= set(zsh_offers(described, words)), words


def test_zsh_leads_from_command_to_command(described, told):
    text = (described / f"zsh/_{told[0][0][0]}").read_text()
    for words, _ in told[1:]:
        assert f"        {words[-1]}) _{'_'.join(words)} ;;" in text
        assert f"'{words[-1]}:" in text
