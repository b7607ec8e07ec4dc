-- What a decision costs.

-- What searches ask for most is read out of a projection's document by whoever writes it, so that a
-- change writes to no more indexes than it has to: columns that read it out by themselves were all
-- written anew with every document. They stand before the document, so that counting and sorting
-- need not read past it.
CREATE TABLE plain_projections (
  event_id            BLOB PRIMARY KEY REFERENCES events (id) ON DELETE CASCADE,
  registration_number TEXT UNIQUE,
  type                TEXT,
  status              TEXT,
  tracking_id         TEXT,
  assigned_to         TEXT,
  created_at          TEXT,
  created_by          TEXT,
  created_at_location TEXT,
  updated_at          TEXT,
  updated_by          TEXT,
  updated_at_location TEXT,
  registered_as       TEXT,
  date_of_event       TEXT,
  place_of_event      TEXT,
  declared_in         TEXT,
  declared_by         TEXT,
  registered_in       TEXT,
  registered_by       TEXT,
  document            TEXT NOT NULL
) STRICT;

INSERT INTO plain_projections
SELECT event_id, registration_number, type, status, tracking_id, assigned_to, created_at,
  created_by, created_at_location, updated_at, updated_by, updated_at_location, registered_as,
  date_of_event, place_of_event, declared_in, declared_by, registered_in, registered_by, document
FROM projections;

DROP TABLE projections;
ALTER TABLE plain_projections RENAME TO projections;

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

-- What a record has is compared with what it is to have at every change: read from these indexes
-- alone, without a look at each row.
DROP INDEX words_of_event;
CREATE INDEX words_of_event ON words (event_id, quick);
DROP INDEX duplicate_keys_of_event;
CREATE INDEX duplicate_keys_of_event ON duplicate_keys (event_id, spelled);

-- As before; where nothing waits, which is nearly always, nothing is updated.
DROP TRIGGER next_delivery_moves_up;
CREATE TRIGGER next_delivery_moves_up AFTER UPDATE OF finished_at ON deliveries
WHEN OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL AND NEW.event_id IS NOT NULL
  AND EXISTS (
    SELECT 1 FROM deliveries WHERE event_id = NEW.event_id AND finished_at IS NULL
  )
BEGIN
  UPDATE deliveries SET head = 1
  WHERE position = (
    SELECT position FROM deliveries WHERE event_id = NEW.event_id AND finished_at IS NULL
    ORDER BY coalesce(turn, position) LIMIT 1
  );
END;
