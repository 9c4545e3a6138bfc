"""Bare Debian systems in directories, and programs in them: in a chroot with a /proc of its own and
on a loopback of their own, so that port 8080 is theirs."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

SUITE = "bookworm"
PATIENCE_S = 600
_ROW = "$(ORIGIN)|$(CODENAME)|$(RELEASE)|$(COMPONENT)|$(REPO_URI)|$(CREATED_BY)"


def _output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _debian_sources():
    """(address, release) of what this machine's apt has of this Debian, main, the base first."""
    rows = {tuple(line.split("|")) for line in
            _output("apt-get", "indextargets", "--format", _ROW).splitlines()}
    found = sorted((len(codename), address, release)
                   for origin, codename, release, component, address, maker in rows
                   if origin == "Debian" and re.fullmatch(rf"{SUITE}(-\w+)?", codename)
                   and (component, maker) == ("main", "Packages"))
    return [(address, release) for _, address, release in found]


def debian_sources():
    found = _debian_sources()
    if not found:  # its lists may not be there yet
        subprocess.run(["apt-get", "update", "-q"], check=True, stdout=sys.stderr)
        found = _debian_sources()
    assert found, f"apt of this machine has no mirror of Debian's {SUITE}"
    return found


@contextlib.contextmanager
def bare_debian():
    """What debootstrap makes of this machine's mirror, with that in its sources."""
    assert os.getuid() == 0, "a system in a directory takes root"
    sources = debian_sources()
    with Debian.empty() as made:
        done = subprocess.run(["debootstrap", "--variant=minbase", SUITE, made.root,
                               sources[0][0]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=PATIENCE_S, check=False)
        assert done.returncode == 0, done.stdout[-3000:]
        lines = [f"deb {address} {release} main\n" for address, release in sources]
        (made.root / "etc/apt/sources.list").write_text("".join(lines))
        # How the mirror is reached, and what is asked of its dates, is as it is out here.
        settings = [line for line in _output("apt-config", "dump").splitlines()
                    if line.startswith("Acquire::")]
        (made.root / "etc/apt/apt.conf.d/99outside").write_text("\n".join(settings) + "\n")
        # It need not outlive a power cut.
        (made.root / "etc/dpkg/dpkg.cfg.d/unsafe").write_text("force-unsafe-io\n")
        for name in ("resolv.conf", "hosts"):
            shutil.copy(f"/etc/{name}", made.root / "etc")
        made.run_online("apt-get", "update", "-q")
        yield made


class Debian:
    """A system in a directory. Leaving the `with` block ends what runs in it and removes it."""

    def __init__(self, folder):
        self.folder = folder
        self.root = folder / "root"
        self.root.mkdir()
        self.layers = [self.root]  # what a system that is like it lies over, uppermost first
        self.running = []

    @classmethod
    @contextlib.contextmanager
    def empty(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="factord-debian-"))
        folder.chmod(0o755)
        made = cls(folder)
        # Keeps the loopback.
        made.keeper = subprocess.Popen(
            ["unshare", "--net", sys.executable, pathlib.Path(__file__).with_name("loopback.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert made.keeper.stdout.readline() == "up\n"
            yield made
        finally:
            made.end_all()
            made.keeper.stdin.close()
            made.keeper.wait()
            if os.path.ismount(made.root):
                subprocess.run(["umount", "--lazy", made.root], check=True)
            subprocess.run(["rm", "-rf", "--one-file-system", folder], check=True)

    @classmethod
    @contextlib.contextmanager
    def like(cls, other):
        """Which nobody changes meanwhile."""
        with cls.empty() as made:
            made._lie_over(other)
            yield made

    def _lie_over(self, other):
        """As a copy, which is made of a file when it changes, or of all where that cannot be."""
        upper, work = self.folder / "upper", self.folder / "work"
        upper.mkdir()
        work.mkdir()
        below = ":".join(map(str, other.layers))
        if subprocess.run(["mount", "-t", "overlay", "overlay", "-o",
                           f"lowerdir={below},upperdir={upper},workdir={work}", self.root],
                          capture_output=True, check=False).returncode == 0:
            self.layers = [upper, *other.layers]
        else:
            subprocess.run(["cp", "--archive", f"{other.root}/.", self.root], check=True)

    def command(self, *command, user=None, online=False, cwd="/"):
        """One that can be run out here and becomes that program in there, as one process."""
        near = [] if online else ["nsenter", f"--net=/proc/{self.keeper.pid}/ns/net"]
        who = [f"--userspec={user if ':' in user else f'{user}:{user}'}"] if user else []
        inside = ["sh", "-c", 'cd "$0" && exec "$@"', cwd]
        return [*near, "unshare", "--mount", "--propagation", "private", "sh", "-c",
                'mount -t proc proc "$0/proc" && exec chroot "$@"', str(self.root),
                *who, str(self.root), *inside, *map(str, command)]

    @staticmethod
    def environment(more=None):
        plain = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                 "LC_ALL": "C.UTF-8", "HOME": "/", "DEBIAN_FRONTEND": "noninteractive"}
        return {**plain, **(more or {})}

    def tried(self, *command, env=None, timeout=PATIENCE_S, **where):
        return subprocess.run(self.command(*command, **where), env=self.environment(env),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=timeout, check=False)

    def run(self, *command, **options):
        """The output of a command that succeeds."""
        done = self.tried(*command, **options)
        assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout

    def run_online(self, *command, **options):
        """With this machine's network."""
        return self.run(*command, online=True, **options)

    def start(self, *command, env=None, **where):
        process = subprocess.Popen(self.command(*command, **where), env=self.environment(env),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        self.running.append(process)
        return process

    def end_all(self):
        """Also of what others have started in there."""
        for path in pathlib.Path("/proc").glob("[0-9]*/root"):
            with contextlib.suppress(OSError):
                if os.readlink(path) == str(self.root):
                    os.kill(int(path.parent.name), signal.SIGKILL)
        for process in self.running:
            process.wait()

    def near(self, *command):
        """A program of this machine, on the loopback of that one."""
        return subprocess.run(["nsenter", f"--net=/proc/{self.keeper.pid}/ns/net", *command],
                              capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    def path(self, inside):
        """Where it is out here; the last part is not followed."""
        return self.root / inside.lstrip("/")

    def copied(self, package):
        """Where in there a Package is now."""
        shutil.copy(package.path, self.path("/srv"))
        return f"/srv/{package.path.name}"

    def _names(self, packages):
        """As apt knows them."""
        return [one if isinstance(one, str) else self.copied(one) for one in packages]

    def _apt_install(self, *arguments, **options):
        return self.run("apt-get", "install", "-q", "-y", "--no-install-recommends",
                        "--allow-downgrades", *arguments, **options)

    def stock(self, *packages):
        """Fetches what apt needs for these."""
        self._apt_install("--download-only", *self._names(packages), online=True)

    def install(self, *packages):
        """With apt, of what is in stock; each is a name or a Package."""
        return self._apt_install(*self._names(packages))
