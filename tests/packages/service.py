"""The service of a system without a service manager: the unit's command, run as its user."""

import json
import shlex

UNIT = "/usr/lib/systemd/system/factord.service"
WANTED = "/etc/systemd/system/multi-user.target.wants/factord.service"
SETTINGS = "/etc/factord/factord.toml"
DATA = "/var/lib/factord"
URL = "http://127.0.0.1:8080"
PATIENCE_S = 60


class Service:
    def __init__(self, debian, command=None, user=None, env=None):
        self.debian = debian
        self.user = user or self.of_unit("User")
        self.command = command or shlex.split(self.of_unit("ExecStart"))
        self.env = env

    def of_unit(self, name):
        lines = self.debian.path(UNIT).read_text(encoding="utf-8").splitlines()
        (value,) = [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]
        return value

    def start(self):
        self.process = self.debian.start(*self.command, user=self.user, env=self.env)
        said = []
        for line in self.process.stdout:
            said.append(line)
            if line.startswith("listening on "):
                self.address = line.split()[-1]
                return self
        raise AssertionError(f"factord did not start: {''.join(said)}")

    def stop(self):
        self.process.terminate()
        said, _ = self.process.communicate(timeout=PATIENCE_S)
        assert self.process.returncode == 0, said

    def __enter__(self):
        return self.start()

    def __exit__(self, failure, *_):
        if failure is None:
            self.stop()

    def alive(self):
        return self.process.poll() is None


def ctl(debian, *arguments, user="factord"):
    return debian.run("factorctl", "--data-dir", DATA, *arguments, user=user)


def seed(debian, users=10):
    ctl(debian, "seed", "--users", users, "--org", "acme", "--first-id", 1000)


def token(debian):
    return ctl(debian, "token", "create", "--user", "operator", "--role", "IAM_OWNER").strip()


def ask(debian, secret, method, path, body=None):
    """(status, what it said) of a request on the system's loopback."""
    content = [] if body is None else ["--data", json.dumps(body)]
    done = debian.near("curl", "-sS", "-X", method, "-H", f"Authorization: Bearer {secret}",
                       "-w", "\n%{http_code}", *content, URL + path)
    assert done.returncode == 0, done.stderr
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body)


def add_with_factor(debian, secret, user):
    person = {"userId": user, "username": user, "organization": {"orgId": "acme"},
              "profile": {"givenName": "A", "familyName": "B"},
              "email": {"email": f"{user}@example.org", "isVerified": True}}
    assert ask(debian, secret, "POST", "/v2/users/human", person)[0] == 201
    assert ask(debian, secret, "POST", f"/v2/users/{user}/otp_email")[0] == 200


def remove(debian, secret, user):
    return ask(debian, secret, "DELETE", f"/v2/users/{user}/otp_email")[0]


def has_factor(debian, secret, user):
    status, answer = ask(debian, secret, "GET", f"/v2/users/{user}/authentication_methods")
    assert status == 200, answer
    return answer.get("authMethodTypes", []) == ["AUTHENTICATION_METHOD_TYPE_OTP_EMAIL"]
