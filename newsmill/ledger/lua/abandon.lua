-- Ends leases of a worker that could not finish them: an error it did not expect. Counts as a crash of the stage.
-- ARGV: now, stage, owner, most crashes, retention (s), ids... Returns how many were taken back.
local now, stage, owner = clock(ARGV[1]), ARGV[2], ARGV[3]
local taken = 0
for i = 6, #ARGV do
  local id = ARGV[i]
  if call('HGET', entry(id), 'owner') == owner and call('ZSCORE', P .. 'leased:' .. stage, id) then
    abandon(id, stage, now, tonumber(ARGV[4]), tonumber(ARGV[5]))
    taken = taken + 1
  end
end
return taken
