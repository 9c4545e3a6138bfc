"""How a call of the API ended, told in the same words whatever carried it."""

import base64
import dataclasses

CONNECT_CODES = {
    "canceled": 1, "unknown": 2, "invalid_argument": 3, "deadline_exceeded": 4, "not_found": 5,
    "already_exists": 6, "permission_denied": 7, "resource_exhausted": 8,
    "failed_precondition": 9, "aborted": 10, "out_of_range": 11, "unimplemented": 12,
    "internal": 13, "unavailable": 14, "data_loss": 15, "unauthenticated": 16}

# What HTTP says of a code, in JSON by paths as in Connect.
HTTP_STATUS = {1: 499, 2: 500, 3: 400, 4: 504, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400, 10: 409,
               11: 400, 12: 501, 13: 500, 14: 503, 15: 500, 16: 401}

# What JSON by paths says of an error by its id, where that is not what its code says.
PATH_STATUS = {"FACTORD-Match": 412}
# And by its text, where it has no id.
TEXT_STATUS = {
    "idempotency key was used for another request": 422,
    "the Content-Type must be application/x-ndjson: a user a line": 415,
    "unknown Content-Encoding: lines are sent as they are": 415}


@dataclasses.dataclass(frozen=True)
class Outcome:
    code: int = 0
    text: str = ""
    error_id: str = None     # of the typed error detail, where there is one
    detail_text: str = None  # of the same
    message: dict = None     # the answer, in protobuf's JSON mapping


def refused(code, text, error_id=None):
    """The outcome of an error of the contract."""
    if error_id is None:
        return Outcome(code, text)
    return Outcome(code, f"{text} ({error_id})", error_id, text)


def from_base64(text):
    """With or without the padding."""
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
