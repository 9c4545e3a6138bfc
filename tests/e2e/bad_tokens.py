"""Tokens that are to be refused: the rule that each breaks, and how it is made. `keys` are those of
the issuer, by their algorithm."""

import base64
import dataclasses
import hashlib
import hmac
import json
import time
import typing

from cryptography.hazmat.primitives.asymmetric import ec

from tokens import AUDIENCE, ISSUER, Key, b64, claims, compact, header, key_set, token

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
BOUND = 8 << 10


@dataclasses.dataclass(frozen=True)
class Bad:
    name: str
    rule: str  # as the log names it
    make: typing.Callable  # keys -> the token


def by(alg, **changed):
    """One with these claims changed."""
    return lambda keys: token(keys[alg], **changed)


def with_head(by_key_of, **changed):
    return lambda keys: token(keys[by_key_of], head=changed)


def with_raw(head=None, payload=None, alg="ES256"):
    """A good signature over these bytes."""
    def make(keys):
        key = keys[alg]
        return compact(header(key) if head is None else head(key),
                       claims() if payload is None else payload, key.sign)
    return make


def hmac_by(secret, alg="HS256", kid=None):
    """Key confusion: what is public is the secret of an HMAC."""
    def make(keys):
        key = keys["RS256"]
        return compact(header(key, alg=alg, **({} if kid is None else {"kid": kid})), claims(),
                       lambda text: hmac.new(secret(key), text, hashlib.sha256).digest())
    return make


def by_stranger(alg, kid=None, **how):
    """A key of nobody's, by the name of one that is known."""
    def make(keys):
        stranger = Key(alg, kid or keys[alg].kid, **how)
        return token(stranger)
    return make


def signature_as(change, alg="ES256"):
    """A good token whose signature was changed."""
    def make(keys):
        text, _, signature = token(keys[alg]).rpartition(".")
        padded = signature + "=" * (-len(signature) % 4)
        return f"{text}.{b64(change(base64.urlsafe_b64decode(padded)))}"
    return make


def text_as(change, alg="ES256"):
    """A good token whose text was changed."""
    return lambda keys: change(token(keys[alg]))


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def with_part(index, change):
    def make(text):
        parts = text.split(".")
        parts[index] = change(parts[index])
        return ".".join(parts)
    return make


def tail_bits(part):
    """The same bytes with bits set that count for nothing."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return part[:-1] + alphabet[alphabet.index(part[-1]) ^ 1]


def sized(size):
    """A good token of so many bytes."""
    def make(keys):
        pad = 0
        while len(made := token(keys["ES256"], pad="x" * pad)) < size:
            pad += max(1, (size - len(made)) * 3 // 4)
        return made
    return make


def nested(depth):
    return b"[" * depth + b"]" * depth


def json_with(obj, more):
    """An object's JSON with more of it at its end."""
    return json.dumps(obj)[:-1].encode() + b"," + more + b"}"


def seconds_ahead(name, seconds):
    return lambda keys: token(keys["ES256"], **{name: int(time.time()) + seconds})


def jwk_of(keys):
    return keys["ES256"].jwk


def der_signature(raw):
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    return encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))


CURVE_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def over_order(raw):
    """s + n: the same number to whoever reduces it, where it fits."""
    second = (int.from_bytes(raw[32:], "big") + CURVE_ORDER) % (1 << 256)
    return raw[:32] + second.to_bytes(32, "big")


def pem_secret(key):
    return key.pem


def jwk_secret(key):
    return json.dumps(key.jwk).encode()


def set_secret(key):
    return key_set(key).encode()


BAD = [
    # Algorithms, and keys of other ones.
    *(Bad(f"alg {alg!r}", "algorithm", with_head("ES256", alg=alg))
      for alg in ("none", "None", "NONE", "nOnE", "HS256", "HS384", "HS512", "RS384", "RS512",
                  "PS384", "PS512", "ES384", "ES512", "ES256K", "Ed25519", "eddsa", "rs256", "",
                  " ES256", "dir", "RSA1_5")),
    Bad("alg holds U+0000", "header", with_head("ES256", alg="ES256\x00")),
    *(Bad(f"alg is {what}", "algorithm", with_head("ES256", alg=value))
      for what, value in [("missing", None), ("a number", 256), ("a list", ["ES256"]),
                          ("an object", {}), ("true", True)]),
    Bad("none without a signature", "parts",
        lambda keys: compact(header(keys["ES256"], alg="none"), claims(), lambda _: b"")),
    Bad("none with a signature", "algorithm", with_head("RS256", alg="none")),
    *(Bad(f"HMAC by {what}", "algorithm", hmac_by(secret))
      for what, secret in [("the public key's PEM", pem_secret), ("its JWK", jwk_secret),
                           ("the set", set_secret), ("nothing", lambda key: b"")]),
    *(Bad(f"HMAC by the public key's PEM, said to be {alg}", rule, hmac_by(pem_secret, alg))
      for alg, rule in [("RS256", "signature_size"), ("PS256", "key_algorithm"),
                        ("ES256", "key_algorithm"), ("EdDSA", "key_algorithm")]),
    *(Bad(f"{said} by the key of {alg}", "key_algorithm", with_head(alg, alg=said))
      for alg in ALGORITHMS for said in ALGORITHMS if said != alg),
    Bad("PS256 by the key of RS256, signed so", "key_algorithm",
        lambda keys: compact(header(keys["RS256"], alg="PS256"), claims(),
                             lambda text: keys["RS256"].sign(text, "PS256"))),
    Bad("RS256 said, signed as PS256", "signature",
        lambda keys: compact(header(keys["RS256"]), claims(),
                             lambda text: keys["RS256"].sign(text, "PS256"))),
    *(Bad(f"{alg} by a stranger's key", "signature", by_stranger(alg)) for alg in ALGORITHMS),
    Bad("RS256 by a short key", "signature_size", by_stranger("RS256", bits=1024)),
    Bad("RS256 by a long key", "signature_size", by_stranger("RS256", bits=3072)),
    Bad("ES256 by a key on secp256k1", "signature", by_stranger("ES256", curve=ec.SECP256K1())),
    Bad("ES256 by a key on P-384", "signature_size", by_stranger("ES256", curve=ec.SECP384R1())),
    # Signatures.
    *(Bad(f"{alg} with a bit of the signature flipped {where}", "signature",
          signature_as(lambda raw, at=at: flipped(raw, at), alg))
      for alg in ALGORITHMS for where, at in [("first", 0), ("last", -1 % 32)]),
    *(Bad(f"{alg} with a signature of {what}", rule, signature_as(change, alg))
      for alg in ALGORITHMS
      for what, change, rule in [("zeros", lambda raw: bytes(len(raw)), "signature"),
                                 ("ones", lambda raw: b"\xff" * len(raw), "signature"),
                                 ("a byte less", lambda raw: raw[:-1], "signature_size"),
                                 ("a byte more", lambda raw: raw + b"\0", "signature_size"),
                                 ("a zero before it", lambda raw: b"\0" + raw,
                                  "signature_size")]),
    Bad("ES256 with a signature in DER", "signature_size", signature_as(der_signature)),
    Bad("ES256 with its halves swapped", "signature",
        signature_as(lambda raw: raw[32:] + raw[:32])),
    Bad("ES256 with s + n", "signature", signature_as(over_order)),
    Bad("another's payload under a good signature", "signature",
        lambda keys: ".".join([*token(keys["ES256"], sub="admin").split(".")[:2],
                               token(keys["ES256"]).split(".")[2]])),
    Bad("another header under a good signature", "signature",
        lambda keys: ".".join([token(keys["ES256"], head={"x": 1}).split(".")[0],
                               *token(keys["ES256"]).split(".")[1:]])),
    # Times, at the second.
    Bad("exp a second ago", "expired", seconds_ahead("exp", -1)),
    Bad("exp now", "expired", seconds_ahead("exp", 0)),
    Bad("exp 0", "expired", by("ES256", exp=0)),
    Bad("exp below 0", "expired", by("ES256", exp=-1)),
    *(Bad(f"exp is {what}", "expiry", by("ES256", exp=value))
      for what, value in [("missing", None), ("a string", str(int(time.time()) + 3600)),
                          ("true", True), ("a list", [9999999999]), ("an object", {})]),
    Bad("nbf in more than a minute", "too_early", seconds_ahead("nbf", 90)),
    Bad("nbf in a million years", "too_early", by("ES256", nbf=10**14)),
    Bad("nbf is a string", "not_before", by("ES256", nbf="0")),
    Bad("iat in more than a minute", "issued_later", seconds_ahead("iat", 90)),
    Bad("iat is a string", "issued_at", by("ES256", iat="0")),
    # For whom, by whom, of whom.
    *(Bad(f"aud is {what}", "audience", by("ES256", aud=value))
      for what, value in [("missing", None), ("another", "other"), ("none", []), ("empty", ""),
                          ("others", ["a", "b"]), ("in other case", "Factord"),
                          ("longer", "factord "), ("a part", "factor"), ("a number", 1),
                          ("ours beside a number", [AUDIENCE, 1]),
                          ("an object", {AUDIENCE: True}), ("a list of ours", [[AUDIENCE]])]),
    *(Bad(f"iss is {what}", "issuer", by("ES256", iss=value))
      for what, value in [("missing", None), ("another", "https://evil.example"),
                          ("with a slash", ISSUER + "/"), ("in other case", "https://IDP.example"),
                          ("without its scheme", "idp.example"), ("a list", [ISSUER]),
                          ("longer", ISSUER + ".evil.example"), ("empty", "")]),
    *(Bad(f"sub is {what}", "subject", by("ES256", sub=value))
      for what, value in [("missing", None), ("empty", ""), ("a number", 1), ("a list", ["a"]),
                          ("201 characters", "x" * 201), ("who nobody may be", "SYSTEM")]),
    # What is critical, encrypted, embedded, or of another type.
    *(Bad(f"crit {value!r:.40}", "critical", with_head("ES256", crit=value))
      for value in (["exp"], [], ["b64"], "exp")),
    Bad("b64 false", "critical", with_head("ES256", b64=False)),
    Bad("b64 false and crit", "critical", with_head("ES256", b64=False, crit=["b64"])),
    Bad("its own jwk", "embedded_key",
        lambda keys: token(keys["ES256"], head={"jwk": jwk_of(keys)})),
    Bad("a stranger's jwk", "embedded_key",
        lambda keys: (lambda key: token(key, head={"jwk": key.jwk}))(Key("ES256", "mine"))),
    *(Bad(f"{name} {value!r:.40}", "embedded_key", with_head("ES256", **{name: value}))
      for name, value in [("jku", "https://idp.example/keys"), ("jku", "http://127.0.0.1:1/"),
                          ("x5u", "https://evil.example/c.pem"), ("x5c", ["MIIB"]), ("x5c", []),
                          ("jwk", {})]),
    Bad("enc", "encrypted", with_head("ES256", enc="A256GCM")),
    Bad("zip", "encrypted", with_head("ES256", zip="DEF")),
    *(Bad(f"typ {value!r:.40}", "type", with_head("ES256", typ=value))
      for value in ("JWE", "jose+json", "dpop+jwt", "id_token", "", 1, ["JWT"])),
    Bad("five parts", "parts", text_as(lambda text: text + ".a.b")),
    Bad("four parts", "parts", text_as(lambda text: text + ".")),
    Bad("no signature", "parts", text_as(lambda text: text.rpartition(".")[0] + ".")),
    Bad("no payload", "parts", text_as(with_part(1, lambda part: ""))),
    # Names of keys.
    *(Bad(f"kid {value!r:.40}", "unknown_key", with_head("ES256", kid=value))
      for value in ("nobody", "../../../../etc/passwd", "/dev/null", "file:///dev/null",
                    "http://127.0.0.1:1/keys", "' OR 1=1 --", "es256",
                    "$(id)", "%00", "ES256 ", "*", "\u202e", "k" * 4000)),
    *(Bad(f"kid is {what}", "key_name", with_head("ES256", kid=value))
      for what, value in [("missing", None), ("a number", 1), ("a list", ["ES256"]),
                          ("an object", {"kid": "ES256"})]),
    Bad("kid holds U+0000", "header", with_head("ES256", kid="ES256\x00")),
    # JSON that two readers could read in two ways, or that is none.
    *(Bad(f"{name} twice in the header", "header",
          with_raw(head=lambda key, name=name: json_with(
              header(key), json.dumps({name: header(key)[name]})[1:-1].encode())))
      for name in ("alg", "kid", "typ")),
    *(Bad(f"{name} twice", "payload",
          with_raw(payload=json_with(claims(), json.dumps({name: claims()[name]})[1:-1].encode())))
      for name in ("iss", "aud", "exp", "sub")),
    Bad("a member twice, deep in it", "payload",
        with_raw(payload=json_with(claims(), b'"r":{"a":1,"a":2}'))),
    Bad("a member twice, once escaped", "payload",
        with_raw(payload=json_with(claims(), rb'"s\u0075b":"admin"'))),
    *(Bad(f"the payload is {what}", "payload", with_raw(payload=value))
      for what, value in [("a list", b"[]"), ("null", b"null"), ("a string", b'"a"'),
                          ("two objects", b"{}{}"), ("cut", b'{"a":'), ("no JSON", b"\xff\xfe"),
                          ("behind a BOM", b"\xef\xbb\xbf{}"),
                          ("with a comment", b'{"a":1/**/}'), ("of NaN", b'{"a":NaN}'),
                          ("with a comma more", b'{"a":1,}'),
                          ("not UTF-8", b'{"a":"\xc3\x28"}'),
                          ("of half a surrogate", rb'{"a":"\ud800"}'),
                          ("nested", b'{"a":' + nested(1000) + b"}")]),
    *(Bad(f"the header is {what}", "header", with_raw(head=lambda key, value=value: value))
      for what, value in [("no JSON", b"{x"), ("nested", b'{"a":' + nested(2000) + b"}"),
                          ("cut", b'{"alg":"ES256"'), ("two objects", b"{}{}")]),
    # Encodings.
    *(Bad(f"{what} in the {part}", "encoding", text_as(with_part(index, change)))
      for index, part in [(0, "header"), (1, "payload"), (2, "signature")]
      for what, change in [("padding", lambda text: text + "=" * (-len(text) % 4 or 4)),
                           ("a plus", lambda text: text[:5] + "+" + text[6:]),
                           ("a slash", lambda text: text[:5] + "/" + text[6:]),
                           ("a letter that is no byte", lambda text: text[:len(text) // 4 * 4 - 3]),
                           ("a tilde", lambda text: text[:-1] + "~")]),
    Bad("a signature with other bits behind its end", "encoding",
        text_as(with_part(2, tail_bits))),
    # Sizes.
    Bad("more than 8 KiB", "size", sized(BOUND + 1)),
    Bad("20 KiB of header", "size", lambda keys: token(keys["ES256"], head={"x": "y" * 20_000})),
    Bad("a million small members", "size",
        lambda keys: token(keys["ES256"], **{f"m{i}": i for i in range(2_000)})),
    # Roles in a shape that is none.
    *(Bad(f"roles as {what}", "roles", by("ES256", roles=value))
      for what, value in [("a string", "factor-admin"), ("a number", 1), ("numbers", [1]),
                          ("lists", [["factor-admin"]]), ("an object of strings", {"r": "acme"}),
                          ("an object of lists", {"r": ["acme"]})]),
    Bad("roles in too many organizations", "organizations",
        by("ES256", roles={"factor-admin": {f"o{i}": "d" for i in range(129)}})),
]
