-- Files that actions refer to, in parts.

CREATE TABLE attachments (
  id           BLOB PRIMARY KEY CHECK (length(id) = 16),
  path         TEXT NOT NULL UNIQUE,
  uploaded_by  TEXT NOT NULL,
  file_name    TEXT NOT NULL,
  content_type TEXT NOT NULL,
  size         INTEGER NOT NULL,
  sha256       TEXT NOT NULL,
  received     INTEGER NOT NULL CHECK (received <= size),
  created_at   INTEGER NOT NULL,
  completed_at INTEGER CHECK (completed_at IS NULL OR received = size)
) STRICT;

CREATE INDEX attachments_by_age ON attachments (created_at);

CREATE TABLE attachment_parts (
  attachment_id BLOB NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
  at            INTEGER NOT NULL,
  content       BLOB NOT NULL,
  PRIMARY KEY (attachment_id, at)
) STRICT;

-- Which records refer to a file, whether it is here or not.
CREATE TABLE attachment_references (
  path     TEXT NOT NULL,
  event_id BLOB NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  PRIMARY KEY (path, event_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX attachment_references_of_event ON attachment_references (event_id);
