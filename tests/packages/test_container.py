"""tools/packaging/Containerfile: its steps, one by one, and the container that they make. That
compiles the product: FACTORD_PACKAGES=long collects it."""

import contextlib
import re

import pytest

from containerfile import Build, parse
from factord import ROOT
from service import DATA, Service, add_with_factor, has_factor, remove, token

FILE = ROOT / "tools/packaging/Containerfile"


@pytest.fixture(scope="module")
def build(bare):
    with contextlib.ExitStack() as stack:
        yield Build(parse(FILE.read_text()), ROOT, bare, stack)


def test_every_step_is_taken(build):
    names = re.findall(r"(?m)^([A-Z]+) ", FILE.read_text())
    assert [step.name for step in build.taken] == names and names.count("RUN") >= 4


def test_it_lives_as_it_says(build):
    stage = build.stage
    user, group = stage.notes["USER"].split(":")
    assert user == group == stage.debian.run("id", "--user", "factord").strip()
    assert user.isdigit() and int(user) > 0
    assert stage.notes["VOLUME"] == DATA
    health = stage.words("HEALTHCHECK")
    service = Service(stage.debian, stage.words("ENTRYPOINT") + stage.words("CMD"), user=user,
                      env=stage.environment)

    def ask_health():
        return stage.debian.tried(*health, user=user, env=stage.environment).returncode

    assert ask_health() == 1
    with service:
        assert ask_health() == 0
        secret = token(stage.debian)
        add_with_factor(stage.debian, secret, "1000")
        assert has_factor(stage.debian, secret, 1000)
        assert remove(stage.debian, secret, 1000) == 200
        assert service.address == f"0.0.0.0:{stage.notes['EXPOSE']}"
    assert ask_health() == 1
