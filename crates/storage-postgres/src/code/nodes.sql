-- The nodes that share the database.

-- A sign of life; false when a later run has taken the name.
CREATE FUNCTION beat(its_node text, its_run uuid, its_version text, began_at bigint, sign_at bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO nodes AS known (node, run, version, started_at, at)
  VALUES (its_node, its_run, its_version, began_at, sign_at)
  ON CONFLICT (node) DO UPDATE
  SET run = excluded.run, version = excluded.version, started_at = excluded.started_at,
    at = excluded.at
  WHERE known.run <= excluded.run;
  RETURN FOUND;
END $$;

-- A node that stops lets go of everything, unless a later run has its name.
CREATE FUNCTION leave(its_node text, its_run uuid, at bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM nodes WHERE node = its_node AND run <= its_run;
  IF EXISTS (SELECT FROM nodes WHERE node = its_node) THEN
    RETURN;
  END IF;
  PERFORM release_claims_of(its_node, at);
  DELETE FROM duties WHERE node = its_node;
END $$;

-- Puts back the claims, and lets go of the duties, of whoever gave no sign since then. Whatever
-- somebody is changing at this moment is no claim of theirs any more, or will be seen to next time.
CREATE FUNCTION release_claims_of_silent(since bigint, at bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  released bigint;
BEGIN
  DELETE FROM duties
  WHERE duty IN (
    SELECT duty FROM duties AS left_alone
    WHERE NOT EXISTS (
      SELECT FROM nodes WHERE nodes.node = left_alone.node AND nodes.at >= since
    )
    FOR UPDATE SKIP LOCKED
  );
  UPDATE unfinished_deliveries AS one SET state = 'queued', owner = NULL, due_at = at
  FROM (
    SELECT held.id FROM unfinished_deliveries AS held
    WHERE held.owner IS NOT NULL AND NOT EXISTS (
      SELECT FROM nodes WHERE nodes.node = held.owner AND nodes.at >= since
    )
    FOR UPDATE OF held SKIP LOCKED
  ) AS theirs
  WHERE one.id = theirs.id;
  GET DIAGNOSTICS released = ROW_COUNT;
  RETURN released;
END $$;
