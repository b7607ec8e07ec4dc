-- oldest program: 3
-- Files that actions refer to, in parts.

CREATE TABLE attachments (
  id           uuid PRIMARY KEY,
  path         text COLLATE "C" NOT NULL CONSTRAINT attachment_path_is_taken_once UNIQUE,
  uploaded_by  text NOT NULL,
  file_name    text NOT NULL,
  content_type text NOT NULL,
  size         bigint NOT NULL,
  sha256       text NOT NULL,
  received     bigint NOT NULL CHECK (received <= size),
  created_at   bigint NOT NULL,
  completed_at bigint CHECK (completed_at IS NULL OR received = size)
);

CREATE INDEX attachments_by_age ON attachments (created_at);

CREATE TABLE attachment_parts (
  attachment_id uuid NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
  at            bigint NOT NULL,
  content       bytea NOT NULL,
  PRIMARY KEY (attachment_id, at)
);

-- Pictures and documents are compressed already.
ALTER TABLE attachment_parts ALTER COLUMN content SET STORAGE EXTERNAL;

-- Which records refer to a file, whether it is here or not.
CREATE TABLE attachment_references (
  path_key text COLLATE "C" NOT NULL,
  event_id uuid NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  PRIMARY KEY (path_key, event_id)
);

CREATE INDEX attachment_references_of_event ON attachment_references (event_id);
