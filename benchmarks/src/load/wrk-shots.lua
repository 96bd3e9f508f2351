-- Sends the requests of a file in turn: a line for each, of method, path and Cookie header, separated by tabs.

local shots = {}
local sent = 0

function init(args)
  for line in io.lines(args[1]) do
    local method, path, cookie = line:match("^(%S+)\t(%S+)\t(.*)$")
    local headers = { ["Cookie"] = cookie }
    if method == "POST" then headers["Content-Length"] = "0" end
    shots[#shots + 1] = wrk.format(method, path, headers)
  end
end

function request()
  sent = sent % #shots + 1
  return shots[sent]
end

function done(summary)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("shots %d %d %d\n", summary.requests, summary.duration, failures))
end
