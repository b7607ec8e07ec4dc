-- oldest program: 3
-- Whose data this is: it stays the same when everything is moved to another store.

CREATE TABLE deployment (
  one_row boolean PRIMARY KEY CHECK (one_row),
  id      uuid NOT NULL
);

INSERT INTO deployment (one_row, id) VALUES (true, gen_random_uuid());

-- How far a move into this database has come. Until it has ended, nobody may work here.

CREATE TABLE moves (
  one_row boolean PRIMARY KEY CHECK (one_row),
  ended   boolean NOT NULL
);

CREATE TABLE moved (
  kind  text COLLATE "C" PRIMARY KEY,
  -- Where the next page begins; none when all of the kind is here.
  next  text,
  items bigint NOT NULL
);
