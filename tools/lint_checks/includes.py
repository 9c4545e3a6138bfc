"""Direction: what each folder may include and link, as the table in ARCHITECTURE.md has it."""

import os
import re

from .tree import Check

_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

# The house, lowest first: folder -> the folders that it may include and link, all of them above it
# here.
HOUSE = {
    "storage/base": [],
    "storage/model": ["storage/base"],
    "storage/engine": ["storage/base", "storage/model"],
    "storage/commit": ["storage/base", "storage/model", "storage/engine"],
    "storage/audit": ["storage/base", "storage/model", "storage/engine", "storage/commit"],
    "storage/rocksdb/failure": ["storage/base"],
    "storage/rocksdb/wal": ["storage/base", "storage/rocksdb/failure"],
    "storage/rocksdb/memtable": ["storage/base"],
    "storage/rocksdb": ["storage/base", "storage/model", "storage/engine",
                        "storage/rocksdb/failure", "storage/rocksdb/wal",
                        "storage/rocksdb/memtable"],
    "storage/postgres": ["storage/base", "storage/model", "storage/engine"],
    "storage/backup": ["storage/base", "storage/model", "storage/engine", "storage/audit",
                       "storage/rocksdb/failure", "storage/rocksdb/wal", "storage/rocksdb"],
    "storage/open": ["storage/base", "storage/model", "storage/engine", "storage/audit",
                     "storage/rocksdb", "storage/postgres", "storage/backup"],
    "storage": ["storage/open"],
    # The limits of the queue are part of the one struct of limits.
    "server/base": ["storage/base", "storage/commit"],
    "server/jwt": ["storage/base"],
    "server/service/credentials": ["storage/base", "storage/model", "storage/engine",
                                   "server/jwt"],
    "server/service": ["storage/base", "storage/model", "storage/engine", "storage/commit",
                       "server/base", "server/service/credentials"],
    "server/tracing": ["storage/base", "server/base", "server/service"],
    "server/protocol/json": ["storage/base"],
    "server/protocol/wire": ["storage/base", "server/base", "server/service",
                             "server/protocol/json"],
    "server/protocol/proto": [],
    "server/protocol/messages": ["storage/base", "storage/model", "server/service",
                                 "server/protocol/wire", "server/protocol/json",
                                 "server/protocol/proto"],
    "server/protocol/rest": ["storage/base", "server/service", "server/protocol/wire",
                             "server/protocol/json", "server/protocol/messages"],
    "server/protocol/rpc": ["storage/base", "server/base", "server/service",
                            "server/protocol/wire", "server/protocol/json",
                            "server/protocol/proto", "server/protocol/messages"],
    "server/protocol/http1": ["storage/base", "server/base", "server/protocol/wire"],
    "server/protocol/http2": ["storage/base", "server/base", "server/protocol/wire"],
    "server/protocol/tls": ["storage/base", "server/protocol/wire"],
    "server/protocol": ["storage/base", "storage/engine", "server/base", "server/service",
                        "server/tracing",
                        "server/protocol/wire", "server/protocol/json",
                        "server/protocol/messages", "server/protocol/rest",
                        "server/protocol/rpc", "server/protocol/http1",
                        "server/protocol/http2", "server/protocol/tls"],
    "server/metrics": ["storage/base", "storage/model", "storage/engine", "server/base",
                       "server/service", "server/protocol/wire"],
    "server/net": ["storage/base", "storage/engine", "storage/commit", "server/base",
                   "server/jwt", "server/service/credentials", "server/service", "server/tracing",
                   "server/protocol/wire", "server/protocol/http1", "server/protocol/tls",
                   "server/protocol", "server/metrics"],
    "server/dev": ["storage/base", "storage/model", "storage/engine", "storage/commit",
                   "server/base", "server/service/credentials", "server/service",
                   "server/protocol/json", "server/net"],
    "server/config": ["storage/base", "storage/engine", "storage/open", "server/base",
                      "server/service/credentials", "server/service", "server/protocol/json",
                      "server/protocol/tls", "server/net"],
    "server": ["storage/base", "storage/engine", "storage/open", "storage/rocksdb", "server/base",
               "server/protocol/messages", "server/net", "server/config", "server/dev"],
}

# What stands on it: folder -> prefixes of project headers that it may include.
PROJECT = {
    "tools/": ["tools/", "server/service/", "server/base/", "server/protocol/", "storage/"],
    "bench/": ["bench/", "server/", "storage/", "tools/"],
    "tests/unit/storage/": ["tests/", "storage/"],
    "tests/unit/server/jwt/": ["tests/", "storage/", "server/jwt/"],
    "tests/unit/server/service/": ["tests/", "storage/", "server/base/", "server/jwt/",
                                   "server/service/"],
    "tests/unit/server/tracing/": ["tests/", "storage/", "server/base/", "server/service/",
                                   "server/tracing/"],
    "tests/unit/server/protocol/": ["tests/", "storage/", "server/base/", "server/service/",
                                    "server/tracing/", "server/protocol/"],
    "tests/": ["tests/", "server/", "storage/", "tools/"],
}

# Folder -> prefixes of third-party headers that it may include. Plain Boost is what results,
# errors and checks are made of.
_PLAIN_BOOST = ["boost/assert/", "boost/system/", "boost/config", "boost/throw_exception.hpp"]
_THIRD_PARTY = {
    "storage/": [*_PLAIN_BOOST, "google/protobuf/", "openssl/"],
    "storage/base/": _PLAIN_BOOST,
    "storage/rocksdb/": [*_PLAIN_BOOST, "rocksdb/", "google/protobuf/", "openssl/"],
    "storage/postgres/": [*_PLAIN_BOOST, "libpq-fe.h", "google/protobuf/", "openssl/"],
    "storage/backup/": [*_PLAIN_BOOST, "rocksdb/", "google/protobuf/"],
    "server/base/": [*_PLAIN_BOOST, "spdlog/"],
    "server/jwt/": [*_PLAIN_BOOST, "boost/json/", "openssl/"],
    "server/service/": [*_PLAIN_BOOST, "google/protobuf/", "openssl/"],
    "server/tracing/": [*_PLAIN_BOOST, "google/protobuf/"],
    "server/protocol/": [*_PLAIN_BOOST, "google/protobuf/"],
    "server/protocol/http1/": [*_PLAIN_BOOST, "boost/beast/", "boost/asio/buffer.hpp"],
    "server/protocol/http2/": [*_PLAIN_BOOST, "nghttp2/"],
    "server/protocol/tls/": [*_PLAIN_BOOST, "openssl/"],
    "server/net/": [*_PLAIN_BOOST, "boost/asio/", "boost/asio.hpp"],
    "server/net/http_client": [*_PLAIN_BOOST, "boost/asio/", "boost/beast/", "openssl/"],
    "server/config/": [*_PLAIN_BOOST, "CLI/"],
    "server/": _PLAIN_BOOST,
    "tools/": ["boost/", "CLI/", "openssl/", "google/protobuf/", "nghttp2/"],
    "bench/": ["boost/", "CLI/", "benchmark/", "google/protobuf/", "rocksdb/", "openssl/"],
    "tests/unit/storage/": [*_PLAIN_BOOST, "gtest/", "gmock/", "rocksdb/", "libpq-fe.h",
                            "google/protobuf/", "openssl/"],
    "tests/": ["boost/", "gtest/", "gmock/", "google/protobuf/", "openssl/", "rocksdb/", "CLI/",
               "nghttp2/"],
}
_KNOWN = ("boost/", "rocksdb/", "libpq-fe.h", "google/", "openssl/", "spdlog/", "fmt/", "CLI/",
          "nghttp2/", "gtest/", "gmock/", "benchmark/")

# The system's own headers of sockets, and who may open one.
_SOCKETS = re.compile(r"^(?:sys/(?:socket|un|epoll|eventfd)|netinet/.*|arpa/.*|netdb|poll)\.h$|"
                      r"^(?:netinet|arpa)/")
# (log_writer waits until somebody reads what it writes.)
_MAY_OPEN_SOCKETS = ("server/net/", "server/base/log_writer", "storage/postgres/", "tools/",
                     "bench/", "tests/")


def rule(table, path):
    """The entry of the deepest folder that holds this file."""
    folders = [folder for folder in table if path.startswith(folder)]
    return table[max(folders, key=len)] if folders else None


def _room(path):
    """The folder of the house that holds this file, if any."""
    folder = os.path.dirname(path)
    while folder and folder not in HOUSE:
        folder = os.path.dirname(folder)
    return folder or None


def _may_include(path, header):
    room = _room(path)
    if room is None:
        return header.startswith(tuple(rule(PROJECT, path)))
    return _room(header) in (room, *HOUSE[room])


def _verdict(path, header, quoted):
    if _room(path) is None and rule(PROJECT, path) is None:
        return None
    if quoted:
        return None if _may_include(path, header) else "is above or beside this layer"
    if header.startswith(_KNOWN):
        allowed = header.startswith(tuple(rule(_THIRD_PARTY, path)))
        return None if allowed else "is a library that this layer may not use"
    if _SOCKETS.match(header) and not path.startswith(_MAY_OPEN_SOCKETS):
        return "opens sockets, which only server/net and storage/postgres do"
    return None


def check_includes(tree):
    findings = []
    for path in tree.cpp():
        for number, line in tree.lines(path):
            match = _INCLUDE.match(line)
            verdict = match and _verdict(path, match.group(2), match.group(1) == '"')
            if verdict:
                findings.append(f"{path}:{number}: {match.group(2)} {verdict}")
    return findings


def _sample(path, include):
    return {path: f"#pragma once\n\n#include {include}\n"}


CHECKS = [
    Check("includes", check_includes,
          bad=[_sample("storage/model/keys.hpp", '"server/base/log.hpp"'),
               _sample("storage/model/keys.hpp", '"storage/engine/engine.hpp"'),
               _sample("storage/base/error.hpp", '"storage/model/keys.hpp"'),
               _sample("storage/rocksdb/wal/wal_file.hpp", '"storage/rocksdb/store.hpp"'),
               _sample("storage/audit/verify.hpp", "<rocksdb/db.h>"),
               _sample("storage/model/keys.hpp", "<boost/asio/buffer.hpp>"),
               _sample("storage/model/keys.hpp", "<boost/json/value.hpp>"),
               _sample("storage/engine/engine.hpp", "<libpq-fe.h>"),
               _sample("storage/engine/engine.hpp", "<poll.h>"),
               _sample("server/base/log.hpp", '"server/service/call.hpp"'),
               _sample("server/service/call.hpp", '"server/protocol/wire/request.hpp"'),
               _sample("server/service/call.hpp", "<sys/socket.h>"),
               _sample("server/service/call.hpp", "<rocksdb/db.h>"),
               _sample("server/protocol/http1/codec.hpp", '"server/protocol/http2/codec.hpp"'),
               _sample("server/protocol/http2/codec.hpp", '"server/protocol/session.hpp"'),
               _sample("server/protocol/wire/codec.hpp", "<boost/asio/ip/tcp.hpp>"),
               _sample("server/protocol/session.hpp", '"server/net/shard.hpp"'),
               _sample("server/protocol/session.hpp", '"session_parts.hpp"'),
               _sample("server/net/shard.hpp", '"storage/model/keys.hpp"'),
               _sample("tools/x/main.cpp", "<rocksdb/db.h>"),
               _sample("tests/unit/storage/model/keys_test.cpp", '"server/base/log.hpp"')],
          good=[_sample("storage/model/keys.hpp", '"storage/base/error.hpp"'),
                _sample("storage/postgres/connection.hpp", "<libpq-fe.h>"),
                _sample("storage/postgres/connection.hpp", "<poll.h>"),
                _sample("server/protocol/rpc/api.hpp", '"server/protocol/proto/a/b.pb.h"'),
                _sample("server/net/shard.hpp", "<boost/asio/io_context.hpp>"),
                _sample("server/protocol/wire/codec.hpp", "<sys/types.h>"),
                _sample("server/main.cpp", '"server/net/shard.hpp"')]),
]
