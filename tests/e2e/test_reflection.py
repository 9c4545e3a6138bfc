"""Server reflection: a stream in both directions, each question answered as it arrives."""

import pytest
from google.protobuf import descriptor_pb2

from http2 import Http2Connection
from messages import SERVICE, message
from rpc import Client, enveloped, envelopes

VERSIONS = ("v1", "v1alpha")
TYPES = {  # how a stream ends: flags of the last envelope, None: with trailers
    "application/grpc": None, "application/grpc-web+proto": 0x80, "application/connect+proto": 2}


@pytest.fixture
def connection(server):
    with Http2Connection.tcp(server.port) as made:
        yield made


def path(version):
    return f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"


def question(version, **fields):
    asked = message(f"grpc.reflection.{version}.ServerReflectionRequest")(**fields)
    return enveloped(asked.SerializeToString())


def read_answer(version, payload):
    return message(f"grpc.reflection.{version}.ServerReflectionResponse").FromString(payload)


def end_of(answer, form):
    """The status of the stream's end, and the payloads before it."""
    found = envelopes(answer.body)
    if TYPES[form] is None:
        status = dict(answer.trailers or answer.fields)["grpc-status"]
        return status, [payload for _, payload in found]
    flags, last = found.pop()
    assert flags == TYPES[form]
    if flags == 0x80:
        return last.decode().split("grpc-status: ")[1].split("\r\n")[0], [one for _, one in found]
    return ("0" if last == b"{}" else last.decode()), [payload for _, payload in found]


def read_message(connection, number, at):
    """The envelope that starts at so many bytes of the body, whole."""
    head = connection.read_body(number, at + 5)
    length = int.from_bytes(head[at + 1:at + 5], "big")
    return connection.read_body(number, at + 5 + length)[at:]


@pytest.mark.parametrize("form", TYPES)
@pytest.mark.parametrize("version", VERSIONS)
def test_each_question_is_answered_before_the_next(connection, version, form):
    number = connection.begin("POST", path(version), [("Content-Type", form)])
    connection.send(number, question(version, list_services=""), end=False)
    [(_, first)] = envelopes(read_message(connection, number, 0))
    size = 5 + len(first)
    for count in (2, 3):
        connection.send(number, question(version, list_services=""), end=False)
        assert len(connection.read_body(number, count * size)) == count * size
        assert not connection.streams[number].ended
    connection.send(number, b"")
    status, payloads = end_of(connection.read(number), form)
    assert status == "0"
    listed = [one.name for one in
              read_answer(version, payloads[-1]).list_services_response.service]
    assert SERVICE in listed and "grpc.health.v1.Health" in listed
    assert {"factord.v1.EventService", "factord.v1.FactorService",
            "factord.v1.UserService"} <= set(listed)


@pytest.mark.parametrize("form", TYPES)
def test_a_question_in_single_bytes(connection, form):
    number = connection.begin("POST", path("v1"), [("Content-Type", form)])
    for byte in question("v1", file_containing_symbol=SERVICE):
        connection.send(number, bytes([byte]), end=False)
    connection.send(number, b"")
    status, [payload] = end_of(connection.read(number), form)
    files = [descriptor_pb2.FileDescriptorProto.FromString(each) for each in
             read_answer("v1", payload).file_descriptor_response.file_descriptor_proto]
    assert status == "0"
    assert "RemoveOTPEmail" in [method.name for file in files for service in file.service
                                for method in service.method]


@pytest.mark.parametrize("sizes", [(30_000, 40_000), (40_000, 40_000), (1, 65_000), (60_000,) * 5,
                                   (65_000,) * 3])
def test_messages_larger_than_the_rest_of_the_window(connection, sizes):
    """What was read makes room for the next, whatever its size."""
    number = connection.begin("POST", path("v1"), [("Content-Type", "application/grpc")])
    for size in sizes:
        connection.send(number, question("v1", file_containing_symbol="x" * size), end=False)
    connection.send(number, b"")
    status, payloads = end_of(connection.read(number), "application/grpc")
    assert (status, len(payloads)) == ("0", len(sizes))


def test_an_unknown_symbol_is_an_answer(connection):
    number = connection.begin("POST", path("v1"), [("Content-Type", "application/grpc")])
    connection.send(number, question("v1", file_containing_symbol="no.such.Thing"))
    status, [payload] = end_of(connection.read(number), "application/grpc")
    assert (status, read_answer("v1", payload).error_response.error_code) == ("0", 5)


@pytest.mark.parametrize("body, status", [
    (b"\0\0\0\0", "3"), (enveloped(b"\xff"), "3"), (enveloped(b"", 4), "3"),
    (b"\0\0\1\0\1", "8"), (enveloped(b"x", 1), "3")])
def test_faults_end_the_stream(connection, body, status):
    number = connection.begin("POST", path("v1"), [("Content-Type", "application/grpc")])
    connection.send(number, question("v1", list_services="") + body)
    seen, payloads = end_of(connection.read(number), "application/grpc")
    assert (seen, len(payloads)) == (status, 1)


def test_streams_are_independent(connection):
    first, second = (connection.begin("POST", path("v1"), [("Content-Type", "application/grpc")])
                     for _ in range(2))
    connection.send(second, question("v1", list_services=""))
    assert end_of(connection.read(second), "application/grpc")[0] == "0"
    connection.send(first, question("v1", list_services=""))
    assert end_of(connection.read(first), "application/grpc")[0] == "0"


def test_over_http1_the_stream_is_one_body(server):
    client = Client("grpc-web-http1", server.port)
    answer = client.connection.ask("POST", path("v1"), [
        ("Content-Type", "application/grpc-web+proto")], question("v1", list_services="") * 2)
    status, payloads = end_of(answer, "application/grpc-web+proto")
    assert (status, len(payloads)) == ("0", 2)
    client.close()


@pytest.mark.parametrize("form", [form for form in TYPES if TYPES[form]])
def test_a_small_request_makes_no_huge_answer(server, form):
    """Of questions whose answers are a hundred times as long it answers so many."""
    client = Client("grpc-web-http1", server.port)
    answer = client.connection.ask("POST", path("v1"), [("Content-Type", form)],
                                   question("v1", file_containing_symbol=SERVICE) * 1300)
    status, payloads = end_of(answer, form)
    assert status == "8" or "resource_exhausted" in status
    one = len(payloads[0])
    assert one > 4000 and len(answer.body) < 256 * 1024 + 2 * one
    assert 0 < len(payloads) < 1300
    client.close()
