"""Fixtures of the suite of packages: the package of the build in FACTORD_BIN_DIR, and bare Debians.

What they need is root, mount namespaces and the Debian mirror that this machine's apt is configured
with. Where one of these is not there the tests fail: whoever cannot have them leaves the suite out.
"""

import os
import pathlib
import subprocess
import sys

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

from debian import Debian, bare_debian  # noqa: E402
from factord import BIN_DIR  # noqa: E402
from package import Package  # noqa: E402

# What in a container does what of systemd the package needs.
SMALL = ("systemd-standalone-sysusers", "systemd-standalone-tmpfiles")
LONG = os.environ.get("FACTORD_PACKAGES") == "long"
# It compiles the product, in a bare system, without a cache.
collect_ignore = [] if LONG else ["test_container.py"]


@pytest.fixture(scope="session")
def package(tmp_path_factory):
    """As cpack makes it of what was built, packed faster: debug information takes xz a minute."""
    folder = tmp_path_factory.mktemp("package")
    subprocess.run(["cmake", "--build", BIN_DIR.parent, "--target", "package_files"], check=True,
                   stdout=sys.stderr)
    subprocess.run(["cpack", "--config", BIN_DIR.parent / "CPackConfig.cmake", "-B", folder,
                    "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=gzip"], check=True, stdout=sys.stderr)
    (made,) = folder.glob("factord_*.deb")
    return Package(made)


@pytest.fixture(scope="session")
def before(package, tmp_path_factory):
    """The same with a lower version, as the one that is upgraded from."""
    return package.with_version("0.0.1", tmp_path_factory.mktemp("before"))


@pytest.fixture(scope="session")
def bare():
    """What debootstrap makes, with apt's lists."""
    with bare_debian() as made:
        yield made


@pytest.fixture(scope="session")
def stocked(bare, package):
    """The same, with all that the package depends on in apt's cache."""
    with Debian.like(bare) as made:
        made.stock(package)
        made.stock(package, *SMALL)
        made.stock(package, "systemd", "procps")
        yield made
