-- For wrk: one scenario, for each user in turn. The file of users has tab-separated lines: cookie,
-- token, slug, the id of an own project and of a foreign one.
local scenario, file = os.getenv("BENCH_SCENARIO"), os.getenv("BENCH_USERS")
local requests, last = {}, 0

local function get(path, headers) return wrk.format("GET", path, headers) end

local scenarios = {
  session_list = function(p) return get("/api/projects", { Cookie = p.cookie }) end,
  token_list = function(p)
    return get("/api/projects",
      { Authorization = "Bearer " .. p.token, ["X-Organization-Slug"] = p.slug })
  end,
  read_one = function(p) return get("/api/projects/" .. p.own, { Cookie = p.cookie }) end,
  foreign_id = function(p) return get("/api/projects/" .. p.foreign, { Cookie = p.cookie }) end,
  organizations = function(p) return get("/api/organizations", { Cookie = p.cookie }) end,
  page_projects = function(p)
    return get("/o/" .. p.slug .. "/projects", { Cookie = p.cookie })
  end,
  page_login = function(p) return get("/login", {}) end,
  create = function(p)
    return wrk.format("POST", "/api/projects",
      { Cookie = p.cookie, ["Content-Type"] = "application/json" }, '{"name": "A project"}')
  end,
}

function init()
  for line in io.lines(file) do
    local p = {}
    p.cookie, p.token, p.slug, p.own, p.foreign =
      line:match("^([^\t]+)\t([^\t]+)\t([^\t]+)\t([^\t]+)\t([^\t]+)$")
    requests[#requests + 1] = scenarios[scenario](p)
  end
  last = math.random(#requests)
end

function request()
  last = last % #requests + 1
  return requests[last]
end

function done(summary, latency)
  local e = summary.errors
  local broken = e.connect + e.read + e.write + e.timeout
  -- A foreign id is always an error; everything else never is.
  local wrong = scenario == "foreign_id" and summary.requests - e.status or e.status
  print(string.format("RESULT %.1f %d %d %d %d", summary.requests / summary.duration * 1e6,
    summary.requests, latency:percentile(50), latency:percentile(99), broken + wrong))
end
