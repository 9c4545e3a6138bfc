"""Protobuf messages, as classes that are made from the .proto files when they are first wanted."""

import functools
import pathlib
import subprocess
import tempfile

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PROTO = pathlib.Path(__file__).resolve().parent.parent.parent / "server/protocol/proto"
SERVICE = "zitadel.user.v2.UserService"


@functools.cache
def pool():
    """All that the .proto files declare."""
    files = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["protoc", "-I", PROTO, "--include_imports",
                        f"--descriptor_set_out={out.name}", *files], check=True)
        found = descriptor_pb2.FileDescriptorSet.FromString(out.read())
    made = descriptor_pool.DescriptorPool()
    for file in found.file:
        made.Add(file)
    return made


@functools.cache
def message(name):
    """The class of a message with this full name."""
    return message_factory.MessageFactory(pool()).GetPrototype(pool().FindMessageTypeByName(name))


@functools.cache
def of_method(name):
    """The classes of request and answer of a method of the user service."""
    method = pool().FindServiceByName(SERVICE).methods_by_name[name]
    return message(method.input_type.full_name), message(method.output_type.full_name)


def error_detail(value):
    """A zitadel.v1.ErrorDetail from its bytes."""
    return message("zitadel.v1.ErrorDetail").FromString(value)
