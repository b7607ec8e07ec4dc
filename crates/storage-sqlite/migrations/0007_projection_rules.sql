-- By which version of Core's rules all records were last gone through, or are being gone through:
-- another version begins by going through them again.

CREATE TABLE projection_rules (
  only    INTEGER PRIMARY KEY CHECK (only = 1),
  version INTEGER NOT NULL
) STRICT;

INSERT INTO projection_rules (only, version) VALUES (1, 0);
