"""The contract of what answers in a stream, as a table like that of contract.py: what is sent, the
list of answers, and the end."""

import dataclasses

from contract import (CODE, FORBIDDEN, FORBIDDEN_ADD, MISMATCH, NO_FACTOR, PRECONDITIONS, SEQUENCE,
                      TIME, UNAUTHENTICATED, bad_name, new_user, required, unkept)
from outcome import Outcome, refused
from streaming import (BY_PATH, CONNECT_JSON, CONNECT_PROTO, GRPC, NDJSON, PAGE, PROTOCOLS, SSE,
                       WEB, WEB_TEXT)

ENDED = Outcome()
GOES_ON = None
RPCS = (GRPC, WEB, WEB_TEXT, CONNECT_JSON, CONNECT_PROTO)
FORMS = {"BulkRemoveOTPEmail": (NDJSON, *(form for form in RPCS if form != WEB_TEXT)),
         "BulkAddHumanUser": (NDJSON, *(form for form in RPCS if form != WEB_TEXT)),
         "Watch": (*BY_PATH, *RPCS)}
STREAMED = tuple(form for form in FORMS["Watch"] if form != PAGE)
BULK, ADD, WATCH = "BulkRemoveOTPEmail", "BulkAddHumanUser", "Watch"


@dataclasses.dataclass(frozen=True)
class StreamCase:
    name: str
    method: str
    sent: tuple              # messages, or bytes in place of one
    answers: tuple = ()
    end: Outcome = ENDED
    given: tuple = ("make", "add_otp_email")  # what happened to {user} before, calls of Api
    then: tuple = ()         # and happens once there is an answer
    caller: str = "owner"
    events: int = 0          # that it appends
    fields: tuple = ()
    query: tuple = ()        # parameters of the path, beside the message
    ends: bool = True        # who asks says that nothing follows
    forms: tuple = ()        # those of the method, but for a few cases

    def protocols(self):
        """Those that it is over."""
        return [name for name, (form, _) in PROTOCOLS.items()
                if form in (self.forms or FORMS[self.method])]


def bulk(name, *lines, **more):
    """Pairs of what is sent and what is answered."""
    return StreamCase(name, BULK, tuple(sent for sent, _ in lines),
                      tuple(answer for _, answer in lines if answer is not None), **more)


def user(name="{user}", **more):
    return {"userId": name, **more}


def removed(name="{user}", **more):
    return Outcome(message={"userId": name, "sequence": SEQUENCE, **more})


def unremoved(why, name="{user}"):
    return dataclasses.replace(why, message={"userId": name} if name else {})


REMOVED = (user(), removed())
NOBODYS = (user("nobody"), unremoved(NO_FACTOR, "nobody"))
AGAIN = (user(), unremoved(NO_FACTOR))
BAD_ID = refused(3, "invalid RemoveOTPEmailRequest.UserId: value length must be between 1 and 200 "
                    "runes, inclusive")
BAD_KEY = refused(3, "Idempotency-Key must be 1 to 255 visible ASCII characters")
LONG_KEY = refused(3, "Idempotency-Key must be 1 to 234 visible ASCII characters here: each line "
                      "appends a colon and its number")
LATE = refused(4, "the deadline has passed, nothing was done")
LATE_LINES = refused(4, "the deadline has passed: no more lines are begun")
SOON = (("grpc-timeout", "300m"), ("connect-timeout-ms", "300"))


def unheeded(name):
    return refused(3, f"{name} is not supported: the request was not carried out")


def twice(name, value):
    return ((name, value), (name, value))


BULKS = [
    # What each line does, and that each is for itself.
    bulk("removes one", REMOVED, events=1),
    bulk("removes none"),
    bulk("removes, with errors between", NOBODYS, REMOVED, AGAIN, NOBODYS, events=1),
    bulk("removes of a locked user", REMOVED, given=("make", "add_otp_email", "lock"), events=1),
    bulk("removes of a deleted user", AGAIN, given=("make", "add_otp_email", "delete_user")),
    bulk("removes what was never added", AGAIN, given=("make",)),
    bulk("removes if the user is as it was", (user(ifSequence="{sequence}"), removed()), events=1),
    bulk("removes if the user is as it was not", (user(ifSequence="1"), unremoved(MISMATCH)),
         REMOVED, events=1),
    bulk("removes of nobody if there is one", (user("nobody", ifSequence="1"),
                                               unremoved(MISMATCH, "nobody"))),
    bulk("says what would be", (user(dryRun=True), Outcome(message=user())),
         (user("nobody", dryRun=True), NOBODYS[1]), (user(ifSequence="1", dryRun=True),
                                                     unremoved(MISMATCH)), REMOVED, events=1),
    bulk("says what would be, of all", (user(), Outcome(message=user())),
         (user(), Outcome(message=user())), NOBODYS, query=(("dryRun", "true"),), forms=(NDJSON,)),
    bulk("does what is no dry run", REMOVED, query=(("dryRun", "false"),), forms=(NDJSON,),
         events=1),
    bulk("heeds no names that it does not know", (user(x=[1]), removed()), events=1,
         forms=(NDJSON, CONNECT_JSON)),
    # Who may, line by line.
    bulk("removes one's own and no other's", NOBODYS[:1] + (unremoved(FORBIDDEN, "nobody"),),
         REMOVED, caller="self", events=1),
    bulk("removes as a stranger", (user(), unremoved(FORBIDDEN)),
         (user("nobody"), unremoved(FORBIDDEN, "nobody")), caller="stranger"),
    bulk("removes from another org", (user(), unremoved(FORBIDDEN)), (user(), unremoved(FORBIDDEN)),
         caller="owner of another org"),
    bulk("says what would be as a stranger", (user(dryRun=True), unremoved(FORBIDDEN)),
         caller="stranger"),
    # Lines that are wrong, and what follows them.
    bulk("removes of a long id", (user("x" * 201), unremoved(BAD_ID, "x" * 201)), REMOVED,
         events=1),
    bulk("removes of no id", ({}, unremoved(BAD_ID, None)), REMOVED, events=1),
    bulk("passes over blank lines", (b"", None), REMOVED, (b"\r", None), (b"  \r", None), AGAIN,
         forms=(NDJSON,), events=1),
    bulk("takes a line with both ends", (b'{"userId":"nobody"}\r', NOBODYS[1]), forms=(NDJSON,)),
    bulk("takes a line of 4 KiB", (b'{"userId":"nobody"}'.ljust(4096), NOBODYS[1]), REMOVED,
         forms=(NDJSON, CONNECT_JSON), events=1),
    bulk("removes behind what is no message", NOBODYS, (b"\xff", unremoved(
        refused(3, "malformed protobuf message"), None)), REMOVED,
         forms=(GRPC, WEB, CONNECT_PROTO), events=1),
    bulk("removes behind what is no JSON", NOBODYS, (b"{", unremoved(refused(
        3, "invalid JSON: a name in quotes is missing at the end, at byte 1"), None)), REMOVED,
         forms=(NDJSON, CONNECT_JSON), events=1),
    bulk("removes up to a line that is too long", REMOVED, (b"x" * 4097, None), (user(), None),
         end=refused(3, "the line is longer than 4096 bytes"), forms=(NDJSON,), events=1),
    bulk("removes up to a message that is too long", REMOVED, (b" " * 4097, None), (user(), None),
         end=refused(8, "the message is larger than 4096 bytes"),
         forms=(GRPC, WEB, CONNECT_JSON, CONNECT_PROTO), events=1),
    bulk("removes until a deadline", REMOVED, NOBODYS, ends=False, end=LATE_LINES, fields=SOON,
         events=1),
    # Keys.
    bulk("removes by a key", REMOVED, fields=(("Idempotency-Key", "{user}"),), events=1),
    bulk("has removed by a key", (user(), removed(replayed=True)),
         (user(), unremoved(NO_FACTOR)), fields=(("Idempotency-Key", "{user}"),),
         given=("make", "add_otp_email", "remove_by_key")),
    bulk("has used a key for something else", (user(), unremoved(
        refused(9, "idempotency key was used for another request"))), REMOVED, events=1,
         fields=(("Idempotency-Key", "{user}"),), given=("make", "add_otp_email", "lock_by_key")),
    *(bulk(f"removes by a key of {what}", (user(), None), end=end,
           fields=(("Idempotency-Key", value),))
      for what, value, end in [("nothing", "", BAD_KEY), ("a blank", "a b", BAD_KEY),
                               ("256 characters", "k" * 256, BAD_KEY),
                               ("235 characters", "k" * 235, LONG_KEY)]),
    bulk("removes by a long key", NOBODYS, fields=(("Idempotency-Key", "k" * 234),)),
    # Refused as a whole.
    *(bulk(f"removes {caller}", (user(), None), (b"{", None), end=end, caller=caller)
      for caller, end in UNAUTHENTICATED.items()),
    *(bulk(f"removes with {name}", (user(), None), end=unheeded(name), fields=((name, "*"),))
      for name in (*PRECONDITIONS, "If-Match", "If-None-Match")),
    *(bulk(f"removes with a second {name}", (user(), None), end=refused(3, f"more than one {name}"),
           fields=twice(name, value))
      for name, value in [("x-zitadel-orgid", "acme"), ("grpc-timeout", "9S"),
                          ("connect-timeout-ms", "9000"), ("Idempotency-Key", "k")]),
    bulk("removes with a second Authorization", (user(), None),
         end=refused(3, "more than one Authorization"), fields=(("Authorization", "Bearer x"),)),
    bulk("removes with a long org in the field", (user(), None), fields=(
        ("x-zitadel-orgid", "o" * 201),),
         end=refused(3, "x-zitadel-orgid must be 1 to 200 characters of UTF-8")),
    *(bulk(f"removes with the query {name}={value}", (user(), None), query=((name, value),),
           end=end, forms=(NDJSON,))
      for name, value, end in [
          ("x", "1", refused(3, "unknown query parameter: dryRun is the one known here")),
          ("dryRun", "1", refused(3, "dryRun must be true or false")),
          ("dryRun", ("true", "true"), refused(3, "dryRun is given more than once"))]),
    bulk("removes of another type", (user(), None), fields=(("Content-Type", "application/json"),),
         end=refused(3, "the Content-Type must be application/x-ndjson: a user a line"),
         forms=(NDJSON,)),
    bulk("removes of what is encoded", (user(), None), fields=(("Content-Encoding", "gzip"),),
         end=refused(3, "unknown Content-Encoding: lines are sent as they are"), forms=(NDJSON,)),
    bulk("removes as text", (user(), None),
         end=refused(12, "a stream of messages is not sent as text"), forms=(WEB_TEXT,)),
]


def add(name, *lines, **more):
    """The same of new users."""
    return StreamCase(name, ADD, tuple(sent for sent, _ in lines),
                      tuple(answer for _, answer in lines if answer is not None), given=(), **more)


def added(name="{user}", **more):
    return Outcome(message={"userId": name, "sequence": SEQUENCE, **more})


def unnamed(**more):
    """A line for a user whose id is drawn."""
    return {name: value for name, value in new_user(**more).items() if name != "userId"}


ADDED = (new_user(), added())
WHOLE = (new_user(otpEmail=True), added())
WOULD = Outcome(message={"userId": "{user}"})
CODED = {"email": "{mail}", "returnCode": {}}
TAKEN = refused(9, "Errors.User.AlreadyExisting", "COMMAND-7yiox1isql")
NAME_TAKEN = refused(6, "User already exists", "V3-DKcYh")
UNVERIFIED = refused(3, "otpEmail needs an email that is verified: say email.isVerified")
LONGEST = 32 * 1024

ADDITIONS = [
    # What each line does, and that each is for itself.
    add("adds one", ADDED, events=2),
    add("adds none of no lines"),
    add("adds one with the factor", WHOLE, events=3),
    add("adds one without the factor", (new_user(otpEmail=False), added()), events=2),
    add("adds one with a code", (new_user(email=CODED), added(emailCode=CODE)), events=2),
    add("adds, with errors between", ADDED, (new_user(), unremoved(TAKEN)),
        (new_user(userId="{user}x"), unremoved(NAME_TAKEN, "{user}x")),
        (unnamed(), unremoved(NAME_TAKEN, None)),
        (new_user(userId="{user}y", username="{user}"), added("{user}y")), events=4),
    add("adds the factor to none that is not verified",
        (new_user(otpEmail=True, email={"email": "{mail}"}), unremoved(UNVERIFIED)),
        (new_user(otpEmail=True, email={"email": "{mail}", "isVerified": False}),
         unremoved(UNVERIFIED)),
        (new_user(otpEmail=True, email=CODED), unremoved(UNVERIFIED)), WHOLE, events=3),
    add("says who would be", (new_user(dryRun=True, otpEmail=True), WOULD),
        (unnamed(dryRun=True), Outcome(message={})), ADDED,
        (new_user(dryRun=True), unremoved(TAKEN)), events=2),
    add("says who would be, of all", (new_user(), WOULD), (new_user(), WOULD),
        (new_user(dryRun=False), WOULD), query=(("dryRun", "true"),), forms=(NDJSON,)),
    add("heeds no names that it does not know", (new_user(x=[1], otpSms=True), added()), events=2,
        forms=(NDJSON, CONNECT_JSON)),
    # Who may, line by line.
    add("adds as a stranger", (new_user(), unremoved(FORBIDDEN_ADD)),
        (new_user(dryRun=True), unremoved(FORBIDDEN_ADD)), caller="stranger"),
    add("adds to another org than one's own", (new_user(), unremoved(FORBIDDEN_ADD)),
        (new_user(organization={"orgId": "elsewhere"}, otpEmail=True), added()), events=3,
        caller="owner of another org"),
    # Lines that are wrong, and what follows them.
    add("adds behind who lacks something", ({}, unremoved(required("Profile"), None)),
        (new_user(email=None), unremoved(required("Email"))),
        (new_user(profile={"familyName": "B"}), unremoved(bad_name("GivenName"))), ADDED, events=2,
        forms=(NDJSON, CONNECT_JSON)),
    add("adds behind what would not be kept", (new_user(totpSecret="x"),
                                               unremoved(unkept("totpSecret"))), ADDED, events=2),
    add("adds behind what is no message", (b"\xff", unremoved(
        refused(3, "malformed protobuf message"), None)), ADDED,
        forms=(GRPC, WEB, CONNECT_PROTO), events=2),
    add("adds behind what is no JSON", (b"{", unremoved(refused(
        3, "invalid JSON: a name in quotes is missing at the end, at byte 1"), None)), ADDED,
        forms=(NDJSON, CONNECT_JSON), events=2),
    add("takes a line of 32 KiB", (b"{}".ljust(LONGEST), unremoved(required("Profile"), None)),
        ADDED, forms=(NDJSON, CONNECT_JSON), events=2),
    add("adds up to a line that is too long", ADDED, (b"x" * (LONGEST + 1), None),
        (new_user(), None), end=refused(3, "the line is longer than 32768 bytes"),
        forms=(NDJSON,), events=2),
    add("adds up to a message that is too long", ADDED, (b" " * (LONGEST + 1), None),
        (new_user(), None), end=refused(8, "the message is larger than 32768 bytes"),
        forms=(GRPC, WEB, CONNECT_JSON, CONNECT_PROTO), events=2),
    add("adds until a deadline", WHOLE, ends=False, end=LATE_LINES, fields=SOON, events=3),
    # Keys and fields.
    add("adds by a key", WHOLE, fields=(("Idempotency-Key", "{user}"),), events=3),
    *(add(f"adds by a key of {what}", (new_user(), None), end=end,
          fields=(("Idempotency-Key", value),))
      for what, value, end in [("a blank", "a b", BAD_KEY),
                               ("235 characters", "k" * 235, LONG_KEY)]),
    add("adds to the org of the field", (new_user(organization={}), added()), events=2,
        fields=(("x-zitadel-orgid", "acme"),)),
    add("adds with a long org in the field", (new_user(), None), fields=(
        ("x-zitadel-orgid", "o" * 201),),
        end=refused(3, "x-zitadel-orgid must be 1 to 200 characters of UTF-8")),
    # Refused as a whole.
    *(add(f"adds {caller}", (new_user(), None), (b"{", None), end=end, caller=caller)
      for caller, end in UNAUTHENTICATED.items()),
    *(add(f"adds with {name}", (new_user(), None), end=unheeded(name), fields=((name, "*"),))
      for name in (*PRECONDITIONS, "If-Match", "If-None-Match")),
    *(add(f"adds with the query {name}={value}", (new_user(), None), query=((name, value),),
          end=end, forms=(NDJSON,))
      for name, value, end in [
          ("otpEmail", "true", refused(3, "unknown query parameter: dryRun is the one known here")),
          ("dryRun", "1", refused(3, "dryRun must be true or false"))]),
    add("adds of another type", (new_user(), None), fields=(("Content-Type", "application/json"),),
        end=refused(3, "the Content-Type must be application/x-ndjson: a user a line"),
        forms=(NDJSON,)),
    add("adds of what is encoded", (new_user(), None), fields=(("Content-Encoding", "gzip"),),
        end=refused(3, "unknown Content-Encoding: lines are sent as they are"), forms=(NDJSON,)),
    add("adds as text", (new_user(), None),
        end=refused(12, "a stream of messages is not sent as text"), forms=(WEB_TEXT,)),
]


def event(kind, **payload):
    found = {"sequence": SEQUENCE, "type": f"user.{kind}", "aggregateType": "user",
             "aggregateId": "{user}", "resourceOwner": "acme", "creator": "operator",
             "creationDate": TIME}
    return {**found, "payload": payload} if payload else found


MADE = event("human.added", username="{mail}", email="{mail}",
             profile={"givenName": "Ada", "familyName": "Byron", "displayName": "Ada Byron"})
VERIFIED = event("human.email.verified")
WITH_FACTOR = event("human.mfa.otp.email.added")
LOCKED, UNLOCKED = event("locked"), event("unlocked")
ALL = (MADE, VERIFIED, WITH_FACTOR)
NO_TYPE = refused(3, "type must be that of an event, such as user.locked")
NO_TIME = refused(3, "from must be a time as RFC 3339 has it, such as 2026-01-31T12:00:00Z")
OTHER_STORE = refused(10, "the last event that was seen is of another store", "FACTORD-Store")
UNKNOWN_QUERY = refused(3, "unknown query parameter: after, limit, user, type, creator, org, from, "
                           "to and wait are those known here")


def watch(name, *answers, end=GOES_ON, **more):
    """`asked`, or from where {user} was made."""
    asked = {"after": "{after}", **more.pop("asked", {})}
    return StreamCase(name, WATCH, (asked,), answers, end, **more)


def bad_length(field):
    return refused(3, f"invalid ListEventsRequest.{field}: value length must be between 1 and 200 "
                      "runes, inclusive")


WATCHES = [
    # What there is, and what comes.
    watch("reads", *ALL),
    watch("reads none", asked={"after": "{sequence}"}),
    watch("reads on", *ALL, LOCKED, UNLOCKED, then=("lock", "unlock"), forms=STREAMED),
    watch("reads what comes", LOCKED, asked={"after": "{sequence}"}, then=("lock",),
          forms=STREAMED),
    watch("reads behind one of this store", WITH_FACTOR, LOCKED, then=("lock",), forms=STREAMED,
          asked={"after": "{before}", "storeId": "{store}"}),
    watch("reads of a user", *ALL, asked={"after": "0", "userId": "{user}"}),
    watch("reads of some types", MADE, WITH_FACTOR, LOCKED, then=("lock",), forms=STREAMED,
          asked={"types": ["user.locked", "user.human.added", "user.human.mfa.otp.email.added"]}),
    watch("reads of some creators", *ALL, asked={"creators": ["nobody", "operator"]}),
    watch("reads of another creator", asked={"creators": ["nobody"]}),
    watch("reads of some orgs", *ALL, asked={"orgs": ["elsewhere", "acme"]}),
    watch("reads of another org", asked={"orgs": ["elsewhere"]}),
    watch("reads from a time on", *ALL, asked={"from": "2026-01-31T12:00:00+02:00"}),
    watch("reads from a time to come on", asked={"from": "2999-01-31T12:00:00Z"}),
    watch("reads with a key", *ALL, fields=(("Idempotency-Key", "a b"),)),
    watch("reads until a deadline", *ALL, end=LATE, fields=SOON, forms=RPCS),
    watch("reads until a deadline by path", *ALL, end=ENDED, fields=SOON, forms=(NDJSON, SSE)),
    # Who may.
    *(watch(f"reads {caller}", end=end, caller=caller) for caller, end in UNAUTHENTICATED.items()),
    *(watch(f"reads as {caller}", end=FORBIDDEN, caller=caller)
      for caller in ("stranger", "owner of another org", "self")),
    # What is refused.
    watch("reads behind one of another store", end=OTHER_STORE,
          asked={"storeId": "0123456789abcdef0123456789abcdef"}),
    watch("reads of no type", end=NO_TYPE, asked={"types": ["user.locked", "x"]}),
    watch("reads of a long id", end=bad_length("UserId"), asked={"userId": "😀" * 201}),
    watch("reads of a long creator", end=bad_length("Creator"), asked={"creators": ["c" * 201]}),
    watch("reads of no creator", end=bad_length("Creator"), asked={"creators": [""]}),
    watch("reads of a long org", end=bad_length("Organization"), asked={"orgs": ["o" * 201]}),
    *(watch(f"reads of 17 {name}s", end=refused(3, f"{name} is given more than 16 times"),
            asked={f"{name}s": [f"{number}" for number in range(17)]})
      for name in ("creator", "org")),
    watch("reads from no time on", end=NO_TIME, asked={"from": "yesterday"}),
    *(watch(f"reads with the query {name}={value}", query=((name, value),), forms=(NDJSON, SSE),
            end=refused(3, f"{name} is for a page: a stream goes on for ever"))
      for name, value in [("limit", "1"), ("to", "2999-01-31T12:00:00Z"), ("wait", "1s")]),
    *(watch(f"reads by path with the query {name}={value}", end=end, query=((name, value),),
            forms=BY_PATH)
      for name, value, end in [
          ("x", "1", UNKNOWN_QUERY), ("user", "", bad_length("UserId")),
          ("after", "-1", refused(3, "after must be a number from 0 to 18446744073709551615")),
          ("after", ("1", "2"), refused(3, "after is given more than once"))]),
    *(watch(f"reads behind {value}", fields=(("Last-Event-ID", value),), forms=BY_PATH, end=refused(
        3, "Last-Event-ID must be a store's id, a colon, and a sequence"))
      for value in ("1", ":1", "x:", "x:y")),
    watch("reads behind what a field says", end=unheeded("Last-Event-ID"),
          fields=(("Last-Event-ID", "{store}:1"),), forms=RPCS),
    *(watch(f"reads with {name}", end=unheeded(name), fields=((name, "*"),))
      for name in (*PRECONDITIONS, "If-Match", "If-None-Match")),
    *(watch(f"reads with a second {name}", end=refused(3, f"more than one {name}"),
            fields=twice(name, value))
      for name, value in [("x-zitadel-orgid", "acme"), ("grpc-timeout", "9S"),
                          ("connect-timeout-ms", "9000"), ("Idempotency-Key", "k")]),
    watch("reads with a second Authorization", end=refused(3, "more than one Authorization"),
          fields=(("Authorization", "Bearer x"),)),
]

STREAM_CASES = BULKS + ADDITIONS + WATCHES
