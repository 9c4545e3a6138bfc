"""An identity provider on loopback, as good or as bad as a test wants it."""

import http.server
import json
import ssl
import threading
import time

from factord import PATIENCE_S
from tokens import key_set

KEYS = "/keys"
DISCOVERY = "/.well-known/openid-configuration"


class Provider:
    """Answers for its keys by `answers`, path -> function of the request's handler."""

    def __init__(self, *keys, pair=None, cache_control=None, host="127.0.0.1",
                 tls_version=None):
        self.keys = list(keys)
        self.pair = pair
        self.host = host
        self.tls_version = tls_version  # the newest that it speaks
        self.cache_control = cache_control
        self.answers = {KEYS: self.send_keys, DISCOVERY: self.send_discovery}
        self.asked = []  # paths, in order
        self.port = 0
        self.released = threading.Event()  # what is slow ends with the provider
        self.up()

    def up(self):
        """Again on the port that it had."""
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                provider.asked.append(self.path)
                answer = provider.answers.get(self.path)
                if answer is None:
                    self.send_error(404)
                else:
                    answer(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                pass  # a client that leaves

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        if self.pair is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.pair.cert, self.pair.key)
            if self.tls_version is not None:
                context.set_ciphers("DEFAULT:@SECLEVEL=0")
                context.minimum_version = context.maximum_version = self.tls_version
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                     do_handshake_on_connect=False)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        return self

    def down(self):
        """Who connects is refused."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def close(self):
        self.released.set()
        self.down()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def url(self):
        return f"{'https' if self.pair else 'http'}://{self.host}:{self.port}"

    @property
    def flags(self):
        return "--jwt-jwks-url", self.url + KEYS

    def await_asked(self, times, path=KEYS):
        deadline = time.monotonic() + PATIENCE_S
        while self.asked.count(path) < times:
            assert time.monotonic() < deadline, self.asked
            time.sleep(0.01)

    # Answers.
    def send(self, handler, body, status=200, fields=()):
        handler.send_response(status)
        for name, value in fields:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def send_keys(self, handler):
        fields = [("Cache-Control", self.cache_control)] if self.cache_control else []
        self.send(handler, key_set(*self.keys).encode(), fields=fields)

    def send_discovery(self, handler, **changed):
        said = {"issuer": self.url, "jwks_uri": self.url + KEYS, **changed}
        self.send(handler, json.dumps(said).encode())

    def send_text(self, body, status=200, fields=()):
        return lambda handler: self.send(handler, body, status, fields)

    def send_nothing(self, handler):
        """Until the test is over."""
        self.released.wait(PATIENCE_S)

    def send_slowly(self, handler):
        """A byte now and then, of an answer that has no end."""
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not self.released.wait(0.1):
            handler.wfile.write(b" ")

    def send_much(self, handler):
        """100 MB, as far as somebody takes it."""
        handler.send_response(200)
        handler.send_header("Content-Length", str(100 << 20))
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b" " * (1 << 20))

    def send_much_in_chunks(self, handler):
        handler.protocol_version = "HTTP/1.1"
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(100):
            handler.wfile.write(b"100000\r\n" + b" " * (1 << 20) + b"\r\n")
        handler.wfile.write(b"0\r\n\r\n")

    def send_long_extension(self, handler):
        """100 MB that say of a chunk what nobody wants to know."""
        self.send_in_a_chunk(handler, b"1;")

    def send_long_trailer(self, handler):
        self.send_in_a_chunk(handler, b"1\r\n \r\n0\r\nA: ")

    def send_in_a_chunk(self, handler, begin):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + begin)
        for _ in range(100):
            handler.wfile.write(b"a" * (1 << 20))
