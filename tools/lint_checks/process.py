"""What is the process's, its programs change: a server can run inside another one's process."""

import re

from . import cpp
from .tree import Check

# Signals, the files' mode, limits, the place and the end of the process; where its log goes.
_CALL = re.compile(r"(?<![.>\w])(signal|sigaction|sigprocmask|pthread_sigmask|signalfd|umask|"
                   r"setrlimit|chdir|setlocale|_exit|_Exit|exit|quick_exit|atexit|SetLogHandler|"
                   r"set_level|set_sink|silence_protobuf_log|prepare_process|open_standard_files|"
                   r"raise_descriptor_limit|end_where_memory_is_wanting)\s*\(")
# Who does: the program's own files, those that name such a thing for it, and a thread of ours,
# which is the thread's own.
_MAY = ("server/main.cpp", "server/process.", "server/signals.", "server/base/log.",
        "server/protocol/messages/proto_messages.", "storage/base/descriptors.",
        "storage/base/thread.cpp", "storage/base/want_of_memory.")
_HOUSE = ("server/", "storage/")


def check_process(tree):
    findings = []
    for path in tree.cpp():
        if not path.startswith(_HOUSE) or path.startswith(_MAY):
            continue
        for number, line in enumerate(cpp.code_only(tree.text(path)).splitlines(), 1):
            findings += [f"{path}:{number}: {name} is the process's, so server/main.cpp's to do"
                         for name in _CALL.findall(line)]
    return findings


def _calling(path, statement):
    return {path: f"void f() {{\n  {statement};\n}}\n"}


CHECKS = [
    Check("process", check_process,
          bad=[_calling("server/net/runtime.cpp", "::umask(077)"),
               _calling("server/net/runtime.cpp", "std::signal(SIGPIPE, SIG_IGN)"),
               _calling("server/net/runtime.cpp", "::_exit(1)"),
               _calling("server/protocol/api.cpp", "silence_protobuf_log()"),
               _calling("server/service/call.cpp", "log::set_level(log::level::warn)"),
               _calling("storage/rocksdb/store.cpp", "::sigaction(SIGTERM, &now, nullptr)")],
          good=[_calling("server/main.cpp", "std::_Exit(1)"),
                _calling("server/net/runtime.cpp", 'log::info("umask(077)")  // signal(1)'),
                _calling("server/net/runtime.cpp", "on_signal(1), app.exit(2)"),
                _calling("tools/factorctl/main.cpp", "::umask(077)")]),
]
