"""JWTs for tests, good ones and bad ones, made of their parts by hand: nothing that a library would
not sign is out of reach. Keys and signatures are of python3-cryptography."""

import base64
import json
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

ISSUER = "https://idp.example"
AUDIENCE = "factord"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value):
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class Key:
    """A key pair with its algorithm and its name."""

    def __init__(self, alg, kid, bits=2048, curve=None):
        self.alg, self.kid = alg, kid
        if alg in ("RS256", "PS256"):
            self.private = rsa.generate_private_key(65537, bits)
        elif alg == "ES256":
            self.private = ec.generate_private_key(curve or ec.SECP256R1())
        else:
            self.private = ed25519.Ed25519PrivateKey.generate()

    @property
    def public(self):
        return self.private.public_key()

    @property
    def jwk(self):
        """As it stands in a set."""
        known = {"kid": self.kid, "alg": self.alg, "use": "sig"}
        if self.alg in ("RS256", "PS256"):
            numbers = self.public.public_numbers()
            return {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e), **known}
        if self.alg == "ES256":
            point = self.public.public_bytes(serialization.Encoding.X962,
                                             serialization.PublicFormat.UncompressedPoint)[1:]
            half = len(point) // 2
            return {"kty": "EC", "crv": "P-256", "x": b64(point[:half]), "y": b64(point[half:]),
                    **known}
        raw = self.public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return {"kty": "OKP", "crv": "Ed25519", "x": b64(raw), **known}

    @property
    def pem(self):
        return self.public.public_bytes(serialization.Encoding.PEM,
                                        serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, text, alg=None):
        """As a JWS has it, by this algorithm or its own."""
        alg = alg or self.alg
        if alg == "RS256":
            return self.private.sign(text, padding.PKCS1v15(), hashes.SHA256())
        if alg == "PS256":
            return self.private.sign(text, padding.PSS(padding.MGF1(hashes.SHA256()), 32),
                                     hashes.SHA256())
        if alg == "ES256":
            size = (self.private.curve.key_size + 7) // 8
            first, second = utils.decode_dss_signature(
                self.private.sign(text, ec.ECDSA(hashes.SHA256())))
            return first.to_bytes(size, "big") + second.to_bytes(size, "big")
        return self.private.sign(text)


def key_set(*keys):
    return json.dumps({"keys": [key if isinstance(key, dict) else key.jwk for key in keys]})


def claims(**changed):
    """Those of a good token; None takes one away."""
    now = int(time.time())
    all_of_them = {"iss": ISSUER, "aud": AUDIENCE, "sub": "somebody", "iat": now, "exp": now + 3600,
                   **changed}
    return {name: value for name, value in all_of_them.items() if value is not None}


def header(key, **changed):
    all_of_it = {"alg": key.alg, "kid": key.kid, "typ": "JWT", **changed}
    return {name: value for name, value in all_of_it.items() if value is not None}


def compact(head, payload, signature):
    """Of bytes, or of what JSON is made of."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode()
             for part in (head, payload)]
    text = ".".join(map(b64, parts))
    return f"{text}.{b64(signature(text.encode()))}"


def token(key, head=None, **changed):
    """A token by this key, with these claims changed."""
    return compact(header(key, **(head or {})), claims(**changed), key.sign)
