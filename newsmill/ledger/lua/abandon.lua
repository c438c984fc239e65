-- Ends leases of a worker that could not finish them: an error it did not expect. Counts as a crash of the stage.
-- ARGV: now, stage, owner, most crashes, retention (s), ids... Returns how many were taken back.
-- An error is that of one message: an entry that had one of its own was alone.
local now, stage, owner = clock(ARGV[1]), ARGV[2], ARGV[3]
local taken = 0
for i = 6, #ARGV do
  local id = ARGV[i]
  if call('HGET', entry(id), 'owner') == owner and call('ZSCORE', P .. 'leased:' .. stage, id) then
    if #ARGV == 6 then call('HDEL', entry(id), 'company') else call('HSET', entry(id), 'company', '1') end
    abandon(id, stage, now, tonumber(ARGV[4]), tonumber(ARGV[5]), true, false)
    taken = taken + 1
  end
end
return taken
