-- Deliveries ----------------------------------------------------------------------------------

-- What came of the last attempt.
ALTER TABLE deliveries ADD COLUMN last_outcome TEXT;
UPDATE deliveries SET last_outcome = (
  SELECT outcome FROM attempts WHERE delivery_id = deliveries.id ORDER BY number DESC LIMIT 1
);

-- Its place in its record's line, where that is not its position: it was sent once more, and went
-- behind all that waited by then.
ALTER TABLE deliveries ADD COLUMN turn INTEGER;

-- Whether its attempts may still keep what answers said.
ALTER TABLE deliveries ADD COLUMN has_answers INTEGER NOT NULL DEFAULT 1
  CHECK (has_answers IN (0, 1));
CREATE INDEX deliveries_with_answers ON deliveries (finished_at, position)
  WHERE finished_at IS NOT NULL AND has_answers = 1;

-- Kinds that are paused or excepted can have any number of deliveries due; a claim goes along each
-- of the others by itself.
DROP INDEX deliveries_first_due;
DROP INDEX deliveries_retry_due;
CREATE INDEX deliveries_first_due ON deliveries (kind, due_at, position)
  WHERE head = 1 AND attempts = 0;
CREATE INDEX deliveries_retry_due ON deliveries (kind, due_at, position)
  WHERE head = 1 AND attempts > 0;

CREATE INDEX deliveries_by_beginning ON deliveries (created_at);

-- Whichever way a record's head is finished, the next in line takes its place.
DROP TRIGGER next_delivery_moves_up;
CREATE TRIGGER next_delivery_moves_up AFTER UPDATE OF finished_at ON deliveries
WHEN OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL AND NEW.event_id IS NOT NULL
BEGIN
  UPDATE deliveries SET head = 1
  WHERE position = (
    SELECT position FROM deliveries WHERE event_id = NEW.event_id AND finished_at IS NULL
    ORDER BY coalesce(turn, position) LIMIT 1
  );
END;

CREATE TRIGGER what_is_sent_once_more_is_not_counted AFTER UPDATE OF finished_at ON deliveries
WHEN OLD.finished_at IS NOT NULL AND NEW.finished_at IS NULL
BEGIN
  UPDATE finished_deliveries SET count = count - 1
  WHERE kind = OLD.kind AND state = OLD.state;
END;

-- What operators stopped; the row without a kind stops all.
CREATE TABLE pauses (
  kind   TEXT,
  since  INTEGER NOT NULL,
  by     TEXT NOT NULL,
  reason TEXT
) STRICT;

CREATE UNIQUE INDEX pauses_by_kind ON pauses (ifnull(kind, ''), kind IS NULL);

-- Orders to send many deliveries once more.
CREATE TABLE sendings (
  id         BLOB PRIMARY KEY CHECK (length(id) = 16),
  started_at INTEGER NOT NULL,
  ended_at   INTEGER,
  document   TEXT NOT NULL
) STRICT;

CREATE INDEX sendings_by_beginning ON sendings (started_at, id);
CREATE INDEX sendings_under_way ON sendings (started_at, id) WHERE ended_at IS NULL;

-- Nodes ---------------------------------------------------------------------------------------

CREATE TABLE nodes (
  node       TEXT PRIMARY KEY,
  run        BLOB NOT NULL CHECK (length(run) = 16),
  version    TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE duties (
  duty  TEXT PRIMARY KEY,
  node  TEXT NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Actions that wait ---------------------------------------------------------------------------

-- Kept by the triggers below, so that it can't disagree with the actions.
CREATE TABLE pending (
  action_id    BLOB PRIMARY KEY CHECK (length(action_id) = 16),
  event_id     BLOB NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  event_type   TEXT NOT NULL,
  action_type  TEXT NOT NULL,
  requested_at INTEGER NOT NULL
) STRICT;

CREATE INDEX pending_by_age ON pending (requested_at, action_id);
CREATE INDEX pending_of_event ON pending (event_id);
CREATE INDEX pending_by_type ON pending (event_type, action_type, requested_at);

-- A time that can't be read counts as long ago: what waits is never left out for it.
CREATE TRIGGER what_is_requested_waits AFTER INSERT ON actions
WHEN NEW.status = 'Requested' AND NOT EXISTS (
  SELECT 1 FROM actions
  WHERE original_action_id = NEW.id AND status IN ('Accepted', 'Rejected')
)
BEGIN
  INSERT INTO pending (action_id, event_id, event_type, action_type, requested_at)
  SELECT NEW.id, id, type, NEW.type,
    coalesce(CAST(round(1000 * unixepoch(NEW.document ->> '$.createdAt', 'subsec')) AS INTEGER), 0)
  FROM events WHERE id = NEW.event_id;
END;

CREATE TRIGGER what_is_decided_waits_no_more AFTER INSERT ON actions
WHEN NEW.original_action_id IS NOT NULL AND NEW.status IN ('Accepted', 'Rejected')
BEGIN
  DELETE FROM pending WHERE action_id = NEW.original_action_id;
END;

INSERT INTO pending (action_id, event_id, event_type, action_type, requested_at)
SELECT asked.id, events.id, events.type, asked.type,
  coalesce(CAST(round(1000 * unixepoch(asked.document ->> '$.createdAt', 'subsec')) AS INTEGER), 0)
FROM actions AS asked JOIN events ON events.id = asked.event_id
WHERE asked.status = 'Requested' AND NOT EXISTS (
  SELECT 1 FROM actions AS decision
  WHERE decision.original_action_id = asked.id AND decision.status IN ('Accepted', 'Rejected')
);
