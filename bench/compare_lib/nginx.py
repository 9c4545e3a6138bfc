"""nginx answering every request at once with as many bytes as factord answers a removal."""

import socket

from . import clients
from .processes import Failure, Server, free_port

_CONFIG = """\
{modules}daemon off;
worker_processes {cores};
worker_rlimit_nofile 65536;
pid {folder}/{name}.pid;
error_log {folder}/{name}.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  server_tokens off;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
{http}  server {{
    listen 127.0.0.1:{port};
    default_type application/json;
{server}  }}
}}
"""


def start_nginx(folder, name, cores, port, server, http="", modules=""):
    """One that answers as `server` says, which are lines of its configuration, as `http` and
    `modules` are."""
    folder = folder.resolve()
    config = folder / f"{name}.conf"
    config.write_text(_CONFIG.format(folder=folder, name=name, cores=cores, port=port,
                                     server=server, http=http, modules=modules))
    started = Server(name, "nginx", "-c", config, "-p", folder, log=folder / f"{name}.log")
    started.wait_for_port(port)
    return started


def exchange(port, request):
    """One answer as it came: head and body."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536) or _cut_short(data)
        head, _, body = data.partition(b"\r\n\r\n")
        fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
        while len(body) < int(fields[b"Content-Length"]):
            body += connection.recv(65536) or _cut_short(data)
        return head + b"\r\n\r\n", body


def _cut_short(data):
    raise Failure(f"an answer was cut short: {data!r}")


class Nginx:
    """`model` is factord's answer to a removal, (head, body)."""

    def __init__(self, folder, cores, model):
        self._folder = folder
        self._cores = cores
        self._port = free_port()
        self._size = sum(map(len, model))
        self._body = model[1].decode()
        self._padding = self._fit()

    def _start(self, padding):
        return start_nginx(self._folder, "nginx", self._cores, self._port,
                           "    add_header Cache-Control no-store;\n"
                           f"{padding}    return 200 '{self._body}';\n")

    def _answer_size(self):
        head, body = exchange(self._port, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        return len(head) + len(body)

    def _fit(self):
        """A header field that makes the answer exactly as long as factord's."""
        server = self._start("")
        missing = self._size - self._answer_size()
        server.stop()
        shortest = len("X-Fill: x\r\n")
        if missing == 0:
            return ""
        if missing < shortest:
            raise Failure(f"nginx's answer cannot be made as long as factord's: {missing} bytes")
        padding = f"    add_header X-Fill {'x' * (missing - shortest + 1)};\n"
        server = self._start(padding)
        size = self._answer_size()
        server.stop()
        if size != self._size:
            raise Failure(f"nginx answers {size} bytes, factord {self._size}")
        return padding

    def _measure(self, load):
        """The same requests as factord gets; the users do not run out, as none is removed."""
        server = self._start(self._padding)
        figures = load(server, f"http://127.0.0.1:{self._port}", "x" * 43)
        server.stop()
        figures.notes["answer_bytes"] = self._size
        return figures

    def wrk(self, connections, seconds, users):
        return self._measure(lambda server, url, token: clients.wrk_remove(
            server, url, connections, seconds, token, users))

    def factorload(self, program, connections, seconds, users, rate):
        return self._measure(lambda server, url, token: clients.factorload(
            program, server, url, connections, seconds, token, users, self._folder, rate=rate))
