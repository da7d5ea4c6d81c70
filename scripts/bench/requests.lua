-- For wrk: the same path, for each cookie of the file in turn.
local path, file = os.getenv("BENCH_PATH"), os.getenv("BENCH_COOKIES")
local requests, last = {}, 0

function init()
  for cookie in io.lines(file) do
    requests[#requests + 1] = wrk.format("GET", path, { Cookie = cookie })
  end
  -- Each thread starts with a different user.
  last = math.random(#requests)
end

function request()
  last = last % #requests + 1
  return requests[last]
end

function done(summary)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  local rate = summary.requests / summary.duration * 1e6
  print(string.format("RESULT %d %d %d", rate, summary.requests, failed))
end
