"""Clients that nobody here wrote, behind one face: call(method, message, token) -> Outcome."""

import functools
import json
import pathlib
import subprocess
import urllib.parse

import grpc
from google.protobuf import json_format

from messages import SERVICE, error_detail, message, of_method
from outcome import CONNECT_CODES, Outcome, from_base64
from rpc import OPERATIONS, json_outcome
from wire import Answer

HERE = pathlib.Path(__file__).resolve().parent
BUF = HERE / "node_modules/.bin/buf"
PATIENCE_S = 60


class Npm:
    """A client from npm, behind client.mjs."""

    def __init__(self, name, url):
        self.process = subprocess.Popen(["node", HERE / "client.mjs", name, url], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        assert self.process.wait(PATIENCE_S) == 0

    def call(self, method, sent, token=None):
        question = {"method": method[0].lower() + method[1:], "message": sent, "token": token}
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        said = json.loads(self.process.stdout.readline())
        if "message" in said:
            return Outcome(message=said["message"])
        return Outcome(said["code"], said["text"], said.get("id"), said.get("detail"))


class Grpcio:
    """Debian's python3-grpcio."""

    def __init__(self, url, cert=None):
        scheme, _, place = url.partition("://")
        if scheme == "https":
            trust = grpc.ssl_channel_credentials(cert.read_bytes())
            self.channel = grpc.secure_channel(place, trust)
        else:
            self.channel = grpc.insecure_channel(place)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def call(self, method, sent, token=None):
        request, answer = of_method(method)
        stub = self.channel.unary_unary(f"/{SERVICE}/{method}",
                                        request_serializer=request.SerializeToString,
                                        response_deserializer=answer.FromString)
        metadata = [("authorization", f"Bearer {token}")] if token else []
        try:
            said = stub(json_format.ParseDict(sent, request()), metadata=metadata,
                        timeout=PATIENCE_S)
        except grpc.RpcError as failure:
            return self._outcome(failure)
        return Outcome(message=json_format.MessageToDict(said))

    @staticmethod
    def _outcome(failure):
        code = failure.code().value[0]
        trailers = dict(failure.trailing_metadata())
        if "grpc-status-details-bin" not in trailers:
            return Outcome(code, failure.details())
        status = message("google.rpc.Status").FromString(trailers["grpc-status-details-bin"])
        detail = error_detail(status.details[0].value)
        return Outcome(code, failure.details(), detail.id, detail.message)


class BufCurl:
    """`buf curl`: no proto files, it asks the server's reflection before each call."""

    def __init__(self, protocol, url, cert=None):
        self.command = [BUF, "curl", "--protocol", protocol,
                        *(["--cacert", cert] if cert else ["--http2-prior-knowledge"])]
        self.url = url

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def call(self, method, sent, token=None):
        header = ["-H", f"authorization: Bearer {token}"] if token else []
        done = subprocess.run([*self.command, *header, "-d", json.dumps(sent),
                               f"{self.url}/{SERVICE}/{method}"], capture_output=True, text=True,
                              timeout=PATIENCE_S, check=False)
        if done.returncode == 0:
            return Outcome(message=json.loads(done.stdout))
        said = json.loads(done.stderr)
        code = CONNECT_CODES[said["code"]]
        # It says so by itself: the code, in the bits that a shell leaves to it.
        assert done.returncode == code << 3
        if "details" not in said:
            return Outcome(code, said["message"])
        detail = error_detail(from_base64(said["details"][0]["value"]))
        return Outcome(code, said["message"], detail.id, detail.message)


class Curl:
    """JSON by paths."""

    def __init__(self, version, url, cert=None):
        self.version = version
        flags = {"1.1": "--http1.1", "2": "--http2" if cert else "--http2-prior-knowledge"}
        self.command = ["curl", "-sS", "--max-time", str(PATIENCE_S), flags[version],
                        "-w", "\n%{http_code} %{http_version}"]
        if cert:
            self.command += ["--cacert", cert]
        self.url = url

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def call(self, method, sent, token=None):
        verb, path = OPERATIONS[method]
        body = dict(sent)
        if "{}" in path:
            path = path.format(urllib.parse.quote(body.pop("userId"), safe=""))
        command = [*self.command, "-X", verb]
        if verb == "POST":
            command += ["-d", json.dumps(body)]
        if token:
            command += ["-H", f"Authorization: Bearer {token}"]
        done = subprocess.run([*command, self.url + path], capture_output=True, text=True,
                              timeout=PATIENCE_S + 5, check=False)
        assert done.returncode == 0, done.stderr
        text, _, tail = done.stdout.rpartition("\n")
        status, version = tail.split()
        assert version == self.version
        return json_outcome(method, Answer(int(status), "", [], text.encode()))


# @zitadel/client on its own two transports (gRPC, gRPC-Web) and on others of Connect's; grpc-js.
NPM = ("zitadel-server", "zitadel-web", "grpc-web-http2", "connect-http1", "connect-http2",
       "grpc-js")
# The transports of @connectrpc/connect-node that stream, as factord_services.mjs has them.
CONNECT_NODE = ("connect-node gRPC", "connect-node gRPC-Web", "connect-node Connect",
                "connect-node Connect, JSON")
CLIENTS = {
    **{name: functools.partial(Npm, name) for name in NPM},
    "grpcio": Grpcio,
    **{f"buf-{protocol}": functools.partial(BufCurl, protocol)
       for protocol in ("grpc", "grpcweb", "connect")},
    **{f"curl-http{version}": functools.partial(Curl, version) for version in ("1.1", "2")},
}
# The same over TLS.
TLS_CLIENTS = {f"{name}-tls": CLIENTS[name]
               for name in ("grpcio", "buf-grpc", "curl-http1.1", "curl-http2")}
