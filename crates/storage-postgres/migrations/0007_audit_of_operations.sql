-- oldest program: 3
-- What was done is also looked for by what it was. Names of operations are short; the index takes
-- no more of one than it can.
CREATE INDEX audit_of_operation ON audit (left(operation, 100), id);
