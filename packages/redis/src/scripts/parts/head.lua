-- What a script may read of a record's header: see records/record-layout.ts. Bodies are never looked into.
local RETENTION = 60000
local HEAD = 87 -- fixed part, four commit ids

local function idle_until(head)
  return (struct.unpack('>I6', head, 44))
end

local function has_commit(head, commit)
  for at = 52, 43 + 9 * math.floor(string.byte(head, 3) / 16), 9 do
    if string.sub(head, at, at + 8) == commit then return true end
  end
  return false
end
