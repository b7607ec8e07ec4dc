-- oldest program: 1
-- Times are milliseconds since 1970, except where a document of the protocol carries them as text:
-- there they stay as they were written. Texts are compared byte by byte (COLLATE "C"), whatever the
-- database's own rules are. Documents are kept as the JSON text they were written in; what is read
-- out of them for searching is kept beside them.
--
-- An index takes entries of some two thousand bytes at most, and people may send longer texts. What
-- is called a key here is such a text, cut where it is too long and told apart by a digest. The
-- program has the same function (`column::key`).
CREATE FUNCTION key_of(text text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF text IS NULL OR octet_length(text) <= 400 THEN
    RETURN text;
  END IF;
  RETURN left(text, 100) || U&'\F8FF' || encode(sha256(convert_to(text, 'UTF8')), 'hex');
END $$;

-- A number made of a text, of which no two that anybody meets have the same.
CREATE FUNCTION number_of(text text) RETURNS bigint LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN ('x' || left(encode(sha256(convert_to(text, 'UTF8')), 'hex'), 16))::bit(64)::bigint;
END $$;

-- Records -------------------------------------------------------------------------------------

CREATE TABLE events (
  id              uuid PRIMARY KEY,
  type            text COLLATE "C" NOT NULL,
  tracking_id     text COLLATE "C" NOT NULL CONSTRAINT tracking_id_is_taken_once UNIQUE,
  transaction_key text COLLATE "C" NOT NULL,
  created_at      text NOT NULL,
  updated_at      text NOT NULL,
  version         bigint NOT NULL,
  -- How many actions it has.
  actions         integer NOT NULL,
  CONSTRAINT record_is_created_once UNIQUE (transaction_key, type)
  -- Every change updates its record's row: with room beside it, no index has to be.
) WITH (fillfactor = 70);

CREATE TABLE actions (
  id                 uuid PRIMARY KEY,
  event_id           uuid NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  seq                integer NOT NULL,
  -- In which order they came. Not in which they were committed: see `duplicates` in the program.
  position           bigint GENERATED ALWAYS AS IDENTITY (CACHE 1),
  transaction_key    text COLLATE "C" NOT NULL,
  type               text COLLATE "C" NOT NULL,
  status             text COLLATE "C" NOT NULL,
  original_action_id uuid,
  -- Who took it, and when.
  author_key         text COLLATE "C" NOT NULL,
  created_at         text COLLATE "C" NOT NULL,
  document           text NOT NULL,
  UNIQUE (event_id, seq)
);

-- A transaction does a thing to a record once; reading and holding a record may repeat. The index
-- also finds all that a transaction did.
CREATE UNIQUE INDEX action_is_done_once ON actions (
  transaction_key, event_id, type, status,
  (CASE WHEN type IN ('READ', 'ASSIGN', 'UNASSIGN') THEN seq ELSE 0 END)
);

-- An action is resolved once, whatever the code above believes.
CREATE UNIQUE INDEX action_is_resolved_once ON actions (original_action_id)
  WHERE original_action_id IS NOT NULL AND status IN ('Accepted', 'Rejected');

-- What somebody did, newest first.
CREATE INDEX actions_by_author ON actions (author_key, created_at, position);

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', TG_ARGV[0];
END $$;

CREATE TRIGGER actions_are_never_changed BEFORE UPDATE ON actions
  FOR EACH ROW EXECUTE FUNCTION refuse('an action is never changed');

-- The only way to be rid of an action is to delete its whole record: then the record's row goes
-- first, and its actions follow by the foreign key.
CREATE FUNCTION refuse_to_remove_action() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM events WHERE id = OLD.event_id) THEN
    RAISE EXCEPTION 'an action is never removed from its record';
  END IF;
  RETURN OLD;
END $$;

CREATE TRIGGER actions_are_never_removed BEFORE DELETE ON actions
  FOR EACH ROW EXECUTE FUNCTION refuse_to_remove_action();

CREATE FUNCTION refuse_to_delete_declared() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM actions AS done
    WHERE done.event_id = OLD.id
      AND done.type IN ('NOTIFY', 'DECLARE', 'REGISTER')
      AND done.status <> 'Rejected'
      -- What the country rejected counts as if it had never been.
      AND NOT EXISTS (
        SELECT FROM actions AS refusal
        WHERE refusal.original_action_id = done.id AND refusal.status = 'Rejected'
      )
  ) THEN
    RAISE EXCEPTION 'a record that was declared or notified is never deleted';
  END IF;
  RETURN OLD;
END $$;

CREATE TRIGGER declared_records_are_kept BEFORE DELETE ON events
  FOR EACH ROW EXECUTE FUNCTION refuse_to_delete_declared();

-- The projection ------------------------------------------------------------------------------

-- What queues and searches ask for most is read out of the document, so it can't disagree with it;
-- of a text that is longer than anybody asks for, its beginning.
CREATE TABLE projections (
  event_id            uuid PRIMARY KEY REFERENCES events (id) ON DELETE CASCADE,
  registration_number text,
  -- Of the registration number.
  number_key          text COLLATE "C" CONSTRAINT registration_number_is_taken_once UNIQUE,
  document            jsonb NOT NULL,
  type                text COLLATE "C" GENERATED ALWAYS AS (left(document ->> 'type', 200)) STORED,
  status              text COLLATE "C" GENERATED ALWAYS AS (left(document ->> 'status', 200)) STORED,
  tracking_id         text COLLATE "C" GENERATED ALWAYS AS (left(document ->> 'trackingId', 200)) STORED,
  assigned_to         text COLLATE "C" GENERATED ALWAYS AS (left(document ->> 'assignedTo', 200)) STORED,
  created_at          text COLLATE "C" GENERATED ALWAYS AS (left(document ->> 'createdAt', 200)) STORED,
  created_by          text COLLATE "C" GENERATED ALWAYS AS (left(document ->> 'createdBy', 200)) STORED,
  created_at_location text COLLATE "C" GENERATED ALWAYS AS (left(document ->> 'createdAtLocation', 200)) STORED,
  updated_at          text COLLATE "C" GENERATED ALWAYS AS (left(document ->> 'updatedAt', 200)) STORED,
  updated_by          text COLLATE "C" GENERATED ALWAYS AS (left(document ->> 'updatedBy', 200)) STORED,
  updated_at_location text COLLATE "C" GENERATED ALWAYS AS (left(document ->> 'updatedAtLocation', 200)) STORED,
  date_of_event       text COLLATE "C" GENERATED ALWAYS AS (left(document ->> 'dateOfEvent', 200)) STORED,
  place_of_event      text COLLATE "C" GENERATED ALWAYS AS (left(document ->> 'placeOfEvent', 200)) STORED,
  registered_as       text COLLATE "C" GENERATED ALWAYS AS (left(document #>> '{legalStatuses,REGISTERED,registrationNumber}', 200)) STORED,
  declared_in         text COLLATE "C" GENERATED ALWAYS AS (left(document #>> '{legalStatuses,DECLARED,createdAtLocation}', 200)) STORED,
  declared_by         text COLLATE "C" GENERATED ALWAYS AS (left(document #>> '{legalStatuses,DECLARED,createdBy}', 200)) STORED,
  registered_in       text COLLATE "C" GENERATED ALWAYS AS (left(document #>> '{legalStatuses,REGISTERED,createdAtLocation}', 200)) STORED,
  registered_by       text COLLATE "C" GENERATED ALWAYS AS (left(document #>> '{legalStatuses,REGISTERED,createdBy}', 200)) STORED
);

-- Lists show the newest first, and what has no such time last.
CREATE INDEX projections_by_status ON projections (status, updated_at DESC NULLS LAST, event_id);
CREATE INDEX projections_by_place ON projections (updated_at_location, status, updated_at DESC NULLS LAST);
CREATE INDEX projections_by_holder ON projections (assigned_to, updated_at DESC NULLS LAST)
  WHERE assigned_to IS NOT NULL;
CREATE INDEX projections_by_editor ON projections (updated_by, updated_at DESC NULLS LAST);
CREATE INDEX projections_by_update ON projections (updated_at DESC NULLS LAST, event_id);
CREATE INDEX projections_by_author ON projections (created_by, created_at DESC NULLS LAST);
CREATE INDEX projections_by_origin ON projections (created_at_location, created_at DESC NULLS LAST);
CREATE INDEX projections_by_tracking_id ON projections (tracking_id);
CREATE INDEX projections_by_number ON projections (registered_as)
  WHERE registered_as IS NOT NULL;
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

-- What a record is found by: as it was given, so that a change writes what differs and no more, and
-- in the three tables after it, which searches use. These have no foreign key, since a check for
-- each word would cost more than the word.
CREATE TABLE found_by (
  event_id    uuid PRIMARY KEY REFERENCES events (id) ON DELETE CASCADE,
  flags       text[] NOT NULL DEFAULT '{}',
  names       text[] NOT NULL DEFAULT '{}',
  words       text[] NOT NULL DEFAULT '{}',
  quick       boolean[] NOT NULL DEFAULT '{}',
  key_blocks  text[] NOT NULL DEFAULT '{}',
  key_texts   text[] NOT NULL DEFAULT '{}',
  key_days    bigint[] NOT NULL DEFAULT '{}',
  key_spelled boolean[] NOT NULL DEFAULT '{}'
);

CREATE TABLE flags (
  flag     text COLLATE "C" NOT NULL,
  event_id uuid NOT NULL,
  PRIMARY KEY (flag, event_id)
);

-- The words of answers, with the declaration's field that they answer ('' for what the record itself
-- is called by).
CREATE TABLE words (
  word_key text COLLATE "C" NOT NULL,
  name_key text COLLATE "C" NOT NULL,
  event_id uuid NOT NULL,
  -- Whether a quick search, which asks for no field in particular, finds the record by it.
  quick    boolean NOT NULL,
  PRIMARY KEY (word_key, name_key, event_id) INCLUDE (quick)
);

-- Possible duplicates. The block is a number made of its name (`number_of`).
CREATE TABLE duplicate_keys (
  block    bigint NOT NULL,
  text_key text COLLATE "C" NOT NULL,
  day      bigint NOT NULL,
  event_id uuid NOT NULL,
  PRIMARY KEY (block, text_key, day, event_id)
);

-- What a record is found by goes with it.
CREATE FUNCTION nothing_finds_what_is_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM flags WHERE flag = ANY (OLD.flags) AND event_id = OLD.event_id;
  DELETE FROM words USING unnest(OLD.names, OLD.words) AS had (name, word)
    WHERE word_key = key_of(had.word) AND name_key = key_of(had.name)
      AND words.event_id = OLD.event_id;
  DELETE FROM duplicate_keys
    USING unnest(OLD.key_blocks, OLD.key_texts, OLD.key_days) AS had (block, text, day)
    WHERE duplicate_keys.block = number_of(had.block) AND text_key = key_of(had.text)
      AND duplicate_keys.day = had.day AND duplicate_keys.event_id = OLD.event_id;
  RETURN NULL;
END $$;

CREATE TRIGGER nothing_finds_what_is_gone AFTER DELETE ON found_by
  FOR EACH ROW EXECUTE FUNCTION nothing_finds_what_is_gone();

-- Every text that may have to be found by one that is nearly the same, under each spelling that is
-- left when up to two of its first letters are left out. Two texts that differ in no more than two
-- letters have such a spelling in common. Texts are few where records are many: names repeat.
CREATE TABLE duplicate_spellings (
  spelling text COLLATE "C" NOT NULL,
  text_key text COLLATE "C" NOT NULL,
  PRIMARY KEY (spelling, text_key)
);

-- Drafts --------------------------------------------------------------------------------------

-- What people have begun to fill in on records they hold, one draft for a person and a record. They
-- end with what is done to the record; the service's changes say so.
CREATE TABLE drafts (
  event_id        uuid NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  author_key      text COLLATE "C" NOT NULL,
  id              uuid NOT NULL UNIQUE,
  transaction_key text COLLATE "C" NOT NULL,
  type            text NOT NULL,
  created_at      text COLLATE "C" NOT NULL,
  document        text NOT NULL,
  PRIMARY KEY (event_id, author_key)
);

CREATE INDEX drafts_of_person ON drafts (author_key, created_at);

-- Rebuilding projections ----------------------------------------------------------------------

-- Walks over all records.
CREATE TABLE rebuilds (
  id          uuid PRIMARY KEY,
  started_at  bigint NOT NULL,
  for_country boolean NOT NULL,
  state       text NOT NULL CHECK (state IN ('running', 'completed', 'failed')),
  after_id    uuid,
  processed   bigint NOT NULL,
  error       text,
  ended_at    bigint,
  CHECK ((state = 'running') = (ended_at IS NULL))
);

-- By which version of Core's rules all records were last gone through, or are being gone through:
-- another version begins by going through them again.
CREATE TABLE projection_rules (
  one_row boolean PRIMARY KEY CHECK (one_row),
  version bigint NOT NULL
);

INSERT INTO projection_rules (one_row, version) VALUES (true, 0);
