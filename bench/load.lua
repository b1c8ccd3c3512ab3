-- What wrk sends. Arguments: order, send, event or the path of a GET; a prefix that no other run has; and, to hold a rate,
-- the pause of a connection after each answer in milliseconds.
-- The whole request is one template, so that wrk takes little of the machine from the program that is measured.
local bodies = {
  order = '{"id":"%s-%09d","user_id":"user-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789",' ..
    '"total":149.99,"status":"pending","timestamp":"2025-10-06T17:00:00Z"}',
  send = '{"fromID":2,"toID":%d,"message":"%s-%09d mentioned you in a comment: Great seeing you yesterday, Tito! ' ..
    '0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789"}',
  event = '{"key":"%s-%09d","value":{"kind":"signup","user":"user-0123456789-0123456789-0123456789-0123456789-0123456789",' ..
    '"total":149.99,"status":"pending","timestamp":"2025-10-06T17:00:00Z"}}',
}
local paths = { order = "/order", send = "/send", event = "/api/v1/events" }
local kind, prefix, pause, head, count

function init(args)
  kind, prefix, pause, count = args[1], args[2], tonumber(args[3]), 0
  local path = paths[kind] or kind
  if not bodies[kind] then
    head = "GET " .. path .. " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    return
  end
  -- Every body of a run has the same length: the counter has nine digits, whichever it is.
  head = "POST " .. path .. " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
  head = head .. #body() .. "\r\n\r\n"
end

function body()
  count = count + 1
  if kind == "send" then
    return bodies.send:format(count % 4 + 1, prefix, count)
  end
  return bodies[kind]:format(prefix, count)
end

function request()
  return bodies[kind] and head .. body() or head
end

-- wrk pauses for whole milliseconds: the fraction is the chance of one more.
function delay()
  return pause and math.floor(pause + math.random()) or 0
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(50), latency:percentile(99)))
end
