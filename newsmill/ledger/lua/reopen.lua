-- Puts settled entries back. ARGV: now, priority, stage ("fetch": through the queue of their host; "parse" or "index":
-- from what is kept), hint interval (s), ids... Returns the ids that went back.
local now, p, stage, hint = clock(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])
local back = {}
for i = 5, #ARGV do
  local id = ARGV[i]
  local e = call('HMGET', entry(id), 'state', 'outcome')
  if stage == 'fetch' then
    if reopen(id, p) then back[#back + 1] = id end
  elseif e[1] == 'settled' then
    count('outcome:' .. e[2], -1)
    call('HDEL', entry(id), 'outcome', 'reason', 'settled')
    call('ZREM', P .. 'retire', id)
    call('ZREM', P .. 'recrawl', id)
    make_ready(id, stage, now + hint)
    back[#back + 1] = id
  end
end
return back
