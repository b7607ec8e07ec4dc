-- Ids are BLOBs of 16 bytes: less than half of their text in every index, and they sort the same.
-- Times are INTEGERs, milliseconds since 1970, except where a document of the protocol carries
-- them as text: there they stay as they were written.

-- Records -------------------------------------------------------------------------------------

CREATE TABLE events (
  id             BLOB PRIMARY KEY CHECK (length(id) = 16),
  type           TEXT NOT NULL,
  tracking_id    TEXT NOT NULL UNIQUE,
  transaction_id TEXT NOT NULL,
  created_at     TEXT NOT NULL,
  updated_at     TEXT NOT NULL,
  version        INTEGER NOT NULL,
  UNIQUE (transaction_id, type)
) STRICT;

CREATE TABLE actions (
  position           INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id           BLOB NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  seq                INTEGER NOT NULL,
  id                 BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  transaction_id     TEXT NOT NULL,
  type               TEXT NOT NULL,
  status             TEXT NOT NULL,
  original_action_id BLOB,
  document           TEXT NOT NULL,
  UNIQUE (event_id, seq)
) STRICT;

CREATE INDEX actions_of_transaction ON actions (transaction_id);

-- An action is resolved once, whatever the code above believes.
CREATE UNIQUE INDEX action_resolved_once ON actions (original_action_id)
  WHERE original_action_id IS NOT NULL AND status IN ('Accepted', 'Rejected');

-- A transaction does a thing to a record once. Reading and holding a record may repeat.
CREATE UNIQUE INDEX action_done_once ON actions (event_id, transaction_id, type, status)
  WHERE type NOT IN ('READ', 'ASSIGN', 'UNASSIGN');

CREATE TRIGGER actions_are_never_changed BEFORE UPDATE ON actions
BEGIN
  SELECT RAISE(ABORT, 'an action is never changed');
END;

-- The only way to be rid of an action is to delete its whole record: then the record's row goes
-- first, and its actions follow by the foreign key.
CREATE TRIGGER actions_are_never_removed BEFORE DELETE ON actions
WHEN EXISTS (SELECT 1 FROM events WHERE id = OLD.event_id)
BEGIN
  SELECT RAISE(ABORT, 'an action is never removed from its record');
END;

CREATE TRIGGER declared_records_are_kept BEFORE DELETE ON events
WHEN EXISTS (
  SELECT 1 FROM actions AS done
  WHERE done.event_id = OLD.id
    AND done.type IN ('NOTIFY', 'DECLARE', 'REGISTER')
    AND done.status <> 'Rejected'
    -- What the country rejected counts as if it had never been.
    AND NOT EXISTS (
      SELECT 1 FROM actions AS refusal
      WHERE refusal.original_action_id = done.id AND refusal.status = 'Rejected'
    )
)
BEGIN
  SELECT RAISE(ABORT, 'a record that was declared or notified is never deleted');
END;

-- The projection ------------------------------------------------------------------------------

-- The columns up to the document are read out of it, so they can't disagree with it; they come
-- first so that counting and sorting need not read past a large document.
CREATE TABLE projections (
  event_id            BLOB PRIMARY KEY REFERENCES events (id) ON DELETE CASCADE,
  registration_number TEXT UNIQUE,
  type                TEXT AS (document ->> '$.type') STORED,
  status              TEXT AS (document ->> '$.status') STORED,
  tracking_id         TEXT AS (document ->> '$.trackingId') STORED,
  assigned_to         TEXT AS (document ->> '$.assignedTo') STORED,
  created_at          TEXT AS (document ->> '$.createdAt') STORED,
  created_by          TEXT AS (document ->> '$.createdBy') STORED,
  created_at_location TEXT AS (document ->> '$.createdAtLocation') STORED,
  updated_at          TEXT AS (document ->> '$.updatedAt') STORED,
  updated_by          TEXT AS (document ->> '$.updatedBy') STORED,
  updated_at_location TEXT AS (document ->> '$.updatedAtLocation') STORED,
  registered_as       TEXT AS (
    document ->> '$.legalStatuses.REGISTERED.registrationNumber'
  ) STORED,
  date_of_event       TEXT AS (document ->> '$.dateOfEvent') STORED,
  place_of_event      TEXT AS (document ->> '$.placeOfEvent') STORED,
  search_text         TEXT NOT NULL,
  document            TEXT NOT NULL
) STRICT;

CREATE INDEX projections_by_status ON projections (status, updated_at, event_id);
CREATE INDEX projections_by_place ON projections (updated_at_location, status, updated_at);
CREATE INDEX projections_by_holder ON projections (assigned_to, updated_at)
  WHERE assigned_to IS NOT NULL;
CREATE INDEX projections_by_editor ON projections (updated_by, updated_at);
CREATE INDEX projections_by_update ON projections (updated_at, event_id);
CREATE INDEX projections_by_author ON projections (created_by, created_at);
CREATE INDEX projections_by_origin ON projections (created_at_location, created_at);
CREATE INDEX projections_by_tracking_id ON projections (tracking_id);
CREATE INDEX projections_by_number ON projections (registered_as)
  WHERE registered_as IS NOT NULL;

CREATE TABLE flags (
  flag     TEXT NOT NULL,
  event_id BLOB NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  PRIMARY KEY (flag, event_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX flags_of_event ON flags (event_id);

-- The folded words of a record's search text: a search is a range of this key.
CREATE TABLE search_words (
  word     TEXT NOT NULL,
  event_id BLOB NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  PRIMARY KEY (word, event_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX search_words_of_event ON search_words (event_id);

-- Deliveries ----------------------------------------------------------------------------------

CREATE TABLE deliveries (
  position      INTEGER PRIMARY KEY AUTOINCREMENT,
  id            BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  kind          TEXT NOT NULL,
  path          TEXT NOT NULL,
  -- About an action …
  event_id      BLOB REFERENCES events (id) ON DELETE CASCADE,
  action_id     BLOB UNIQUE,
  -- … or about an account; the body is erased when the delivery is finished.
  body          TEXT,
  supersede_key TEXT,
  correlation   TEXT NOT NULL,
  created_at    INTEGER NOT NULL,
  expires_at    INTEGER,
  state         TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'delivered', 'expired')),
  -- Whether it is the oldest unfinished delivery of its record, and so the one that may be tried.
  -- Kept here because finding it out at every claim would pass over all that wait behind others.
  head          INTEGER NOT NULL CHECK (head IN (0, 1)),
  attempts      INTEGER NOT NULL DEFAULT 0,
  fence         INTEGER NOT NULL DEFAULT 0,
  -- When it may be claimed: its next time when queued, the end of the lease when leased.
  due_at        INTEGER NOT NULL,
  owner         TEXT,
  finished_at   INTEGER,
  last_error    TEXT,
  CHECK ((event_id IS NULL) = (action_id IS NULL)),
  CHECK ((state IN ('delivered', 'expired')) = (finished_at IS NOT NULL)),
  CHECK ((state = 'leased') = (owner IS NOT NULL)),
  CHECK (finished_at IS NULL OR (head = 0 AND body IS NULL))
) STRICT;

CREATE UNIQUE INDEX one_delivery_in_flight ON deliveries (event_id)
  WHERE head = 1 AND event_id IS NOT NULL;
CREATE INDEX deliveries_first_due ON deliveries (due_at, position)
  WHERE head = 1 AND attempts = 0;
CREATE INDEX deliveries_retry_due ON deliveries (due_at, position)
  WHERE head = 1 AND attempts > 0;
CREATE INDEX deliveries_leased ON deliveries (owner) WHERE owner IS NOT NULL;
CREATE INDEX deliveries_expiring ON deliveries (expires_at)
  WHERE finished_at IS NULL AND expires_at IS NOT NULL;
CREATE INDEX deliveries_unfinished ON deliveries (position) WHERE finished_at IS NULL;
CREATE INDEX deliveries_unfinished_of_event ON deliveries (event_id, position)
  WHERE finished_at IS NULL AND event_id IS NOT NULL;
CREATE INDEX deliveries_unfinished_by_key ON deliveries (supersede_key)
  WHERE finished_at IS NULL AND supersede_key IS NOT NULL;
CREATE INDEX deliveries_unfinished_by_kind ON deliveries (kind, state, created_at)
  WHERE finished_at IS NULL;
CREATE INDEX deliveries_of_event ON deliveries (event_id) WHERE event_id IS NOT NULL;

-- A delivery that was promised is not forgotten, even if its record goes.
CREATE TRIGGER records_outlive_their_deliveries BEFORE DELETE ON events
WHEN EXISTS (SELECT 1 FROM deliveries WHERE event_id = OLD.id AND finished_at IS NULL)
BEGIN
  SELECT RAISE(ABORT, 'a record with an unfinished delivery is never deleted');
END;

-- How many were ever finished, so that counting them does not read them all.
CREATE TABLE finished_deliveries (
  kind  TEXT NOT NULL,
  state TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (kind, state)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER finished_deliveries_are_counted AFTER UPDATE OF finished_at ON deliveries
WHEN OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL
BEGIN
  INSERT INTO finished_deliveries (kind, state, count) VALUES (NEW.kind, NEW.state, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;

-- Whichever way a record's head is finished, the next in line takes its place.
CREATE TRIGGER next_delivery_moves_up AFTER UPDATE OF finished_at ON deliveries
WHEN OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL AND NEW.event_id IS NOT NULL
BEGIN
  UPDATE deliveries SET head = 1
  WHERE position = (
    SELECT min(position) FROM deliveries WHERE event_id = NEW.event_id AND finished_at IS NULL
  );
END;

CREATE TABLE attempts (
  delivery_id BLOB NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
  number      INTEGER NOT NULL,
  started_at  INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  status      INTEGER,
  answer      TEXT,
  outcome     TEXT NOT NULL,
  error       TEXT,
  PRIMARY KEY (delivery_id, number)
) STRICT;

-- Accounts ------------------------------------------------------------------------------------

CREATE TABLE users (
  id           BLOB PRIMARY KEY CHECK (length(id) = 16),
  -- The username in lower case.
  username_key TEXT NOT NULL UNIQUE,
  role         TEXT NOT NULL,
  status       TEXT NOT NULL,
  office_id    BLOB NOT NULL,
  mobile       TEXT,
  email        TEXT,
  document     TEXT NOT NULL
) STRICT;

CREATE INDEX users_by_office ON users (office_id);
CREATE INDEX users_by_mobile ON users (mobile) WHERE mobile IS NOT NULL;
CREATE INDEX users_by_email ON users (email) WHERE email IS NOT NULL;

CREATE TABLE credentials (
  user_id  BLOB PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  document TEXT NOT NULL
) STRICT;

CREATE TABLE challenges (
  nonce      TEXT PRIMARY KEY,
  user_id    BLOB NOT NULL,
  purpose    TEXT NOT NULL,
  code_hash  TEXT NOT NULL,
  failures   INTEGER NOT NULL,
  stage      TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX challenges_by_expiry ON challenges (expires_at);

CREATE TABLE system_clients (
  id           BLOB PRIMARY KEY CHECK (length(id) = 16),
  name         TEXT NOT NULL,
  scopes       TEXT NOT NULL,
  secrets      TEXT NOT NULL,
  sha_secret   TEXT NOT NULL,
  status       TEXT NOT NULL,
  created_by   TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  last_used_at INTEGER
) STRICT;

CREATE TABLE signing_keys (
  id          TEXT PRIMARY KEY,
  private_pem TEXT NOT NULL,
  created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE revoked_tokens (
  id    TEXT PRIMARY KEY,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX revoked_tokens_by_end ON revoked_tokens (until);

-- Places and configuration --------------------------------------------------------------------

CREATE TABLE places (
  id          BLOB PRIMARY KEY CHECK (length(id) = 16),
  external_id TEXT UNIQUE,
  document    TEXT NOT NULL
) STRICT;

-- One row: how often places were saved.
CREATE TABLE places_version (
  only    INTEGER PRIMARY KEY CHECK (only = 1),
  version INTEGER NOT NULL
) STRICT;

INSERT INTO places_version (only, version) VALUES (1, 0);

CREATE TABLE configuration (
  kind TEXT PRIMARY KEY,
  body TEXT NOT NULL,
  etag TEXT,
  at   INTEGER NOT NULL
) STRICT;

-- Audit ---------------------------------------------------------------------------------------

CREATE TABLE audit (
  id          BLOB PRIMARY KEY CHECK (length(id) = 16),
  at          INTEGER NOT NULL,
  client_id   TEXT NOT NULL,
  client_type TEXT NOT NULL,
  operation   TEXT NOT NULL,
  event_id    BLOB,
  details     TEXT NOT NULL,
  correlation TEXT NOT NULL
) STRICT;

CREATE INDEX audit_of_event ON audit (event_id, id) WHERE event_id IS NOT NULL;
CREATE INDEX audit_of_client ON audit (client_id, id);

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'an audit entry is never changed');
END;

CREATE TRIGGER audit_is_never_removed BEFORE DELETE ON audit
BEGIN
  SELECT RAISE(ABORT, 'an audit entry is never removed');
END;
