-- wrk -s healthz.lua URL

local folder = debug.getinfo(1, "S").source:match("^@(.*/)") or ""
dofile(folder .. "report.lua")

wrk.path = "/healthz"
