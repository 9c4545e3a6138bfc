"""TLS for tests: certificates made on the spot, and connections that check them."""

import socket
import ssl
import subprocess

from wire import PATIENCE_S, Connection

EC = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
RSA = ("rsa:2048",)


class Pair:
    """A certificate and its key, as files."""

    def __init__(self, folder, name, key_type=EC, signer=None, common_name="localhost",
                 names="DNS:localhost,IP:127.0.0.1"):
        self.cert = folder / f"{name}.cert.pem"
        self.key = folder / f"{name}.key.pem"
        command = ["openssl", "req", "-x509", "-nodes", "-days", "2", "-newkey", *key_type,
                   "-keyout", self.key, "-out", self.cert, "-subj", f"/CN={common_name}",
                   "-addext", f"subjectAltName={names}"]
        if signer is not None:
            command += ["-CA", signer.cert, "-CAkey", signer.key,
                        "-addext", "basicConstraints=critical,CA:false"]
        subprocess.run(list(map(str, command)), check=True, capture_output=True)

    @property
    def flags(self):
        return ("--tls-cert", self.cert, "--tls-key", self.key)

    @property
    def der(self):
        return ssl.PEM_cert_to_DER_cert(self.cert.read_text())


def trusting(*pairs, protocols=("http/1.1",), mine=None, version=None, ciphers=None):
    """A client's context that trusts these, shows `mine`, and may be bound to one version."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for pair in pairs:
        context.load_verify_locations(pair.cert)
    if mine is not None:
        context.load_cert_chain(mine.cert, mine.key)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    # What we refuse must be offered first.
    context.set_ciphers((ciphers or "DEFAULT") + ":@SECLEVEL=0")
    if version is not None:
        context.minimum_version = version
        context.maximum_version = version
    return context


def connect(port, context, session=None):
    """A connection past its handshake. The end of it must be one of TLS, not of TCP alone."""
    sock = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        wrapped = context.wrap_socket(sock, server_hostname="localhost", session=session,
                                      suppress_ragged_eofs=False)
    except BaseException:
        sock.close()
        raise
    return Connection(wrapped)
