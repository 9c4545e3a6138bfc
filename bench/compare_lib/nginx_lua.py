"""What people would build instead: nginx with Lua before Redis, doing the same job over the same
HTTP for the same client. The token is compared, the script of redis.py removes the factor, numbers
and appends the event, the append-only file is synced, and the answer is factord's JSON."""

from . import clients
from .nginx import start_nginx
from .processes import Failure, Together, free_port

TOKEN = "x" * 43

_MODULES = """\
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
"""

_LOCATION = """\
    location ~ ^/v2/users/([^/]+)/otp_email$ { content_by_lua_block { remove() } }
"""

_REMOVE = """\
local redis = require("nginx.redis")

local function answer(status, body)
  ngx.status = status
  ngx.header["Content-Length"] = #body
  ngx.header["Cache-Control"] = "no-store"
  ngx.print(body)
end

local function fail(status, code, message)
  answer(status, '{{"code":' .. code .. ',"message":"' .. message .. '"}}')
end

return function()
  if ngx.req.get_method() ~= "DELETE" then return fail(405, 12, "Method Not Allowed") end
  if ngx.var.http_authorization ~= "Bearer {token}" then
    return fail(401, 16, "Errors.Token.Invalid (AUTH-7fs1e)")
  end
  local store = redis:new()
  local connected = store:connect("127.0.0.1", {redis_port})
  local sequence = connected and store:evalsha("{script}", 0, ngx.var[1])
  if not sequence then return fail(503, 14, "the store cannot be reached") end
  store:set_keepalive(60000, 512)
  if sequence == 0 then return fail(404, 5, "Multifactor OTP doesn't exist (COMMAND-b312D)") end
  answer(200, '{{"details":{{"sequence":"' .. sequence .. '","changeDate":"' ..
    os.date("!%Y-%m-%dT%H:%M:%SZ", ngx.time()) .. '","resourceOwner":"acme"}}}}')
end
"""


class NginxLua:
    def __init__(self, folder, cores, redis, users):
        self._folder = folder.resolve()
        self._cores = cores
        self._redis = redis
        self._users = users

    def _start(self, port, redis_port, script):
        script_file = self._folder / "remove-factor.lua"
        script_file.write_text(_REMOVE.format(token=TOKEN, redis_port=redis_port, script=script))
        return start_nginx(self._folder, "nginx-lua", self._cores, port, _LOCATION,
                           modules=_MODULES, http=(
                               f'  init_by_lua_block {{ remove = dofile("{script_file}") }}\n'))

    def measure(self, connections, seconds):
        port = free_port()
        with self._redis.serving() as (redis, redis_port, script):
            nginx = self._start(port, redis_port, script)
            both = Together("nginx with Lua", (nginx, redis))
            figures = clients.wrk_remove(both, f"http://127.0.0.1:{port}", connections, seconds,
                                         TOKEN, self._users)
            events = self._redis.events()
            nginx.stop()
        seen = figures.notes["succeeded"]
        # wrk drops the answers in flight when it stops.
        if not seen <= events <= seen + connections:
            raise Failure(f"Redis has {events} events, but the client saw {seen} answers with 200")
        return figures
