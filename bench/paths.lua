-- wrk: ask for the addresses of a file one after the other, and count the answers that are not
-- the one expected. Arguments: the file, the expected status, a header and its value (optional).
local paths, position, expected, headers = {}, 0, 200, {}

function init(arguments)
  for line in io.lines(arguments[1]) do paths[#paths + 1] = line end
  expected = tonumber(arguments[2])
  if arguments[3] then headers[arguments[3]] = arguments[4] end
end

function request()
  position = position % #paths + 1
  return wrk.format("GET", paths[position], headers)
end

unexpected = 0
function response(status)
  if status ~= expected then unexpected = unexpected + 1 end
end

local threads = {}
function setup(thread) table.insert(threads, thread) end

function done(summary)
  local wrong = summary.errors.connect + summary.errors.read + summary.errors.write
    + summary.errors.timeout
  for _, thread in ipairs(threads) do wrong = wrong + thread:get("unexpected") end
  io.write(string.format("RESULT %d %d %d\n", summary.requests, summary.duration, wrong))
end
