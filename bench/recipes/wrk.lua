-- wrk -tN -cM -dTIME -s wrk.lua URL -- TOKEN FILE
-- Thread i walks FILE.i, which `factorctl urls --shard i/N` has printed, once; its connections share
-- it. A thread that is through stops, and wrk waits on for TIME, so its rate is too low then: have
-- more users than it can remove in that time.

local threads = 0

function setup(thread)
   threads = threads + 1
   thread:set("shard", threads)
end

function init(args)
   local token, file = args[1], args[2]
   before = "DELETE "
   after = " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port ..
      "\r\nAuthorization: Bearer " .. token .. "\r\n\r\n"
   next_line = io.lines(file .. "." .. shard)
   path = "/healthz"
   looks = shard == 1  -- of this thread wrk looks at a first request, which it does not send
end

function request()
   local line = not looks and next_line and next_line()
   if line then
      path = line:gsub("^%a+://[^/]+", "")
   elseif looks then
      looks = false
   else
      next_line = nil
      wrk.thread:stop()
   end
   return before .. path .. after
end
