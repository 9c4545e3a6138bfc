"""factorctl urls: a URL for each user, in parts that have none in common."""

import subprocess

import pytest

from dev import Dev
from factord import FACTORCTL, plain_environment, run


def urls(*arguments):
    done = run(FACTORCTL, "urls", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_each_is_the_removal_of_one_user(tmp_path):
    with Dev(tmp_path / "tmp", "--seed-users", 20) as dev:
        api, base = dev.own_api(), dev.said["url"]
        shards = [urls("--target", base, "--users", 20, "--shard", f"{i}/3") for i in (1, 2, 3)]
        assert sorted(len(shard) for shard in shards) == [6, 7, 7]
        for url in sum(shards, []):
            assert url.startswith(base + "/v2/users/")
            assert api.delete(url.removeprefix(base)).status == 200


def test_ascending():
    assert urls("--users", 2, "--first-id", "0099", "--order", "ascending") == [
        "http://127.0.0.1:8080/v2/users/0099/otp_email",
        "http://127.0.0.1:8080/v2/users/0100/otp_email"]


def test_scattered_by_default():
    up = urls("--users", 1000, "--order", "ascending")
    scattered = urls("--users", 1000)
    assert scattered != up and sorted(scattered) == sorted(up)
    assert scattered == urls("--users", 1000, "--order", "scattered")


def test_many_in_a_pipe_that_is_closed():
    command = [str(FACTORCTL), "urls", "--users", "100000000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=plain_environment()) as process:
        assert process.stdout.readline().startswith(b"http://")
        process.stdout.close()
        process.wait(60)


@pytest.mark.parametrize("arguments", [
    ["--users", "0"], ["--users", "x"], [], ["--users", "1", "--shard", "0/1"],
    ["--users", "1", "--shard", "2/1"], ["--users", "1", "--shard", "1"],
    ["--users", "1", "--order", "random"], ["--users", "1", "--target", "localhost:8080"],
    ["--users", "1", "--target", "http://h/"], ["--users", "1", "--target", "ftp://h"],
    ["--users", "1", "--target", "http://[::1"], ["--users", "1", "--target", "http://"],
    ["--users", "1", "--first-id", "x"]])
def test_bad_usage(arguments):
    done = run(FACTORCTL, "urls", *arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert "password" not in done.stderr, "it says what is wrong"
