-- Whose data this is: it stays the same when everything is moved to another store.

CREATE TABLE deployment (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  id   BLOB NOT NULL CHECK (length(id) = 16)
) STRICT;

INSERT INTO deployment (only, id) VALUES (1, randomblob(16));

-- How far a move into this store has come. Until it has ended, nobody may work on the store.

CREATE TABLE moves (
  only  INTEGER PRIMARY KEY CHECK (only = 1),
  ended INTEGER NOT NULL CHECK (ended IN (0, 1))
) STRICT;

CREATE TABLE moved (
  kind  TEXT PRIMARY KEY,
  -- Where the next page begins; none when all of the kind is here.
  next  TEXT,
  items INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
