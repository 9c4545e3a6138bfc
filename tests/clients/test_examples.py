"""tests/examples: suites of others on `factord dev`, in the languages that Debian has."""

import os
import subprocess
import sys

from factord import FACTORD, PATIENCE_S, ROOT, plain_environment

EXAMPLES = ROOT / "tests/examples"


def run_example(tmp_path, *command, folder=EXAMPLES, **more):
    environment = plain_environment(FACTORD=str(FACTORD), TMPDIR=str(tmp_path), **more)
    done = subprocess.run(list(map(str, command)), cwd=folder, env=environment, check=False,
                          capture_output=True, text=True, timeout=PATIENCE_S * 3)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not [name for name in os.listdir(tmp_path) if name.startswith("factord-dev-")]
    return done.stdout


def test_python(tmp_path):
    said = run_example(tmp_path, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                       "python", PYTHONDONTWRITEBYTECODE="1")
    assert "2 passed" in said


def test_node(tmp_path):
    said = run_example(tmp_path, "node", "--test", "--test-reporter=tap",
                       "node/otp_email.test.mjs")
    assert "# pass 2" in said and "# fail 0" in said


def test_go(tmp_path):
    said = run_example(tmp_path, "go", "test", "-v", ".", folder=EXAMPLES / "go",
                       GOCACHE=str(tmp_path / "cache"), GOFLAGS="-mod=mod", GOPROXY="off",
                       GO111MODULE="on", GOPATH=str(tmp_path / "go"))
    assert said.count("--- PASS") == 2


def test_java(tmp_path):
    assert "2 tests passed" in run_example(tmp_path, "java", "java/OtpEmailTest.java")
