"""The Debian package: what is in it, and what lintian says of it."""

import re
import subprocess

import pytest

from factord import BIN_DIR, ROOT

PROGRAMS = ("factord", "factorctl", "factorload")
PROMISED = {
    *(f"/usr/bin/{name}" for name in PROGRAMS),
    *(f"/usr/share/man/man1/{name}.1.gz" for name in PROGRAMS),
    *(f"/usr/share/bash-completion/completions/{name}" for name in PROGRAMS),
    *(f"/usr/share/zsh/vendor-completions/_{name}" for name in PROGRAMS),
    "/usr/lib/systemd/system/factord.service", "/usr/lib/sysusers.d/factord.conf",
    "/usr/lib/tmpfiles.d/factord.conf", "/etc/factord/factord.toml",
    "/usr/share/factord/openapi.yaml", "/usr/share/factord/monitoring/alerts.yml",
    "/usr/share/factord/monitoring/dashboard.json",
    *(f"/usr/share/doc/factord/{name}" for name in
      ("copyright", "changelog.gz", "API.md", "CHANGELOG.md", "METRICS.md", "RELIABILITY.md",
       "SECURITY.md", "UPGRADING.md")),
}
PROTOS = "/usr/share/factord/proto/"


@pytest.fixture(scope="module")
def tree(package, tmp_path_factory):
    return package.unpacked(tmp_path_factory.mktemp("tree") / "t")


def test_lintian_finds_no_error(package):
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error", "--info",
                           package.path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_called_as_promised(package):
    declared = re.search(r"project\(factord VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())
    assert package.path.name == f"factord_{declared[1]}_{package.field('Architecture')}.deb"


def test_what_is_in_it(package):
    files = package.files()
    assert {name for name in files if not name.startswith(PROTOS)} == PROMISED
    for name, (mode, owner) in files.items():
        program = name.startswith("/usr/bin/")
        assert (mode, owner) == ("-rwxr-xr-x" if program else "-rw-r--r--", "root/root"), name


def test_the_programs_are_those_of_the_build_stripped(tree):
    for name in PROGRAMS:
        sections = subprocess.run(["readelf", "--wide", "--sections", tree / "usr/bin" / name],
                                  check=True, capture_output=True, text=True).stdout
        assert ".symtab" not in sections and ".debug_info" not in sections
        ids = [subprocess.run(["readelf", "--notes", path], check=True, capture_output=True,
                              text=True).stdout for path in (tree / "usr/bin" / name,
                                                             BIN_DIR / name)]
        found = [re.search(r"Build ID: (\w+)", one)[1] for one in ids]
        assert found[0] == found[1]


def test_debuggers_have_what_was_stripped_where_the_build_has_it(package):
    """What tools/run builds has no debug information, so nothing is apart there."""
    sections = subprocess.run(["readelf", "--wide", "--sections", BIN_DIR / "factord"], check=True,
                              capture_output=True, text=True).stdout
    apart = list(package.path.parent.glob("factord-dbgsym_*"))
    assert len(apart) == (".debug_info" in sections)


def test_settings_are_the_administrators(package, tree):
    assert (tree / "DEBIAN/conffiles").read_text().split() == ["/etc/factord/factord.toml"]
    assert [name for name in package.files() if name.startswith("/etc/")] == [
        "/etc/factord/factord.toml"]


def test_the_messages_compile_where_they_are(package, tree, tmp_path):
    protos = sorted(name.removeprefix(PROTOS) for name in package.files()
                    if name.startswith(PROTOS))
    folder = ROOT / "server/protocol/proto"
    there = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.proto"))
    assert protos == [name for name in there if not name.startswith("factord/admin/")]
    subprocess.run(["protoc", "-I", f"{tree}{PROTOS}", "--descriptor_set_out", tmp_path / "all",
                    *protos], check=True)


def test_the_unit_is_the_one_of_those_who_install_by_hand(tree):
    """But for its first comment, its program and where that has its settings."""
    def of(path):
        lines = path.read_text().splitlines()
        return lines[lines.index(""):]
    installed = of(tree / "usr/lib/systemd/system/factord.service")
    by_hand = of(ROOT / "tools/factord.service")
    assert len(installed) == len(by_hand)
    assert [pair for pair in zip(installed, by_hand) if pair[0] != pair[1]] == [(
        "ExecStart=/usr/bin/factord --config /etc/factord/factord.toml",
        "ExecStart=/usr/local/bin/factord --data-dir /var/lib/factord --listen 127.0.0.1:8080")]


def test_installed_below_another_prefix_everything_is_there(tmp_path):
    """As `cmake --install --prefix` does, without a package."""
    subprocess.run(["cmake", "--install", BIN_DIR.parent, "--prefix", tmp_path / "p"], check=True,
                   capture_output=True)
    found = {str(path.relative_to(tmp_path / "p")) for path in (tmp_path / "p").rglob("*")
             if path.is_file()}
    expected = {name.removeprefix("/usr/").removeprefix("/").replace(
        "zsh/vendor-completions", "zsh/site-functions") for name in PROMISED}
    assert {name for name in found if "share/factord/proto" not in name} == expected
    unit = (tmp_path / "p/lib/systemd/system/factord.service").read_text()
    assert f"\nExecStart={tmp_path}/p/bin/factord --config {tmp_path}/p/etc/factord/factord.toml" \
        in unit


def test_what_it_may_need_at_work_comes_with_it(package, tree):
    """What the unit reloads by, and whom to trust of the providers of JWTs."""
    unit = (tree / "usr/lib/systemd/system/factord.service").read_text()
    assert "\nExecReload=/bin/kill " in unit
    assert set(package.field("Recommends").split(", ")) == {"procps", "ca-certificates"}


def test_what_tmpfiles_makes_is_what_the_unit_makes(tree):
    kind, path, mode, user, group, age = (
        (tree / "usr/lib/tmpfiles.d/factord.conf").read_text().splitlines()[-1].split())
    unit = (tree / "usr/lib/systemd/system/factord.service").read_text()
    assert (kind, age) == ("d", "-")
    assert f"\nStateDirectory={path.removeprefix('/var/lib/')}\n" in unit
    assert f"\nStateDirectoryMode={mode}\n" in unit
    assert f"\nUser={user}\n" in unit and f"\nGroup={group}\n" in unit
