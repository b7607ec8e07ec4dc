-- What people have begun to fill in on records they hold, one draft for a person and a record. They
-- end with what is done to the record; the service's changes say so.

CREATE TABLE drafts (
  event_id        BLOB NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  created_by      TEXT NOT NULL,
  id              BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  transaction_id  TEXT NOT NULL,
  type            TEXT NOT NULL,
  created_at      TEXT NOT NULL,
  created_by_role TEXT,
  declaration     TEXT NOT NULL,
  annotation      TEXT,
  PRIMARY KEY (event_id, created_by)
) STRICT, WITHOUT ROWID;

CREATE INDEX drafts_of_person ON drafts (created_by, created_at);

-- Somebody at another office is no longer at work on the records of the old one. Accounts are named
-- by the text of their id in documents, and so in drafts.
CREATE TRIGGER drafts_stay_behind AFTER UPDATE OF office_id ON users
WHEN OLD.office_id <> NEW.office_id
BEGIN
  DELETE FROM drafts WHERE created_by = lower(
    substr(hex(NEW.id), 1, 8) || '-' || substr(hex(NEW.id), 9, 4) || '-' ||
    substr(hex(NEW.id), 13, 4) || '-' || substr(hex(NEW.id), 17, 4) || '-' ||
    substr(hex(NEW.id), 21)
  );
END;
