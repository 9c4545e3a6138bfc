"""Include direction: what each folder may use, as the table in ARCHITECTURE.md has it."""

import re

from .tree import Check

_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

# Folder -> prefixes of project headers that it may include.
_SERVICE_SHOWS = ["storage/base/", "storage/engine.hpp", "storage/event.hpp",
                  "storage/backup_job.hpp", "storage/records.pb.h"]
_PROJECT = {
    "storage/base/": ["storage/base/"],
    "storage/": ["storage/"],
    "server/base/": ["server/base/", "storage/base/",
                     # The limits of the queue are part of the one struct of limits.
                     "storage/commit_queue.hpp"],
    "server/service/": ["server/base/", "server/service/", "storage/"],
    "server/protocol/": ["server/base/", "server/service/", "server/protocol/", *_SERVICE_SHOWS],
    "server/net/": ["server/base/", "server/service/", "server/protocol/", "server/net/",
                    "storage/base/", "storage/engine.hpp", "storage/command.hpp",
                    "storage/commit_queue.hpp", "storage/backup_job.hpp"],
    "server/": ["server/", "storage/"],
    "tools/": ["tools/", "server/service/", "server/base/", "server/protocol/", "storage/"],
    "bench/": ["bench/", "server/", "storage/", "tools/"],
    "tests/unit/storage/": ["tests/", "storage/"],
    "tests/unit/service/": ["tests/", "storage/", "server/base/", "server/service/"],
    "tests/unit/protocol/": ["tests/", "storage/", "server/base/", "server/service/",
                             "server/protocol/"],
    "tests/": ["tests/", "server/", "storage/", "tools/"],
}

# Folder -> prefixes of third-party headers that it may include. Plain Boost is what results,
# errors and checks are made of.
_PLAIN_BOOST = ["boost/assert/", "boost/system/", "boost/config", "boost/throw_exception.hpp"]
_THIRD_PARTY = {
    "storage/base/": _PLAIN_BOOST,
    "storage/": [*_PLAIN_BOOST, "rocksdb/", "google/protobuf/", "openssl/"],
    "server/base/": [*_PLAIN_BOOST, "spdlog/"],
    "server/service/": [*_PLAIN_BOOST, "google/protobuf/", "openssl/"],
    "server/protocol/": [*_PLAIN_BOOST, "boost/beast/", "boost/json/", "boost/json.hpp",
                         "boost/url/", "boost/asio/buffer.hpp", "google/protobuf/", "nghttp2/",
                         "openssl/"],
    "server/net/": [*_PLAIN_BOOST, "boost/asio/", "boost/asio.hpp"],
    "server/": ["boost/", "CLI/", "spdlog/", "openssl/"],
    "tools/": ["boost/", "CLI/", "openssl/", "google/protobuf/", "nghttp2/"],
    "bench/": ["boost/", "CLI/", "benchmark/", "google/protobuf/", "rocksdb/", "openssl/"],
    "tests/unit/storage/": [*_PLAIN_BOOST, "gtest/", "gmock/", "rocksdb/", "google/protobuf/",
                            "openssl/"],
    "tests/": ["boost/", "gtest/", "gmock/", "google/protobuf/", "openssl/", "rocksdb/", "CLI/",
               "nghttp2/"],
}
_KNOWN = ("boost/", "rocksdb/", "google/", "openssl/", "spdlog/", "fmt/", "CLI/", "nghttp2/",
          "gtest/", "gmock/", "benchmark/")

# The system's own headers of sockets, and who may open one.
_SOCKETS = re.compile(r"^(?:sys/(?:socket|un|epoll|eventfd)|netinet/.*|arpa/.*|netdb|poll)\.h$|"
                      r"^(?:netinet|arpa)/")
_MAY_OPEN_SOCKETS = ("server/net/", "tools/", "bench/", "tests/")


def _rule(table, path):
    """The entry of the deepest folder that holds this file."""
    folders = [folder for folder in table if path.startswith(folder)]
    return table[max(folders, key=len)] if folders else None


def _verdict(path, header, quoted):
    project = _rule(_PROJECT, path)
    if project is None:
        return None
    if quoted:
        return None if header.startswith(tuple(project)) else "is above or beside this layer"
    if header.startswith(_KNOWN):
        allowed = header.startswith(tuple(_rule(_THIRD_PARTY, path)))
        return None if allowed else "is a library that this layer may not use"
    if _SOCKETS.match(header) and not path.startswith(_MAY_OPEN_SOCKETS):
        return "opens sockets, which only server/net does"
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
          bad=[_sample("storage/keys.hpp", '"server/base/log.hpp"'),
               _sample("storage/base/error.hpp", '"storage/keys.hpp"'),
               _sample("storage/keys.hpp", "<boost/asio/buffer.hpp>"),
               _sample("storage/keys.hpp", "<boost/json/value.hpp>"),
               _sample("server/base/log.hpp", '"server/service/call.hpp"'),
               _sample("server/service/call.hpp", '"server/protocol/request.hpp"'),
               _sample("server/service/call.hpp", "<sys/socket.h>"),
               _sample("server/service/call.hpp", "<rocksdb/db.h>"),
               _sample("server/protocol/codec.hpp", "<boost/asio/ip/tcp.hpp>"),
               _sample("server/protocol/codec.hpp", '"server/net/shard.hpp"'),
               _sample("server/protocol/codec.hpp", '"codec_parts.hpp"'),
               _sample("server/net/shard.hpp", '"storage/keys.hpp"'),
               _sample("tools/x/main.cpp", "<rocksdb/db.h>"),
               _sample("tests/unit/storage/keys_test.cpp", '"server/base/log.hpp"')],
          good=[_sample("storage/keys.hpp", '"storage/base/error.hpp"'),
                _sample("server/net/shard.hpp", "<boost/asio/io_context.hpp>"),
                _sample("server/protocol/codec.hpp", "<sys/types.h>"),
                _sample("server/main.cpp", '"server/net/shard.hpp"')]),
]
