-- oldest program: 2
-- Times are milliseconds since 1970 (`to_timestamp(created_at / 1000.0)` shows one), as in the
-- embedded store, so that what is copied from one to the other stays the same.
--
-- Deliveries are in two tables: the few that are not finished, whose rows change all the time, and
-- all others, whose rows hardly ever do. So what a claim looks at stays small, and is cleaned
-- quickly, however many hundred millions were ever delivered.

CREATE SEQUENCE delivery_positions;

CREATE TABLE unfinished_deliveries (
  id            uuid PRIMARY KEY,
  -- In the order of their beginnings, for listing.
  position      bigint NOT NULL UNIQUE,
  -- The place in its record's line: its position, or a later one when it was sent once more and
  -- went behind all that waited by then.
  turn          bigint NOT NULL,
  kind          text COLLATE "C" NOT NULL,
  path          text NOT NULL,
  -- About an action (whose record can't be deleted meanwhile) …
  event_id      uuid REFERENCES events (id),
  action_id     uuid UNIQUE,
  -- … or about an account.
  body          text,
  supersede_key text COLLATE "C",
  correlation   text NOT NULL,
  created_at    bigint NOT NULL,
  expires_at    bigint,
  state         text NOT NULL CHECK (state IN ('queued', 'leased')),
  -- Whether it is the first in its record's line, and so the one that may be tried. Kept here
  -- because finding it out at every claim would pass over all that wait behind others.
  head          boolean NOT NULL,
  attempts      integer NOT NULL,
  again         boolean NOT NULL GENERATED ALWAYS AS (attempts > 0) STORED,
  fence         bigint NOT NULL,
  -- When it may be claimed: its next time when queued, the end of the lease when leased.
  due_at        bigint NOT NULL,
  owner         text COLLATE "C",
  last_error    text,
  last_outcome  text,
  CHECK ((event_id IS NULL) = (action_id IS NULL)),
  CHECK ((state = 'leased') = (owner IS NOT NULL))
) WITH (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0.05,
  autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_cost_delay = 0
);

CREATE UNIQUE INDEX one_delivery_in_flight ON unfinished_deliveries (event_id)
  WHERE head AND event_id IS NOT NULL;
-- Kinds that are paused or excepted can have any number of deliveries due; a claim goes along each
-- of the others by itself.
CREATE INDEX unfinished_deliveries_due ON unfinished_deliveries (kind, again, due_at, position)
  WHERE head;
CREATE INDEX unfinished_deliveries_leased ON unfinished_deliveries (owner)
  WHERE owner IS NOT NULL;
CREATE INDEX unfinished_deliveries_expiring ON unfinished_deliveries (expires_at)
  WHERE expires_at IS NOT NULL;
CREATE INDEX unfinished_deliveries_of_event ON unfinished_deliveries (event_id, turn)
  WHERE event_id IS NOT NULL;
-- A later one takes the place of those before it.
CREATE UNIQUE INDEX one_delivery_by_key ON unfinished_deliveries (supersede_key)
  WHERE supersede_key IS NOT NULL;

CREATE TABLE finished_deliveries (
  id            uuid PRIMARY KEY,
  position      bigint NOT NULL UNIQUE,
  kind          text COLLATE "C" NOT NULL,
  path          text NOT NULL,
  event_id      uuid REFERENCES events (id) ON DELETE CASCADE,
  action_id     uuid UNIQUE,
  supersede_key text COLLATE "C",
  correlation   text NOT NULL,
  created_at    bigint NOT NULL,
  expires_at    bigint,
  state         text NOT NULL CHECK (state IN ('delivered', 'expired')),
  attempts      integer NOT NULL,
  fence         bigint NOT NULL,
  due_at        bigint NOT NULL,
  finished_at   bigint NOT NULL,
  last_error    text,
  last_outcome  text,
  -- Whether its attempts may still keep what answers said.
  has_answers   boolean NOT NULL,
  CHECK ((event_id IS NULL) = (action_id IS NULL))
);

CREATE INDEX finished_deliveries_of_event ON finished_deliveries (event_id)
  WHERE event_id IS NOT NULL;
CREATE INDEX finished_deliveries_with_answers ON finished_deliveries (finished_at, id)
  WHERE has_answers;
-- They come in almost in this order, so that a small index is enough.
CREATE INDEX finished_deliveries_by_beginning ON finished_deliveries
  USING brin (created_at) WITH (autosummarize = on);

CREATE VIEW deliveries AS
  SELECT id, position, kind, path, event_id, action_id, body, supersede_key, correlation,
    created_at, expires_at, state, attempts, fence, due_at, NULL::bigint AS finished_at, last_error,
    last_outcome
  FROM unfinished_deliveries
  UNION ALL
  SELECT id, position, kind, path, event_id, action_id, NULL, supersede_key, correlation,
    created_at, expires_at, state, attempts, fence, due_at, finished_at, last_error, last_outcome
  FROM finished_deliveries;

-- No foreign key: its delivery is in one of two tables. Attempts go with their record.
CREATE TABLE attempts (
  delivery_id uuid NOT NULL,
  number      integer NOT NULL,
  started_at  bigint NOT NULL,
  duration_ms bigint NOT NULL,
  status      integer,
  answer      text,
  outcome     text NOT NULL,
  error       text,
  PRIMARY KEY (delivery_id, number)
);

-- Whichever way a record's head is finished, the next in line takes its place. Whoever finishes or
-- begins a record's delivery has locked the record's row in a statement before, so that of two who
-- do, the later one sees what the earlier one did.
CREATE FUNCTION next_delivery_moves_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE unfinished_deliveries SET head = true
  WHERE id = (
    SELECT id FROM unfinished_deliveries WHERE event_id = OLD.event_id ORDER BY turn LIMIT 1
  );
  RETURN NULL;
END $$;

CREATE TRIGGER next_delivery_moves_up AFTER DELETE ON unfinished_deliveries
FOR EACH ROW WHEN (OLD.head AND OLD.event_id IS NOT NULL)
EXECUTE FUNCTION next_delivery_moves_up();

-- How many were ever finished, so that counting them does not read them all. Rows are only ever
-- added, so that nobody waits for anybody else's count; whoever reads the totals adds them up.
CREATE TABLE finished_counts (
  kind  text COLLATE "C" NOT NULL,
  state text NOT NULL,
  count bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);

CREATE FUNCTION finished_deliveries_are_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO finished_counts (kind, state, count) VALUES (NEW.kind, NEW.state, 1);
  RETURN NULL;
END $$;

CREATE TRIGGER finished_deliveries_are_counted AFTER INSERT ON finished_deliveries
FOR EACH ROW EXECUTE FUNCTION finished_deliveries_are_counted();

-- Either its record is gone, and its attempts go with it, or it is sent once more.
CREATE FUNCTION finished_delivery_goes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM events WHERE id = OLD.event_id) THEN
    INSERT INTO finished_counts (kind, state, count) VALUES (OLD.kind, OLD.state, -1);
  ELSE
    DELETE FROM attempts WHERE delivery_id = OLD.id;
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER finished_delivery_goes AFTER DELETE ON finished_deliveries
FOR EACH ROW EXECUTE FUNCTION finished_delivery_goes();

-- What operators stopped; the row without a kind stops all.
CREATE TABLE pauses (
  kind   text COLLATE "C" UNIQUE,
  since  bigint NOT NULL,
  by     text NOT NULL,
  reason text
);

CREATE UNIQUE INDEX one_pause_of_all ON pauses ((kind IS NULL)) WHERE kind IS NULL;

-- Orders to send many deliveries once more.
CREATE TABLE sendings (
  id         uuid PRIMARY KEY,
  started_at bigint NOT NULL,
  ended_at   bigint,
  document   text NOT NULL
);

CREATE INDEX sendings_by_beginning ON sendings (started_at, id);
CREATE INDEX sendings_under_way ON sendings (started_at, id) WHERE ended_at IS NULL;

-- Nodes ---------------------------------------------------------------------------------------

CREATE TABLE nodes (
  node       text COLLATE "C" PRIMARY KEY,
  run        uuid NOT NULL,
  version    text NOT NULL,
  started_at bigint NOT NULL,
  at         bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE duties (
  duty  text COLLATE "C" PRIMARY KEY,
  node  text COLLATE "C" NOT NULL,
  until bigint NOT NULL
) WITH (fillfactor = 50);

-- Actions that wait ---------------------------------------------------------------------------

-- Kept by the triggers below, so that it can't disagree with the actions.
CREATE TABLE pending (
  action_id    uuid PRIMARY KEY,
  event_id     uuid NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  event_type   text COLLATE "C" NOT NULL,
  action_type  text COLLATE "C" NOT NULL,
  requested_at bigint NOT NULL
) WITH (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0.05,
  autovacuum_vacuum_threshold = 1000
);

CREATE INDEX pending_by_age ON pending (requested_at, action_id);
CREATE INDEX pending_of_event ON pending (event_id);
CREATE INDEX pending_by_type ON pending (event_type, action_type, requested_at);

-- A time that can't be read counts as long ago: what waits is never left out for it.
CREATE FUNCTION milliseconds_of(written text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN coalesce(round(1000 * extract(epoch FROM written::timestamptz))::bigint, 0);
EXCEPTION WHEN data_exception THEN
  RETURN 0;
END $$;

CREATE FUNCTION what_is_requested_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO pending (action_id, event_id, event_type, action_type, requested_at)
  SELECT NEW.id, id, type, NEW.type, milliseconds_of(NEW.created_at)
  FROM events
  WHERE id = NEW.event_id AND NOT EXISTS (
    SELECT FROM actions
    WHERE original_action_id = NEW.id AND status IN ('Accepted', 'Rejected')
  );
  RETURN NULL;
END $$;

CREATE TRIGGER what_is_requested_waits AFTER INSERT ON actions
FOR EACH ROW WHEN (NEW.status = 'Requested')
EXECUTE FUNCTION what_is_requested_waits();

CREATE FUNCTION what_is_decided_waits_no_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM pending WHERE action_id = NEW.original_action_id;
  RETURN NULL;
END $$;

CREATE TRIGGER what_is_decided_waits_no_more AFTER INSERT ON actions
FOR EACH ROW WHEN (NEW.original_action_id IS NOT NULL AND NEW.status IN ('Accepted', 'Rejected'))
EXECUTE FUNCTION what_is_decided_waits_no_more();
