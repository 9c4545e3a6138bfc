"""Two implementations have one verdict on each of thousands of tokens: ours, and jwcrypto's with
the rules beside that are ours alone (API.md, section 5), written down here a second time.

FACTORD_JWT_TOKENS says how many, FACTORD_JWT_SEED which.
"""

import base64
import json
import os
import pathlib
import random
import re
import subprocess
import time

import pytest
from jwcrypto import jwa, jwk, jwt

BIN = pathlib.Path(os.environ.get("FACTORD_BIN_DIR", "build/release/bin"))
COUNT = int(os.environ.get("FACTORD_JWT_TOKENS", "6000"))
SEED = int(os.environ.get("FACTORD_JWT_SEED", "17"))
ISSUER = "https://issuer.example"
AUDIENCE = "factord"
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
NEVER = ("jwk", "jku", "x5u", "x5c", "crit", "b64", "enc", "zip")


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    """The bytes of the one base64url text that they have."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise ValueError("alphabet")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64(data) != text:
        raise ValueError("not canonical")
    return data


def make_key(alg, kid):
    if alg == "ES256":
        return jwk.JWK.generate(kty="EC", crv="P-256", kid=kid, alg=alg)
    if alg == "EdDSA":
        return jwk.JWK.generate(kty="OKP", crv="Ed25519", kid=kid, alg=alg)
    return jwk.JWK.generate(kty="RSA", size=2048, kid=kid, alg=alg)


def strict_object(data):
    """A JSON object without a name twice, NaN, halves of pairs, or U+0000; at most 16 deep."""
    def once(pairs):
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError("twice")
        return dict(pairs)

    def constant(_):
        raise ValueError("constant")

    def look(value, depth):
        if isinstance(value, str) and ("\0" in value or value.encode() is None):
            raise ValueError("zero")
        if isinstance(value, (dict, list)):
            if depth == 0:
                raise ValueError("deep")
            for inner in value.items() if isinstance(value, dict) else value:
                for one in inner if isinstance(inner, tuple) else (inner,):
                    look(one, depth - 1)

    value = json.loads(data.decode(), object_pairs_hook=once, parse_constant=constant)
    look(value, 16)
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


def is_time(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def keeps_our_rules(token, keys, now):
    """Those that jwcrypto does not have, or has otherwise."""
    try:
        parts = token.split(".")
        if len(token) > 8192 or len(parts) != 3 or not all(parts):
            return False
        header, payload = strict_object(unb64(parts[0])), strict_object(unb64(parts[1]))
        unb64(parts[2])
    except (ValueError, RecursionError):
        return False
    if any(name in header for name in NEVER):
        return False
    if "typ" in header and str(header["typ"]).lower() not in ("jwt", "at+jwt"):
        return False
    kid = header.get("kid")
    if not isinstance(kid, str) or kid not in keys or keys[kid].get("alg") != header.get("alg"):
        return False
    audience = payload.get("aud")
    if isinstance(audience, list) and not all(isinstance(one, str) for one in audience):
        return False
    if not is_time(payload.get("exp")) or payload["exp"] <= now:
        return False
    for name in ("nbf", "iat"):
        if name in payload and (not is_time(payload[name]) or payload[name] > now + 60):
            return False
    subject = payload.get("sub")
    return isinstance(subject, str) and 1 <= len(subject) <= 200


def jwcrypto_takes(token, key_set):
    read = jwt.JWT(algs=ALGORITHMS,
                   check_claims={"iss": ISSUER, "aud": AUDIENCE, "exp": None, "sub": None})
    try:
        read.deserialize(token, key_set)
        return True
    except Exception:  # whatever it says of whatever it was given
        return False


class Maker:
    """Tokens: many that are good, many that are nearly."""

    def __init__(self, seed, now):
        self.pick = random.Random(seed)
        self.now = now
        self.keys = {alg.lower(): make_key(alg, alg.lower()) for alg in ALGORITHMS}
        self.strange = [make_key(alg, alg.lower()) for alg in ALGORITHMS]

    def times(self):
        return self.pick.choice([self.now - 500, self.now + 500, self.now + 500.25, 0, -1, 10 ** 17,
                                 1e18, None, "0", True, [], self.now + 10 ** 6, self.now - 0.5e6])

    def header(self, alg, kid):
        header = {"alg": alg, "kid": kid}
        if self.pick.random() < 0.3:
            header["typ"] = self.pick.choice(["JWT", "jwt", "at+jwt", "JOSE", "", 7])
        if self.pick.random() < 0.15:
            header[self.pick.choice([*NEVER, "x5t", "cty", "nonce"])] = self.pick.choice(
                [None, [], ["exp"], "https://evil.example", {}, False])
        if self.pick.random() < 0.1:
            header["alg"] = self.pick.choice([*ALGORITHMS, "none", "HS256", "RS512", "", None])
        if self.pick.random() < 0.1:
            header["kid"] = self.pick.choice([*self.keys, "other", "", None, 7])
        return header

    def payload(self):
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "somebody", "exp": self.now + 500}
        if self.pick.random() < 0.4:
            name = self.pick.choice(["exp", "nbf", "iat"])
            claims[name] = self.times()
        if self.pick.random() < 0.2:
            claims["aud"] = self.pick.choice([[AUDIENCE], ["a", AUDIENCE], ["a"], [], [AUDIENCE, 7],
                                              "other", None, {}, 7])
        if self.pick.random() < 0.1:
            claims["iss"] = self.pick.choice([ISSUER + "/", "", None, [ISSUER], 7])
        if self.pick.random() < 0.2:
            claims["sub"] = self.pick.choice(["", "é" * 200, "é" * 201, "a\0b", None, 7,
                                              "\U0001f600"])
        if self.pick.random() < 0.2:
            claims["more"] = self.pick.choice([{"a": {"b": [1, 2.5, None]}}, "x" * 3000, "x" * 9000,
                                               "\\", "\u2028"])
        if self.pick.random() < 0.1:
            del claims[self.pick.choice(sorted(claims))]
        return claims

    def as_text(self, value):
        """JSON, now and then written as nobody should."""
        text = json.dumps(value, ensure_ascii=self.pick.random() < 0.5)
        kind = self.pick.random()
        if kind < 0.04:
            return text[:-1] + ', "exp": %d}' % (self.now + 9)
        if kind < 0.06:
            return text[:-1] + ', "x": {"a": 1, "a": 1}}'
        if kind < 0.08:
            bad = self.pick.choice(["NaN", '"\\ud800"', "01", "[" * 20 + "]" * 20])
            return text[:-1] + ', "x": ' + bad + "}"
        if kind < 0.10:
            at = self.pick.randrange(len(text))
            return text[:at] + self.pick.choice('{}[]",:0a\\') + text[at + 1:]
        if kind < 0.12:
            return " " + text.replace(",", " ,\n") + "\t"
        return text

    def signed(self):
        alg = self.pick.choice(ALGORITHMS)
        key = self.keys[alg.lower()]
        if self.pick.random() < 0.08:
            key = self.strange[ALGORITHMS.index(alg)]
        by = alg
        if self.pick.random() < 0.05 and alg in ("RS256", "PS256"):
            by = "PS256" if alg == "RS256" else "RS256"
            key = jwk.JWK(**{**key.export(as_dict=True), "alg": by})
        header = self.as_text(self.header(alg, alg.lower()))
        payload = self.as_text(self.payload())
        text = f"{b64(header.encode())}.{b64(payload.encode())}"
        return f"{text}.{b64(jwa.JWA.signing_alg(by).sign(key, text.encode()))}"

    def token(self):
        token = self.signed()
        if self.pick.random() > 0.25:
            return token
        kind = self.pick.randrange(6)
        at = self.pick.randrange(len(token))
        if kind == 0:
            return token[:at] + self.pick.choice("AQgw_-") + token[at + 1:]
        if kind == 1:
            return token[:at] + self.pick.choice("+/= .~é") + token[at:]
        if kind == 2:
            return token[:at]
        if kind == 3:
            return token + self.pick.choice(["=", "==", ".", "A", "AA"])
        if kind == 4:  # the last bits of a part
            return token[:-1] + self.pick.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef")
        mine, other = token.split("."), self.signed().split(".")
        mine[self.pick.randrange(3)] = other[self.pick.randrange(3)]
        return ".".join(mine)


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    now = int(time.time())
    maker = Maker(SEED, now)
    key_set = jwk.JWKSet()
    for key in maker.keys.values():
        key_set.add(jwk.JWK(**key.export_public(as_dict=True)))
    file = tmp_path_factory.mktemp("jwt") / "keys.json"
    file.write_text(key_set.export(private_keys=False))
    tokens = [maker.token() for _ in range(COUNT)]
    told = subprocess.run([BIN / "jwt_judge", file, ISSUER, AUDIENCE, str(now)], check=True,
                          input="".join(f"{token}\n" for token in tokens), text=True,
                          stdout=subprocess.PIPE).stdout.splitlines()
    assert len(told) == len(tokens)
    public = {key.get("kid"): key for key in key_set["keys"]}
    return [(token, ours, jwcrypto_takes(token, key_set), keeps_our_rules(token, public, now))
            for token, ours in zip(tokens, told)]


def test_what_we_take_is_signed_and_in_time_to_jwcrypto(cases):
    for token, ours, theirs, _ in cases:
        assert theirs or not ours.startswith("good"), (SEED, token)


def test_each_verdict_is_that_of_jwcrypto_and_our_rules(cases):
    for token, ours, theirs, rules in cases:
        assert ours.startswith("good") == (theirs and rules), (SEED, token, ours, theirs, rules)


def test_the_subject_is_what_jwcrypto_reads(cases):
    for token, ours, _, _ in cases:
        if ours.startswith("good"):
            claims = json.loads(unb64(token.split(".")[1]))
            assert bytes.fromhex(ours.split()[1]).decode() == claims["sub"]


def test_there_were_many_of_each(cases):
    good = sum(ours.startswith("good") for _, ours, _, _ in cases)
    assert COUNT / 10 < good < COUNT * 9 / 10
    rules = {ours for _, ours, _, _ in cases if not ours.startswith("good")}
    assert len(rules) > 15, rules
