-- What was done is also looked for by what it was.
CREATE INDEX audit_of_operation ON audit (operation, id);
