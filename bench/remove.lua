-- wrk -t1 -s remove.lua URL -- TOKEN USERS [FIRST_ID]
-- Removes the factor of each user once, in the scattered order of factorload: position k is user
-- k * step mod USERS, where step is about the golden section of USERS and has no factor in common
-- with it. Stops when all are used. One thread: threads would all walk the same order.

local folder = debug.getinfo(1, "S").source:match("^@(.*/)") or ""
dofile(folder .. "report.lua")

local ffi = require("ffi")
ffi.cdef [[
   typedef struct { long seconds; long nanos; } bench_time;
   int clock_gettime(int clock, bench_time *out);
]]

local function now_micros()
   local time = ffi.new("bench_time")
   ffi.C.clock_gettime(1, time)
   return tonumber(time.seconds) * 1e6 + tonumber(time.nanos) / 1e3
end

local function gcd(a, b)
   while b ~= 0 do a, b = b, a % b end
   return a
end

local before, after, users, step, first, position, started

function init(args)
   local token, first_id = args[1], args[3] or "100000000000000001"
   users = tonumber(args[2])
   step = math.floor(users * 0.6180339887498949)
   while step > 1 and gcd(step, users) ~= 1 do step = step - 1 end
   step = math.max(step, 1)
   -- Ids have more digits than a double keeps: only the last eight are counted.
   first = tonumber(first_id:sub(-8))
   assert(first + users <= 1e8, "too many users for this first id")
   before = "DELETE /v2/users/" .. first_id:sub(1, -9)
   after = "/otp_email HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port ..
      "\r\nAuthorization: Bearer " .. token .. "\r\n\r\n"
   position = 0
end

function request()
   if position == 0 then started = now_micros() end
   if position == users then
      worked_micros = now_micros() - started  -- read by report.lua
      wrk.thread:stop()
   end
   local index = (position * step) % users
   position = position + 1
   return before .. string.format("%08d", first + index) .. after
end
