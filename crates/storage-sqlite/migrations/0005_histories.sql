-- What somebody did, newest first. Whoever asks writes these expressions the same way.

CREATE INDEX actions_by_author
  ON actions (document ->> '$.createdBy', document ->> '$.createdAt', position);
