-- Searches find records by the words of their answers. The words of quick searches stood in a table
-- of their own; now all words stand in one, with the declaration's field that they answer ('' for
-- what the record itself is called by).

CREATE TABLE words (
  word     TEXT NOT NULL,
  name     TEXT NOT NULL,
  event_id BLOB NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  -- Whether a quick search, which asks for no field in particular, finds the record by it.
  quick    INTEGER NOT NULL CHECK (quick IN (0, 1)),
  PRIMARY KEY (word, name, event_id)
) STRICT, WITHOUT ROWID;

INSERT INTO words (word, name, event_id, quick) SELECT word, '', event_id, 1 FROM search_words;
CREATE INDEX words_of_event ON words (event_id);
DROP TABLE search_words;
ALTER TABLE projections DROP COLUMN search_text;

-- What scopes narrow searches to. Records before a declaration or registration are in none.
ALTER TABLE projections ADD COLUMN declared_in TEXT
  AS (document ->> '$.legalStatuses.DECLARED.createdAtLocation') VIRTUAL;
ALTER TABLE projections ADD COLUMN declared_by TEXT
  AS (document ->> '$.legalStatuses.DECLARED.createdBy') VIRTUAL;
ALTER TABLE projections ADD COLUMN registered_in TEXT
  AS (document ->> '$.legalStatuses.REGISTERED.createdAtLocation') VIRTUAL;
ALTER TABLE projections ADD COLUMN registered_by TEXT
  AS (document ->> '$.legalStatuses.REGISTERED.createdBy') VIRTUAL;
CREATE INDEX projections_by_place_of_event ON projections (place_of_event)
  WHERE place_of_event IS NOT NULL;
CREATE INDEX projections_by_place_of_declaration ON projections (declared_in)
  WHERE declared_in IS NOT NULL;
CREATE INDEX projections_by_declarant ON projections (declared_by)
  WHERE declared_by IS NOT NULL;
CREATE INDEX projections_by_place_of_registration ON projections (registered_in)
  WHERE registered_in IS NOT NULL;
CREATE INDEX projections_by_registrar ON projections (registered_by)
  WHERE registered_by IS NOT NULL;

-- Walks over all records.
CREATE TABLE rebuilds (
  id          BLOB PRIMARY KEY CHECK (length(id) = 16),
  started_at  INTEGER NOT NULL,
  for_country INTEGER NOT NULL CHECK (for_country IN (0, 1)),
  state       TEXT NOT NULL CHECK (state IN ('running', 'completed', 'failed')),
  after_id    BLOB,
  processed   INTEGER NOT NULL,
  error       TEXT,
  ended_at    INTEGER,
  CHECK ((state = 'running') = (ended_at IS NULL))
) STRICT;

-- The words of answers are not there yet: the next node that starts brings them in.
INSERT INTO rebuilds (id, started_at, for_country, state, processed)
  SELECT randomblob(16), 0, 0, 'running', 0 FROM (SELECT 1 FROM events LIMIT 1);
