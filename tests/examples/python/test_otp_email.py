"""Tests of a client of factord, on a server of their own."""

import http.client
import json
import os
import socket
import subprocess

import pytest

FACTORD = os.environ.get("FACTORD", "factord")


class OverUnixSocket(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Server:
    def __init__(self):
        self.process = subprocess.Popen([FACTORD, "dev", "--seed-users", "100"],
                                        stdout=subprocess.PIPE)
        said = json.loads(self.process.stdout.readline())
        self.address = said["url"].removeprefix("http://")
        self.admin, self.token = said["admin"], said["token"]
        self.first_user = said["users"]["first"]

    def reset(self):
        connection = OverUnixSocket(self.admin)
        connection.request("POST", "/admin/v1/reset")
        assert connection.getresponse().status == 200
        connection.close()

    def stop(self):
        self.process.terminate()
        assert self.process.wait() == 0


@pytest.fixture(scope="session")
def running():
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def server(running):
    running.reset()
    return running


def remove_factor(server, user):
    connection = http.client.HTTPConnection(server.address)
    connection.request("DELETE", f"/v2/users/{user}/otp_email",
                       headers={"Authorization": f"Bearer {server.token}"})
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_factor_is_removed_once(server):
    assert remove_factor(server, server.first_user) == 200
    assert remove_factor(server, server.first_user) == 404


def test_what_another_test_did_is_gone(server):
    assert remove_factor(server, server.first_user) == 200
