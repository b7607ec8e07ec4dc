-- Keys by which possible duplicates of a record are found. Projections written before this have
-- none until they are rebuilt, which a later migration here has Core do.

-- Names of blocks are long and few, and every key names one.
CREATE TABLE duplicate_blocks (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

-- A search is a range of this key. `spelled` is the same throughout a block.
CREATE TABLE duplicate_keys (
  block_id INTEGER NOT NULL REFERENCES duplicate_blocks (id),
  text     TEXT NOT NULL,
  day      INTEGER NOT NULL,
  event_id BLOB NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  spelled  INTEGER NOT NULL CHECK (spelled IN (0, 1)),
  PRIMARY KEY (block_id, text, day, event_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX duplicate_keys_of_event ON duplicate_keys (event_id);

-- Every text that may have to be found by one that is nearly the same, under each spelling that is
-- left when up to two of its first letters are left out. Two texts that differ in no more than two
-- letters have such a spelling in common. Texts are few where records are many: names repeat.
CREATE TABLE duplicate_spellings (
  spelling TEXT NOT NULL,
  text     TEXT NOT NULL,
  PRIMARY KEY (spelling, text)
) STRICT, WITHOUT ROWID;
