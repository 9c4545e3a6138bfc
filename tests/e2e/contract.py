"""The contract, sections 1, 2 and 5, as one table of cases: what is called, and what is answered
whatever the protocol."""

import dataclasses

from outcome import Outcome, refused
from rpc import OPERATIONS

# Stand for what differs from call to call.
SEQUENCE = "<sequence>"
TIME = "<time>"
CODE = "<code>"

CHANGED = {"details": {"sequence": SEQUENCE, "changeDate": TIME, "resourceOwner": "acme"}}
NO_FACTOR = refused(5, "Multifactor OTP (OneTimePassword) doesn't exist", "COMMAND-b312D")
FACTOR_SET = refused(6, "Multifactor OTP (OneTimePassword) is already set up", "COMMAND-MKL2s")
NOT_READY = refused(9, "Multifactor OTP (OneTimePassword) isn't ready", "COMMAND-KLJ2d")
FORBIDDEN = refused(7, "No matching permissions found", "AUTH-AWfge")
FORBIDDEN_ADD = refused(7, "No matching permissions found", "AUTH-5mWD2")
WRONG_CODE = refused(3, "Code is invalid", "COMMAND-eis9R")
MISMATCH = refused(9, "the user is not as If-Match has it, nothing was done", "FACTORD-Match")
GONE = "User could not be found"
OF_NOBODY = {
    "RemoveOTPEmail": NO_FACTOR,
    "AddOTPEmail": NOT_READY,
    "GetUserByID": refused(5, GONE, "QUERY-Dfbg2"),
    "VerifyEmail": refused(5, "Email not found", "COMMAND-ieJ2e"),
    "ResendEmailCode": refused(5, "Email not found", "COMMAND-ieJ2e"),
    "LockUser": refused(5, GONE, "COMMAND-450yxuqrh1"),
    "UnlockUser": refused(5, GONE, "COMMAND-x377t913pw"),
    "DeactivateUser": refused(5, GONE, "COMMAND-5gp2p62iin"),
    "ReactivateUser": refused(5, GONE, "COMMAND-9hy5kzbuk6"),
    "DeleteUser": refused(5, GONE, "COMMAND-bd4ir1mblj"),
}
WRONG_STATE = {
    "LockUser": refused(9, "User is not active or initial", "COMMAND-lgws8wtsqf"),
    "UnlockUser": refused(9, "User is not locked", "COMMAND-olb9vb0oca"),
    "DeactivateUser": refused(9, "User already inactive", "COMMAND-5gunjw0cd7"),
    "ReactivateUser": refused(9, "User is not inactive", "COMMAND-s5qqcz97hf"),
}
UNAUTHENTICATED = {  # who calls: what is said
    "without a header": refused(16, "auth header missing"),
    "not as a bearer": refused(16, "invalid auth header", "AUTH-7fs1e"),
    "with an unknown token": refused(16, "Errors.Token.Invalid", "AUTH-7fs1e"),
}


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    method: str
    wanted: Outcome
    given: tuple = ()        # what happened to {user} before, calls of Api
    message: dict = dataclasses.field(default_factory=lambda: USER)
    caller: str = "owner"
    events: int = 0          # that it appends
    fields: tuple = ()


def ok(method, message, events=1):
    return {"method": method, "wanted": Outcome(message=message), "events": events}


def new_user(**more):
    return {"userId": "{user}", "organization": {"orgId": "acme"},
            "profile": {"givenName": "Ada", "familyName": "Byron"},
            "email": {"email": "{mail}", "isVerified": True}, **more}


def bad_name(field):
    return refused(3, "invalid AddHumanUserRequest.Profile: embedded message failed validation | "
                      f"caused by: invalid SetHumanProfile.{field}: value length must be between "
                      "1 and 200 runes, inclusive")


def required(field):
    return refused(3, f"invalid AddHumanUserRequest.{field}: value is required")


def unkept(field):
    return refused(12, f"{field} is not supported: it would not be kept")


def without(field):
    return {name: value for name, value in new_user().items() if name != field}


def listed(count):
    found = {"totalResult": str(count)} if count else {}
    return {"details": {**found, "processedSequence": SEQUENCE, "timestamp": TIME}}


ADDED = {"userId": "{user}", **CHANGED}
SHOWN = {
    "details": {**CHANGED["details"], "creationDate": TIME},
    "user": {"userId": "{user}", "details": {**CHANGED["details"], "creationDate": TIME},
             "state": "USER_STATE_ACTIVE", "username": "{mail}", "loginNames": ["{mail}"],
             "preferredLoginName": "{mail}",
             "human": {"userId": "{user}", "state": "USER_STATE_ACTIVE", "username": "{mail}",
                       "loginNames": ["{mail}"], "preferredLoginName": "{mail}",
                       "profile": {"givenName": "Ada", "familyName": "Byron",
                                   "displayName": "Ada Byron"},
                       "email": {"email": "{mail}", "isVerified": True}}}}
USER = {"userId": "{user}"}
VERIFICATION = {**USER, "verificationCode": "{code}"}
RESEND = {**USER, "returnCode": {}}
NO_MAIL = refused(12, "sendCode is not supported: no mail is sent here, use returnCode")
COMPLETE = {"AddHumanUser": new_user(), "VerifyEmail": VERIFICATION, "ResendEmailCode": RESEND}
FACTOR = {"state": "AUTH_FACTOR_STATE_READY", "otpEmail": {}}


def of_user(call):
    """What a call of somebody's takes, complete."""
    return COMPLETE.get(call, USER)


# That nobody heeds; the other two are heeded in places.
PRECONDITIONS = ("If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range")
WRITES = [call for call in OPERATIONS if not call.startswith(("Get", "List"))]
READS = [call for call in OPERATIONS if call not in WRITES]
MADE = ("make",)
TAGS_OF_NOBODY = ", ".join(['"x"'] * 32)
WITH_FACTOR = ("make", "add_otp_email")
WITH_CODE = ("make_with_code",)

CASES = [
    # What succeeds.
    Case("removes", **ok("RemoveOTPEmail", CHANGED), given=WITH_FACTOR),
    Case("removes of a locked user", **ok("RemoveOTPEmail", CHANGED), given=(*WITH_FACTOR, "lock")),
    Case("removes one's own", **ok("RemoveOTPEmail", CHANGED), given=WITH_FACTOR, caller="self"),
    Case("adds", **ok("AddOTPEmail", CHANGED), given=MADE),
    Case("lists methods", **ok("ListAuthenticationMethodTypes", {
        **listed(1), "authMethodTypes": ["AUTHENTICATION_METHOD_TYPE_OTP_EMAIL"]}, events=0),
         given=WITH_FACTOR),
    Case("lists no methods", **ok("ListAuthenticationMethodTypes", listed(0), events=0),
         given=MADE),
    Case("lists nobody's", **ok("ListAuthenticationMethodTypes", listed(0), events=0)),
    Case("finds factors", **ok("ListAuthenticationFactors", {"result": [FACTOR]}, events=0),
         given=WITH_FACTOR),
    Case("finds none", **ok("ListAuthenticationFactors", {}, events=0), given=MADE),
    Case("finds those asked for", **ok("ListAuthenticationFactors", {"result": [FACTOR]}, events=0),
         given=WITH_FACTOR, message={"userId": "{user}", "authFactors": ["OTP_EMAIL"],
                                     "states": ["AUTH_FACTOR_STATE_READY"]}),
    Case("finds none of another kind", **ok("ListAuthenticationFactors", {}, events=0),
         given=WITH_FACTOR, message={"userId": "{user}", "authFactors": ["U2F"]}),
    Case("adds a user", **ok("AddHumanUser", ADDED, events=2), message=new_user()),
    Case("adds a user with a code", **ok("AddHumanUser", {**ADDED, "emailCode": CODE}, events=2),
         message=new_user(email={"email": "{mail}", "returnCode": {}})),
    Case("adds a user to the org of the header", **ok("AddHumanUser", ADDED, events=2),
         message=without("organization"), fields=(("x-zitadel-orgid", "acme"),)),
    Case("shows a user", **ok("GetUserByID", SHOWN, events=0), given=MADE),
    Case("verifies", **ok("VerifyEmail", CHANGED), given=WITH_CODE, message=VERIFICATION),
    Case("makes another code", **ok("ResendEmailCode", {**CHANGED, "verificationCode": CODE}),
         given=WITH_CODE, message=RESEND),
    Case("makes another code of one's own",
         **ok("ResendEmailCode", {**CHANGED, "verificationCode": CODE}), given=WITH_CODE,
         message=RESEND, caller="self"),
    Case("locks", **ok("LockUser", CHANGED), given=MADE),
    Case("unlocks", **ok("UnlockUser", CHANGED), given=("make", "lock")),
    Case("deactivates", **ok("DeactivateUser", CHANGED), given=MADE),
    Case("reactivates", **ok("ReactivateUser", CHANGED), given=("make", "deactivate")),
    Case("deletes", **ok("DeleteUser", CHANGED), given=WITH_FACTOR),
    # The factor's state.
    Case("removes twice", "RemoveOTPEmail", NO_FACTOR, given=(*WITH_FACTOR, "remove_otp_email")),
    Case("removes what was never added", "RemoveOTPEmail", NO_FACTOR, given=MADE),
    Case("adds twice", "AddOTPEmail", FACTOR_SET, given=WITH_FACTOR),
    Case("adds to an unverified email", "AddOTPEmail", NOT_READY, given=WITH_CODE),
    # The user's.
    *(Case(f"{call} of a deleted user", call, wanted, message=of_user(call),
           given=(*WITH_FACTOR, "delete_user"))
      for call, wanted in OF_NOBODY.items()),
    *(Case(f"{call} of nobody", call, wanted, message=of_user(call))
      for call, wanted in OF_NOBODY.items()),
    *(Case(f"{call} after {' and '.join(given) or 'nothing'}", call, WRONG_STATE[call],
           given=("make", *given))
      for call, given in [("LockUser", ["lock"]), ("LockUser", ["deactivate"]),
                          ("UnlockUser", []), ("UnlockUser", ["deactivate"]),
                          ("DeactivateUser", ["deactivate"]),
                          ("ReactivateUser", []), ("ReactivateUser", ["lock"])]),
    Case("verifies with a wrong code", "VerifyEmail", WRONG_CODE, given=WITH_CODE, events=1,
         message={**VERIFICATION, "verificationCode": "ABCDEFGH"}),
    Case("makes another code of a verified email", "ResendEmailCode",
         refused(9, "Code is empty", "EMAIL-5w5ilin4yt"), given=MADE, message=RESEND),
    Case("sends another code", "ResendEmailCode", NO_MAIL, given=WITH_CODE,
         message={**USER, "sendCode": {}}),
    Case("sends another code by default", "ResendEmailCode", NO_MAIL, given=WITH_CODE),
    Case("verifies twice", "VerifyEmail", WRONG_CODE, given=MADE,
         message={**VERIFICATION, "verificationCode": "ABCDEFGH"}),
    # New users that are refused.
    Case("adds without a profile", "AddHumanUser", required("Profile"), message=without("profile")),
    Case("adds without an email", "AddHumanUser", required("Email"), message=without("email")),
    Case("adds without a given name", "AddHumanUser", bad_name("GivenName"),
         message=new_user(profile={"familyName": "Byron"})),
    Case("adds with a long family name", "AddHumanUser", bad_name("FamilyName"),
         message=new_user(profile={"givenName": "A", "familyName": "ü" * 201})),
    Case("adds without an address", "AddHumanUser",
         refused(3, "Email is invalid", "EMAIL-599BI"),
         message=new_user(email={"email": "nowhere"})),
    Case("adds an id that exists", "AddHumanUser",
         refused(9, "Errors.User.AlreadyExisting", "COMMAND-7yiox1isql"), given=MADE,
         message=new_user(username="{mail}-2")),
    Case("adds a username that is taken", "AddHumanUser",
         refused(6, "User already exists", "V3-DKcYh"), given=MADE,
         message=new_user(userId="{user}-2", username="{mail}")),
    Case("adds to no organization", "AddHumanUser", refused(3, "organization is required"),
         message=without("organization")),
    Case("adds to a domain", "AddHumanUser",
         refused(3, "organization.orgDomain is not supported: name the organization by orgId"),
         message=new_user(organization={"orgDomain": "acme.example"})),
    Case("adds with a password", "AddHumanUser", unkept("password"),
         message=new_user(password={})),
    Case("adds with a phone", "AddHumanUser", unkept("phone"),
         message=new_user(phone={})),
    Case("adds with metadata", "AddHumanUser", unkept("metadata"),
         message=new_user(metadata=[{}])),
    Case("adds and sends a code", "AddHumanUser",
         refused(12, "email.sendCode is not supported: no mail is sent here, use returnCode"),
         message=new_user(email={"email": "{mail}", "sendCode": {}})),
    # What a client relies on and we do not have, or cannot tell.
    *(Case(f"{call} with {name}", call, refused(
        3, f"{name} is not supported: the request was not carried out"),
           message=of_user(call), fields=((name, '"7"'),))
      for call, name in [*(("RemoveOTPEmail", name) for name in PRECONDITIONS),
                         *(("GetUserByID", name) for name in PRECONDITIONS),
                         *((call, "If-None-Match") for call in WRITES),
                         *((call, "If-Match") for call in READS)]),
    *(Case(f"{call} with {what} for a key", call,
           refused(3, "Idempotency-Key must be 1 to 255 visible ASCII characters"),
           message=of_user(call), fields=(("Idempotency-Key", value),))
      for call in WRITES
      for what, value in [("nothing", ""), ("empty quotes", '""'), ("an open quote", '"k'),
                          ("256 characters", "k" * 256), ("a blank", "a b"),
                          ("what follows its quotes", '"k"; x=1')]),
    # On a condition: behind permission, and before what else is found.
    *(Case(f"{call} if the user is as it was", call, MISMATCH, given=given,
           message=of_user(call), fields=(("If-Match", '"1"'),))
      for call, given in [(call, WITH_CODE if "Email" in call else WITH_FACTOR)
                          for call in WRITES if call != "AddHumanUser"]),
    *(Case(f"{call} of nobody if there is one", call, MISMATCH, message=of_user(call),
           fields=(("If-Match", "*"),)) for call in WRITES),
    Case("removes if there is a user", **ok("RemoveOTPEmail", CHANGED), given=WITH_FACTOR,
         fields=(("If-Match", "*"),)),
    Case("removes nothing if there is a user", "RemoveOTPEmail", NO_FACTOR, given=MADE,
         fields=(("If-Match", "*"),)),
    Case("adds an id that exists if it does", "AddHumanUser",
         refused(9, "Errors.User.AlreadyExisting", "COMMAND-7yiox1isql"), given=MADE,
         message=new_user(username="{mail}-2"), fields=(("If-Match", "*"),)),
    *(Case(f"removes if the tag is {what}", "RemoveOTPEmail", MISMATCH, given=WITH_FACTOR,
           fields=(("If-Match", value),))
      for what, value in [("another's", '"x"'), ("weak", 'W/"1"'), ("one of 32", TAGS_OF_NOBODY)]),
    Case("removes if the tag is one of 33", "RemoveOTPEmail",
         refused(3, "If-Match has more than 32 entity tags"), given=WITH_FACTOR,
         fields=(("If-Match", TAGS_OF_NOBODY + ', "x"'),)),
    *(Case(f"{call} on a condition as a stranger", call,
           FORBIDDEN_ADD if call == "AddHumanUser" else FORBIDDEN, caller="stranger",
           message=of_user(call), fields=(("If-Match", '"1"'),)) for call in WRITES),
    *(Case(f"{call} on a condition from another org", call,
           FORBIDDEN_ADD if call == "AddHumanUser" else FORBIDDEN, caller="owner of another org",
           given=() if call == "AddHumanUser" else WITH_FACTOR, message=of_user(call),
           fields=(("If-Match", '"1"'),)) for call in WRITES),
    *(Case(f"removes with If-Match {what}", "RemoveOTPEmail",
           refused(3, "If-Match is neither * nor a list of entity tags"), given=WITH_FACTOR,
           fields=(("If-Match", value),))
      for what, value in [("without quotes", "7"), ("of nothing", ""), ("of any and one", '*, "7"'),
                          ("without a comma", '"7" "8"'), ("of an open quote", '"7')]),
    Case("removes with a second Authorization", "RemoveOTPEmail",
         refused(3, "more than one Authorization"), given=WITH_FACTOR,
         fields=(("Authorization", "Bearer x"),)),
    *(Case(f"{call} with a second {name}", call, refused(3, f"more than one {name}"),
           message=of_user(call), fields=((name, value), (name, value)))
      for call in ("AddHumanUser", "RemoveOTPEmail", "GetUserByID")
      for name, value in [("x-zitadel-orgid", "acme"), ("grpc-timeout", "9S"),
                          ("connect-timeout-ms", "9000"), ("Idempotency-Key", "k")]),
    *(Case(f"adds to an org without a name{and_field}", "AddHumanUser", refused(
        3, "invalid AddHumanUserRequest.Organization.OrgId: value length must be between 1 and 200 "
           "runes, inclusive"), message=new_user(organization={"orgId": ""}), fields=fields)
      for and_field, fields in [("", ()), (" beside a field", (("x-zitadel-orgid", "acme"),))]),
    *(Case(f"{call} with {what} in the field", call,
           refused(3, "x-zitadel-orgid must be 1 to 200 characters of UTF-8"),
           message=of_user(call), fields=(("x-zitadel-orgid", value),))
      for call in ("AddHumanUser", "RemoveOTPEmail")
      for what, value in [("nothing", ""), ("a long org", "o" * 201)]),
    Case("adds to a long org in the field", **ok("AddHumanUser", {
        **ADDED, "details": {**CHANGED["details"], "resourceOwner": "o" * 200}}, events=2),
         message=without("organization"), fields=(("x-zitadel-orgid", "o" * 200),)),
    # Who calls: before the id, which comes before permissions, which come before existence.
    *(Case(f"{call} {caller}", call, wanted, caller=caller,
           message={"userId": "x" * 201} if call != "AddHumanUser" else {})
      for call in OPERATIONS for caller, wanted in UNAUTHENTICATED.items()),
    *(Case(f"{call} with a long id", call,
           refused(3, f"invalid {call}Request.UserId: value length must be between 1 and 200 "
                      "runes, inclusive"), caller="stranger",
           message={**of_user(call), "userId": "😀" * 201})
      for call in OPERATIONS),
    *(Case(f"{call} as a stranger", call,
           FORBIDDEN_ADD if call == "AddHumanUser" else FORBIDDEN, caller="stranger",
           message=of_user(call))
      for call in OPERATIONS),
    *(Case(f"{call} from another org", call,
           FORBIDDEN_ADD if call == "AddHumanUser" else FORBIDDEN, caller="owner of another org",
           given=() if call == "AddHumanUser" else WITH_FACTOR, message=of_user(call))
      for call in OPERATIONS),
]
