"""bench/recipes: each removes every user once, with the tool that Debian has."""

import re
import subprocess
import xml.etree.ElementTree as xml

import pytest

from dev import Dev
from factord import FACTORCTL, PATIENCE_S, ROOT, plain_environment

RECIPES = ROOT / "bench/recipes"
USERS = 3000


@pytest.fixture
def dev(tmp_path):
    with Dev(tmp_path / "tmp", "--seed-users", USERS) as running:
        yield running


def run_in(folder, *command):
    """What it prints, where it ends well."""
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True,
                          env=plain_environment(FACTORCTL=str(FACTORCTL)), timeout=PATIENCE_S * 2,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def write_urls(folder, name, target, users=USERS, shard="1/1"):
    (folder / name).write_text(run_in(folder, FACTORCTL, "urls", "--target", target, "--users",
                                      users, "--shard", shard))


def removed(dev):
    return dev.own_api().last_sequence() - (3 * USERS + 1)


@pytest.mark.parametrize("processes", [1, 3])
def test_h2load(dev, tmp_path, processes):
    said = run_in(tmp_path, RECIPES / "h2load.sh", dev.said["url"], dev.said["token"], USERS,
                  processes)
    codes = re.findall(r"^status codes: (\d+) 2xx, 0 3xx, 0 4xx, 0 5xx$", said, re.MULTILINE)
    assert len(codes) == processes and sum(map(int, codes)) == USERS, said
    assert removed(dev) == USERS


def test_wrk(dev, tmp_path):
    for i in (1, 2):
        write_urls(tmp_path, f"urls.{i}", dev.said["url"], shard=f"{i}/2")
    said = run_in(tmp_path, "wrk", "-t2", "-c16", "-d4s", "-s", RECIPES / "wrk.lua",
                  dev.said["url"], "--", dev.said["token"], "urls")
    assert "Non-2xx" not in said and "Socket errors" not in said, said
    assert removed(dev) == USERS


def test_hey(dev, tmp_path):
    write_urls(tmp_path, "urls", dev.said["url"], users=40)
    said = run_in(tmp_path, RECIPES / "hey.sh", "urls", dev.said["token"], 4)
    assert said.split() == ["40", "[200]"]
    assert removed(dev) == 40


def test_the_same_list_twice_is_404(dev, tmp_path):
    """What the recipes are there to prevent."""
    write_urls(tmp_path, "urls", dev.said["url"])
    said = run_in(tmp_path, "h2load", "-n", 2 * USERS, "-c", 2, "-i", "urls", "-H",
                  ":method: DELETE", "-H", f"authorization: Bearer {dev.said['token']}")
    assert f"status codes: {USERS} 2xx, 0 3xx, {USERS} 4xx" in said, said


def test_the_plan_of_jmeter_is_xml():
    plan = xml.parse(RECIPES / "jmeter.jmx")
    shared = {one.get("name"): one.text for one in plan.iter() if one.tag.endswith("Prop")}
    assert shared["shareMode"] == "shareMode.all" and shared["recycle"] == "false"


@pytest.mark.parametrize("name", ["h2load", "hey"])
def test_the_shell_can_read_them(name):
    subprocess.run(["sh", "-n", RECIPES / f"{name}.sh"], check=True)
