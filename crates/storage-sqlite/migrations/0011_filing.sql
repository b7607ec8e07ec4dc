-- What a decision costs, once more: nearly all of it is pages, one at least for every table and
-- index that it writes to, and one for every word of a declaration, since each has its place
-- elsewhere in the order of all words.

-- A record's words stand with what it comes to:
-- [["child.name", true, ["amina", "banda"]], …], as the field they answer, whether quick searches
-- find the record by them, and the words.
ALTER TABLE projections ADD COLUMN words TEXT;

UPDATE projections SET words = (
  SELECT json_group_array(json_array(name, json(iif(quick, 'true', 'false')), json(its_words)))
  FROM (
    SELECT name, quick, json_group_array(word) AS its_words FROM words
    WHERE words.event_id = projections.event_id GROUP BY name, quick
  )
);

-- In the index of words they are filed later, many records' together. What was not filed yet has
-- the same form, a row for each change that brought words.
CREATE TABLE unfiled_words (
  position INTEGER PRIMARY KEY,
  event_id BLOB NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  words    TEXT NOT NULL
) STRICT;

-- The index itself, and that of flags, know no other order any more: what a record has of them
-- stands in its projection, and goes with it.
CREATE TABLE filed_words (
  word     TEXT NOT NULL,
  name     TEXT NOT NULL,
  event_id BLOB NOT NULL,
  -- Whether a quick search, which asks for no field in particular, finds the record by it.
  quick    INTEGER NOT NULL CHECK (quick IN (0, 1)),
  PRIMARY KEY (word, name, event_id)
) STRICT, WITHOUT ROWID;

INSERT INTO filed_words (word, name, event_id, quick)
SELECT word, name, event_id, quick FROM words ORDER BY word, name, event_id;

DROP TABLE words;
ALTER TABLE filed_words RENAME TO words;

CREATE TABLE plain_flags (
  flag     TEXT NOT NULL,
  event_id BLOB NOT NULL,
  PRIMARY KEY (flag, event_id)
) STRICT, WITHOUT ROWID;

INSERT INTO plain_flags (flag, event_id) SELECT flag, event_id FROM flags ORDER BY flag, event_id;

DROP TABLE flags;
ALTER TABLE plain_flags RENAME TO flags;

CREATE TRIGGER what_finds_a_record_goes_with_it BEFORE DELETE ON projections
BEGIN
  DELETE FROM flags
  WHERE event_id = OLD.event_id
    AND flag IN (SELECT value FROM json_each(OLD.document, '$.flags'));
  DELETE FROM words
  WHERE (word, name, event_id) IN (
    SELECT word.value, entry.value ->> 0, OLD.event_id
    FROM json_each(OLD.words) AS entry, json_each(entry.value, '$[2]') AS word
  );
END;

-- Texts to be found by ones that are nearly the same, whose spellings are not filed yet.
CREATE TABLE unspelled_texts (
  text TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Whoever holds records holds few: they need not stand in the order of their changes.
DROP INDEX projections_by_holder;
CREATE INDEX projections_by_holder ON projections (assigned_to) WHERE assigned_to IS NOT NULL;

-- One index for both: a transaction is looked for among what is done once, and among the rest.
DROP INDEX actions_of_transaction;
DROP INDEX action_done_once;
CREATE UNIQUE INDEX action_done_once ON actions (transaction_id, event_id, type, status)
  WHERE type NOT IN ('READ', 'ASSIGN', 'UNASSIGN');
CREATE INDEX repeatable_actions_of_transaction ON actions (transaction_id)
  WHERE type IN ('READ', 'ASSIGN', 'UNASSIGN');

-- A record has few deliveries: which of them are unfinished is seen by looking.
DROP INDEX deliveries_unfinished_of_event;

-- One index of what is unfinished, from which alone it is counted, too: for that it has to have
-- all that is asked for, even if it is nothing.
DROP INDEX deliveries_unfinished;
DROP INDEX deliveries_unfinished_by_kind;
CREATE INDEX deliveries_unfinished ON deliveries (position, kind, state, created_at, finished_at)
  WHERE finished_at IS NULL;
