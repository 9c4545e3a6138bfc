"""The operations of the API as calls, over one keep-alive connection."""

import http.client
import itertools
import json
import os
import urllib.parse

from wire import Answer

PATIENCE_S = 60

# Every test makes users of its own: ids are unique in the run of a worker.
_numbers = itertools.count(1)


def fresh(prefix="u"):
    return f"{prefix}-{os.getpid()}-{next(_numbers)}"


def quoted(text):
    return urllib.parse.quote(text, safe="")


class Api:
    def __init__(self, server, token):
        self.server = server
        self.token = token
        self.client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)

    def call(self, method, path, body=None, headers=None):
        """Any request; a body that is no bytes or str is sent as JSON."""
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        fields = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        self.client.request(method, path, body, {**fields, **(headers or {})})
        answer = self.client.getresponse()
        return Answer(answer.status, answer.reason, answer.getheaders(), answer.read())

    def get(self, path, **options):
        return self.call("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.call("POST", path, body, **options)

    def delete(self, path, **options):
        return self.call("DELETE", path, **options)

    # Section 1 and 2 of the contract.
    def remove_otp_email(self, user):
        return self.delete(f"/v2/users/{quoted(user)}/otp_email")

    def add_otp_email(self, user):
        return self.post(f"/v2/users/{quoted(user)}/otp_email", {})

    def methods(self, user):
        return self.get(f"/v2/users/{quoted(user)}/authentication_methods")

    def factors(self, user, body=None):
        return self.post(f"/v2/users/{quoted(user)}/authentication_factors/_search", body)

    def get_user(self, user):
        return self.get(f"/v2/users/{quoted(user)}")

    def delete_user(self, user):
        return self.delete(f"/v2/users/{quoted(user)}")

    def lock(self, user):
        return self.post(f"/v2/users/{quoted(user)}/lock", {})

    def unlock(self, user):
        return self.post(f"/v2/users/{quoted(user)}/unlock", {})

    def deactivate(self, user):
        return self.post(f"/v2/users/{quoted(user)}/deactivate", {})

    def reactivate(self, user):
        return self.post(f"/v2/users/{quoted(user)}/reactivate", {})

    def verify_email(self, user, code):
        return self.post(f"/v2/users/{quoted(user)}/email/verify", {"verificationCode": code})

    def add_human_user(self, body, headers=None):
        return self.post("/v2/users/human", body, headers=headers)

    def events(self, after=0, limit=1000, user=None, **filters):
        query = {"after": after, "limit": limit, **({"user": user} if user else {}), **filters}
        answer = self.get("/v2/events?" + urllib.parse.urlencode(query, doseq=True))
        assert answer.status == 200, answer
        return answer.json

    # What most tests start from.
    def last_sequence(self):
        return int(self.events(limit=1)["lastSequence"])

    def events_of(self, user):
        return self.events(user=user).get("events", [])

    def event_types(self, user):
        return [event["type"] for event in self.events_of(user)]

    def make_user(self, user=None, org="acme", verified=True, **fields):
        """A new user's id; verified and without a factor unless told."""
        user = user or fresh()
        email = {"email": f"{fresh('mail')}@example.com"}
        if verified:
            email["isVerified"] = True
        answer = self.add_human_user({
            "userId": user, "organization": {"orgId": org}, "email": email,
            "profile": {"givenName": "Ada", "familyName": "Byron"}, **fields})
        assert answer.status == 201, answer
        return user

    def make_user_with_factor(self, user=None, org="acme"):
        user = self.make_user(user, org)
        answer = self.add_otp_email(user)
        assert answer.status == 200, answer
        return user


def envelope(code, message, error_id=None):
    """The bytes of an error's body."""
    if error_id is None:
        return json.dumps({"code": code, "message": message}, separators=(",", ":")).encode()
    detail = {"@type": "type.googleapis.com/zitadel.v1.ErrorDetail", "id": error_id,
              "message": message}
    return json.dumps({"code": code, "message": f"{message} ({error_id})", "details": [detail]},
                      separators=(",", ":")).encode()


def check_error(answer, status, code, message, error_id=None):
    assert (answer.status, answer.body) == (status, envelope(code, message, error_id))


NO_FACTOR = (404, 5, "Multifactor OTP (OneTimePassword) doesn't exist", "COMMAND-b312D")
FACTOR_SET = (409, 6, "Multifactor OTP (OneTimePassword) is already set up", "COMMAND-MKL2s")
NOT_READY = (400, 9, "Multifactor OTP (OneTimePassword) isn't ready", "COMMAND-KLJ2d")
FORBIDDEN = (403, 7, "No matching permissions found", "AUTH-AWfge")
FORBIDDEN_ADD = (403, 7, "No matching permissions found", "AUTH-5mWD2")
INVALID_TOKEN = (401, 16, "Errors.Token.Invalid", "AUTH-7fs1e")
NO_USER = (404, 5, "User could not be found", "QUERY-Dfbg2")
NOT_FOUND = (404, 5, "Not Found")
NOT_ALLOWED = (405, 12, "Method Not Allowed")


def length_error(request_name, field="UserId"):
    return (400, 3, f"invalid {request_name}.{field}: value length must be between 1 and 200 "
                    "runes, inclusive")
