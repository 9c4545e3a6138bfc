"""Links: what each target may link, of the house and of libraries, in whatever file it is said."""

import re

from . import includes
from .includes import HOUSE
from .tree import Check

# What a room is made of beside the rooms that it may use.
_LIBRARIES = {
    "storage/base": ["boost_headers"],
    "storage/model": ["protobuf::libprotobuf", "OpenSSL::Crypto"],
    "storage/engine": ["OpenSSL::Crypto", "Threads::Threads"],
    "storage/commit": ["Threads::Threads"],
    "storage/rocksdb/failure": ["RocksDB::rocksdb"],
    "storage/rocksdb/wal": ["RocksDB::rocksdb"],
    "storage/rocksdb/memtable": ["RocksDB::rocksdb"],
    "storage/rocksdb": ["RocksDB::rocksdb"],
    "storage/postgres": ["PkgConfig::libpq", "OpenSSL::Crypto", "Threads::Threads"],
    "storage/backup": ["RocksDB::rocksdb"],
    "server/base": ["spdlog::spdlog"],
    "server/jwt": ["boost_impl", "OpenSSL::Crypto"],
    "server/service": ["OpenSSL::Crypto"],
    "server/tracing": ["protobuf::libprotobuf"],
    "server/protocol/wire": ["ZLIB::ZLIB"],
    "server/protocol/json": ["protobuf::libprotobuf"],
    "server/protocol/proto": ["protobuf::libprotobuf"],
    "server/protocol/http1": ["boost_impl"],
    "server/protocol/http2": ["PkgConfig::nghttp2"],
    "server/protocol/tls": ["OpenSSL::SSL"],
    "server/net": ["boost_impl", "OpenSSL::SSL"],
    "server/config": ["CLI11::CLI11", "tomlplusplus::tomlplusplus"],
    # What stands on the house, by the beginning of the path.
    "tools/": ["boost_impl", "CLI11::CLI11", "OpenSSL::SSL", "PkgConfig::nghttp2"],
    "bench/": ["boost_impl", "CLI11::CLI11", "RocksDB::rocksdb", "benchmark::benchmark_main"],
    "tests/unit/storage/": ["RocksDB::rocksdb", "PkgConfig::libpq", "GTest::gmock",
                            "GTest::gtest_main"],
    "tests/": ["RocksDB::rocksdb", "OpenSSL::SSL", "ZLIB::ZLIB", "GTest::gmock",
               "GTest::gtest_main"],
}

# A command and its arguments, none of which holds a parenthesis of its own.
_COMMAND = re.compile(r"\b(\w+)\s*\(([^()]*)\)")
_COMMENT = re.compile(r"#.*")
_MAKERS = {"add_library", "add_executable", "factord_layer", "factord_program",
           "factord_unit_tests"}
_KEYWORDS = {"PUBLIC", "PRIVATE", "INTERFACE"}
_LINKS_FOLLOW = {"LINKS", "PRIVATE_LINKS"}
# What describes the libraries, and links none of ours.
_DESCRIPTIONS = "third_party.cmake"


def _commands(tree, path):
    """(line, name, arguments) of every command."""
    text = "\n".join(_COMMENT.sub("", line) for line in tree.text(path).split("\n"))
    for match in _COMMAND.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match.group(1), match.group(2).split()


def _linked(name, arguments):
    """The targets that a command links to its first argument."""
    if name == "target_link_libraries":
        return [one for one in arguments[1:] if one not in _KEYWORDS]
    if name not in _MAKERS:
        return []
    begins = [i for i, one in enumerate(arguments) if one in _LINKS_FOLLOW]
    return [one for one in arguments[begins[0]:] if one not in _LINKS_FOLLOW] if begins else []


def _plain(target):
    return re.sub(r"^factord::", "factord_", target)


def _folder(path):
    return path.rpartition("/")[0]


def _made(tree, paths):
    """Target -> the folder that makes it."""
    return {arguments[0]: _folder(path)
            for path in paths for _, name, arguments in _commands(tree, path)
            if name in _MAKERS and "ALIAS" not in arguments and not arguments[0].startswith("$")}


def _may_link(folder, used, made):
    """Whether what a folder makes may link this target."""
    used = _plain(used)
    if used == "factord_options" or used.startswith("$"):
        return True
    if used not in made:
        libraries = (_LIBRARIES.get(folder, []) if folder in HOUSE
                     else includes.rule(_LIBRARIES, folder + "/") or [])
        return used in libraries
    if folder in HOUSE:
        return made[used] in (folder, *HOUSE[folder])
    return (made[used] + "/").startswith(tuple(includes.rule(includes.PROJECT, folder + "/") or ()))


def check_links(tree):
    """A target links what its folder may use, and the house has no way upwards."""
    rooms = list(HOUSE)
    findings = [f"tools/lint_checks/includes.py: {room} may use {used}, which is not above it"
                for number, room in enumerate(rooms) for used in HOUSE[room]
                if used not in rooms[:number]]
    paths = [path for path in tree.paths
             if path.endswith(("CMakeLists.txt", ".cmake")) and path != _DESCRIPTIONS]
    made = _made(tree, paths)
    for path in paths:
        for number, name, arguments in _commands(tree, path):
            if name == "link_libraries":
                findings.append(f"{path}:{number}: links to whatever follows it")
                continue
            # A function links what it is given: that is looked at where it is called.
            for used in _linked(name, arguments):
                folder = made.get(_plain(arguments[0]), _folder(path))
                if not _may_link(folder, used, made):
                    findings.append(f"{path}:{number}: links {used} to {arguments[0]}, "
                                    f"which may not use it")
    return findings


def check_map(tree):
    """The table of ARCHITECTURE.md has the rooms of the house in their order, each once."""
    path = "ARCHITECTURE.md"
    if path not in tree.paths:
        return []
    shown = []
    for _, line in tree.lines(path):
        if not line.startswith("| `"):
            continue
        for folder in re.findall(r"`([^`]*)`", line.split("|")[1]):
            stem, _, parts = folder.partition("{")
            shown += [stem + part for part in parts.rstrip("}").split(",")] if parts else [stem]
    # All of the store is a name for what stands below it; what stands on the house is no room.
    rooms = [room for room in HOUSE if room != "storage"]
    shown = [folder for folder in shown if folder.startswith(("storage", "server"))]
    for expected, found in zip(rooms + ["nothing"], shown + ["nothing"]):
        if expected != found:
            return [f"{path}: where things are: {found} stands where the house has {expected}"]
    return []


def _linking(room, links):
    return {"storage/base/CMakeLists.txt": "factord_layer(factord_storage_base)\n",
            "storage/model/CMakeLists.txt": "factord_layer(factord_storage_model)\n",
            f"{room}/CMakeLists.txt": f"factord_layer(factord_x\n  LINKS {links})\n"}


def _also(sample, path, text):
    return {**sample, path: sample.get(path, "") + text}


_WELL = _linking("storage/engine", "factord::storage_model factord_options")
_TABLE = "".join(f"| `{room}` | | |\n" for room in HOUSE if room != "storage")

CHECKS = [
    Check("links", check_links,
          bad=[_linking("storage/base", "factord::storage_model"),
               _linking("storage/rocksdb/wal", "factord_storage_model"),
               _linking("server/service", "RocksDB::rocksdb"),
               _linking("server/service", "OpenSSL::Crypto\n  PRIVATE_LINKS PkgConfig::libpq"),
               _linking("storage/engine", "protobuf::libprotobuf"),
               _linking("storage/audit", "RocksDB::rocksdb"),
               _linking("storage/rocksdb", "PkgConfig::libpq"),
               _linking("server/protocol", "OpenSSL::SSL"),
               _linking("server/protocol/wire", "PkgConfig::nghttp2"),
               _linking("server/net", "CLI11::CLI11"),
               _linking("server/service", "spdlog::spdlog"),
               _linking("server/service", "rocksdb"),
               _linking("storage/engine", "factord::storage_modell"),
               _linking("tools/x", "RocksDB::rocksdb"),
               _also(_WELL, "CMakeLists.txt",
                     "target_link_libraries(factord_storage_base PUBLIC factord::storage_model)\n"),
               _also(_WELL, "CMakeLists.txt",
                     "target_link_libraries(factord_storage_model PRIVATE\n  RocksDB::rocksdb)\n"),
               _also(_WELL, "CMakeLists.txt",
                     "target_link_libraries(${target} PRIVATE RocksDB::rocksdb)\n"),
               _also(_WELL, "CMakeLists.txt", "link_libraries(factord_storage_model)\n"),
               _also(_WELL, "more.cmake",
                     "target_link_libraries(factord_storage_model OpenSSL::SSL)\n"),
               _also(_WELL, "tests/unit/storage/CMakeLists.txt",
                     "add_library(factord_x STATIC)\n"
                     "target_link_libraries(factord_x spdlog::spdlog)\n")],
          good=[_WELL,
                _linking("storage/postgres", "factord_storage_model PkgConfig::libpq"),
                _also(_WELL, "CMakeLists.txt",
                      "target_link_libraries(${target} PUBLIC factord_options ${layer_LINKS})\n"),
                {_DESCRIPTIONS: "target_link_libraries(boost_impl PUBLIC boost_headers)\n"}]),
    Check("map", check_map,
          bad=[{"ARCHITECTURE.md": _TABLE.replace("| `storage/model` | | |\n", "")},
               {"ARCHITECTURE.md": _TABLE + "| `server/extra` | | |\n"},
               {"ARCHITECTURE.md": _TABLE.replace("storage/rocksdb`", "storage/rocksdb/wal`")},
               {"ARCHITECTURE.md": "| `storage/model` | | |\n" + _TABLE}],
          good=[{"ARCHITECTURE.md": _TABLE + "| `tools` | | |\n"}]),
]
