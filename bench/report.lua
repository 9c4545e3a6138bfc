-- What every wrk script here prints at the end: one line of JSON. Loaded by the others.

local threads = {}

function setup(thread)
   table.insert(threads, thread)
end

function done(summary, latency, requests)
   -- A script that ran out of work stopped before wrk did; its own clock says when.
   local micros = summary.duration
   for _, thread in ipairs(threads) do
      micros = math.min(micros, thread:get("worked_micros") or micros)
   end
   local errors = summary.errors
   io.write(string.format(
      '{"answers":%d,"seconds":%.6f,"not_ok":%d,"socket_errors":%d,' ..
      '"p50":%d,"p99":%d,"p99.9":%d}\n',
      summary.requests, micros / 1e6, errors.status,
      errors.connect + errors.read + errors.write + errors.timeout,
      latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
