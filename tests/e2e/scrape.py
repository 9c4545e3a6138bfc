"""What a server tells who watches it: its metrics, as Prometheus' own client reads them."""

import subprocess
import time

from prometheus_client.parser import text_string_to_metric_families

from factord import PATIENCE_S, Factord
from wire import Connection, request

# RFC 8037, appendix A: a key, so that there is an issuer to tell of.
_KEYS = ('{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k",'
         '"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}')
TEXT = "text/plain; version=0.0.4; charset=utf-8"


def an_issuer(folder):
    """The flags of one whose keys are a file in this folder."""
    file = folder / "issuer.json"
    file.write_text(_KEYS)
    return "--jwt-issuer", "https://idp.example", "--jwt-audience", "x", "--jwt-jwks-file", file


class Watched(Factord):
    """A server with --admin-listen on one port that the kernel picks."""

    def __init__(self, data_dir, *arguments, **options):
        super().__init__(data_dir, "--admin-listen", "127.0.0.1:0", *arguments, **options)

    def start(self):
        super().start()
        line = self.lines.get(timeout=PATIENCE_S)
        assert line.startswith("monitoring on 127.0.0.1:"), line
        self.monitoring_port = int(line.rpartition(":")[2])
        return self

    def watch(self):
        return Connection.tcp(self.monitoring_port)

    def scrape(self):
        with self.watch() as connection:
            return Scrape(connection)


class Scrape:
    """The metrics of one moment, over a connection that stays open."""

    def __init__(self, connection):
        answer = connection.ask(request("GET", "/metrics"))
        assert (answer.status, answer.header("Content-Type")) == (200, TEXT), answer
        self.text = answer.body.decode()
        self.families = {family.name: family
                         for family in text_string_to_metric_families(self.text)}
        self.samples = {(sample.name, frozenset(sample.labels.items())): sample.value
                        for family in self.families.values() for sample in family.samples}

    def __call__(self, name, **labels):
        return self.samples[name, frozenset(labels.items())]

    def all(self, name):
        """labels: value, of all samples of this name; labels as a dict's items."""
        return {labels: value for (found, labels), value in self.samples.items() if found == name}

    def nonzero(self, name):
        return {tuple(sorted(labels)): value for labels, value in self.all(name).items() if value}

    def requests(self):
        """(operation, code, protocol): how many, of those that there were."""
        return {tuple(dict(labels)[key] for key in ("operation", "code", "protocol")): value
                for labels, value in self.all("factord_requests_total").items() if value}

    def total(self, name):
        return sum(self.all(name).values())


def await_metric(server, name, value, **labels):
    """What a thread looks at now and then, it has looked at soon."""
    deadline = time.monotonic() + PATIENCE_S
    while (seen := server.scrape())(name, **labels) != value:
        assert time.monotonic() < deadline, seen(name, **labels)
        time.sleep(0.05)
    return seen


def label_of(protocol):
    """What metrics and logs call a protocol."""
    for family in ("json", "grpc-web", "grpc", "connect"):
        if protocol.startswith(family):
            return family.replace("-", "_")
    raise AssertionError(protocol)


def promtool(*arguments, text=None):
    done = subprocess.run(["promtool", *map(str, arguments)], input=text, capture_output=True,
                          text=True, timeout=5 * PATIENCE_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
