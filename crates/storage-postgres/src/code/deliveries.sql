-- How deliveries begin, are claimed, and are finished.
--
-- Whoever begins or finishes a delivery about a record locks the record's row before, so that of
-- two who do, the later one sees what the earlier one did: which of the record's deliveries is
-- first in line depends on all of them. A record's row is always locked before its deliveries.

-- Begins a delivery; the caller has locked its record's row. Whether it is leased, as it may ask:
-- something of its record that goes first, and a pause, are against it.
CREATE FUNCTION begin_delivery(
  new_id uuid, new_kind text, new_path text, of_event uuid, of_action uuid, new_body text,
  key text, new_correlation text, beginning bigint, expiry bigint, new_owner text,
  lease_until bigint
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  place bigint := nextval('delivery_positions');
  first boolean := true;
  lease boolean;
BEGIN
  IF key IS NOT NULL THEN
    -- Two that take the same key's place come one after the other.
    PERFORM pg_advisory_xact_lock(hashtextextended(key, 7269));
    WITH gone AS (DELETE FROM unfinished_deliveries WHERE supersede_key = key RETURNING *)
    INSERT INTO finished_deliveries (id, position, kind, path, event_id, action_id, supersede_key,
      correlation, created_at, expires_at, state, attempts, fence, due_at, finished_at, last_error,
      last_outcome, has_answers)
    SELECT id, position, kind, path, event_id, action_id, supersede_key, correlation, created_at,
      expires_at, 'expired', attempts, fence, due_at, beginning, last_error, last_outcome,
      attempts > 0
    FROM gone;
  END IF;
  IF of_event IS NOT NULL THEN
    first := NOT EXISTS (SELECT FROM unfinished_deliveries WHERE event_id = of_event);
  END IF;
  lease := new_owner IS NOT NULL AND first
    AND NOT EXISTS (SELECT FROM pauses WHERE kind = new_kind OR kind IS NULL);
  INSERT INTO unfinished_deliveries (id, position, turn, kind, path, event_id, action_id, body,
    supersede_key, correlation, created_at, expires_at, state, head, attempts, fence, due_at, owner)
  VALUES (new_id, place, place, new_kind, new_path, of_event, of_action, new_body, key,
    new_correlation, beginning, expiry, CASE WHEN lease THEN 'leased' ELSE 'queued' END, first,
    lease::integer, lease::integer, CASE WHEN lease THEN lease_until ELSE beginning END,
    CASE WHEN lease THEN new_owner END);
  RETURN lease;
END $$;

-- Writes what follows from an attempt under this fence: `queued` again, due at this time, or
-- finished at it as `delivered` or `expired`. False, and nothing written, when the claim is lost. The
-- caller has locked the record's row, unless it is queued again.
CREATE FUNCTION follow_attempt(
  delivery uuid, its_fence bigint, follows text, follows_at bigint, error text, outcome text
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF follows = 'queued' THEN
    UPDATE unfinished_deliveries
    SET state = 'queued', owner = NULL, due_at = follows_at, last_error = error,
      last_outcome = outcome
    WHERE id = delivery AND state = 'leased' AND fence = its_fence;
    RETURN FOUND;
  END IF;
  WITH gone AS (
    DELETE FROM unfinished_deliveries
    WHERE id = delivery AND state = 'leased' AND fence = its_fence RETURNING *
  )
  INSERT INTO finished_deliveries (id, position, kind, path, event_id, action_id, supersede_key,
    correlation, created_at, expires_at, state, attempts, fence, due_at, finished_at, last_error,
    last_outcome, has_answers)
  SELECT id, position, kind, path, event_id, action_id, supersede_key, correlation, created_at,
    expires_at, follows, attempts, fence, follows_at, follows_at,
    CASE WHEN follows = 'expired' THEN error END, outcome, true
  FROM gone;
  RETURN FOUND;
END $$;

-- Keeps an attempt; the first account of it stands. It may come late, on a delivery that is gone, or
-- whose answers were forgotten before.
CREATE FUNCTION log_attempt(
  delivery uuid, its_number integer, began_at bigint, took bigint, its_status integer,
  its_answer text, its_outcome text, its_error text, late boolean
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF late AND NOT EXISTS (SELECT FROM deliveries WHERE id = delivery) THEN
    RETURN;
  END IF;
  INSERT INTO attempts (delivery_id, number, started_at, duration_ms, status, answer, outcome,
    error)
  VALUES (delivery, its_number, began_at, took, its_status, its_answer, its_outcome, its_error)
  ON CONFLICT DO NOTHING;
  IF late THEN
    UPDATE finished_deliveries SET has_answers = true WHERE id = delivery AND NOT has_answers;
  END IF;
END $$;

-- Writes an attempt and what follows. False, and nothing but the attempt written, when the claim is
-- lost.
CREATE FUNCTION finish_attempt(
  delivery uuid, its_fence bigint, follows text, follows_at bigint, its_number integer,
  began_at bigint, took bigint, its_status integer, its_answer text, its_outcome text,
  its_error text
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  held boolean;
BEGIN
  IF follows <> 'queued' THEN
    PERFORM FROM events
    WHERE id = (SELECT event_id FROM unfinished_deliveries WHERE id = delivery)
    FOR NO KEY UPDATE;
  END IF;
  held := follow_attempt(
    delivery, its_fence, follows, follows_at, coalesce(its_error, its_outcome), its_outcome
  );
  PERFORM log_attempt(
    delivery, its_number, began_at, took, its_status, its_answer, its_outcome, its_error, NOT held
  );
  RETURN held;
END $$;

-- Marks the unfinished delivery of an action as delivered: the decision came before the answer. The
-- caller has locked the record's row.
CREATE FUNCTION close_delivery_of(action uuid, at bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH gone AS (DELETE FROM unfinished_deliveries WHERE action_id = action RETURNING *)
  INSERT INTO finished_deliveries (id, position, kind, path, event_id, action_id, supersede_key,
    correlation, created_at, expires_at, state, attempts, fence, due_at, finished_at, last_error,
    last_outcome, has_answers)
  SELECT id, position, kind, path, event_id, action_id, supersede_key, correlation, created_at,
    expires_at, 'delivered', attempts, fence, due_at, at, NULL, last_outcome, attempts > 0
  FROM gone;
END $$;

-- Closes what is too late to be of use, unless somebody is trying it just now. Nobody is waited
-- for: what somebody else holds is looked at again soon.
CREATE FUNCTION expire_deliveries(at bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM unfinished_deliveries WHERE expires_at <= at) THEN
    RETURN;
  END IF;
  WITH gone AS (
    DELETE FROM unfinished_deliveries
    WHERE id IN (
      SELECT late.id FROM unfinished_deliveries AS late
      WHERE late.event_id IS NULL AND late.expires_at <= at
        AND (late.state = 'queued' OR late.due_at <= at)
      FOR UPDATE SKIP LOCKED
    ) OR id IN (
      SELECT late.id FROM unfinished_deliveries AS late JOIN events ON events.id = late.event_id
      WHERE late.expires_at <= at AND (late.state = 'queued' OR late.due_at <= at)
      FOR NO KEY UPDATE SKIP LOCKED
    )
    RETURNING *
  )
  INSERT INTO finished_deliveries (id, position, kind, path, event_id, action_id, supersede_key,
    correlation, created_at, expires_at, state, attempts, fence, due_at, finished_at, last_error,
    last_outcome, has_answers)
  SELECT id, position, kind, path, event_id, action_id, supersede_key, correlation, created_at,
    expires_at, 'expired', attempts, fence, due_at, at, last_error, last_outcome, attempts > 0
  FROM gone;
END $$;

-- The kinds that have something to try, found along the index, one step for each kind; and of
-- these, those that may be claimed, first attempts (`again` is false) and others apart.
CREATE FUNCTION delivery_lanes(except_kinds text[])
RETURNS TABLE (kind text, again boolean) LANGUAGE sql STABLE SET enable_seqscan = off AS $$
  WITH RECURSIVE kinds AS (
    (SELECT kind FROM unfinished_deliveries WHERE head ORDER BY kind LIMIT 1)
    UNION ALL
    SELECT (
      SELECT next.kind FROM unfinished_deliveries AS next
      WHERE next.head AND next.kind > kinds.kind ORDER BY next.kind LIMIT 1
    )
    FROM kinds WHERE kinds.kind IS NOT NULL
  )
  SELECT kinds.kind, times.again FROM kinds, (VALUES (false), (true)) AS times (again)
  WHERE kinds.kind IS NOT NULL AND kinds.kind <> ALL (except_kinds)
    AND NOT EXISTS (SELECT FROM pauses WHERE pauses.kind = kinds.kind OR pauses.kind IS NULL)
$$;

-- Claims what is due. The first that are due say how many of each lane there are to take; then so
-- many are locked, lane by lane, passing over those that somebody else is taking at this moment:
-- no more are locked than are claimed, and nobody waits. When others took some, there is another
-- look, for what was due after these.
CREATE FUNCTION claim_deliveries(
  claimer text, at bigint, lease_until bigint, most bigint, except_kinds text[]
) RETURNS SETOF unfinished_deliveries LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  room bigint := most;
  seen bigint;
  ids uuid[];
BEGIN
  PERFORM expire_deliveries(at);
  FOR look IN 1..4 LOOP
    EXIT WHEN room <= 0;
    WITH lanes AS MATERIALIZED (
      SELECT kind, again FROM delivery_lanes(except_kinds)
    ), due AS MATERIALIZED (
      SELECT lanes.kind, lanes.again FROM lanes CROSS JOIN LATERAL (
        SELECT one.due_at, one.position FROM unfinished_deliveries AS one
        WHERE one.head AND one.kind = lanes.kind AND one.again = lanes.again AND one.due_at <= at
        ORDER BY one.due_at, one.position LIMIT room
      ) AS first
      ORDER BY lanes.again, first.due_at, first.position LIMIT room
    ), shares AS (
      SELECT kind, again, count(*) AS share FROM due GROUP BY kind, again
    ), taken AS MATERIALIZED (
      SELECT mine.* FROM shares CROSS JOIN LATERAL (
        SELECT one.id, one.again, one.due_at, one.position FROM unfinished_deliveries AS one
        WHERE one.head AND one.kind = shares.kind AND one.again = shares.again AND one.due_at <= at
        ORDER BY one.due_at, one.position LIMIT shares.share
        FOR UPDATE SKIP LOCKED
      ) AS mine
    )
    SELECT (SELECT count(*) FROM due),
      (SELECT array_agg(id ORDER BY again, due_at, position) FROM taken)
    INTO seen, ids;
    RETURN QUERY
      WITH claimed AS (
        UPDATE unfinished_deliveries AS one
        SET state = 'leased', owner = claimer, due_at = lease_until, attempts = one.attempts + 1,
          fence = one.fence + 1
        WHERE one.id = ANY (ids)
        RETURNING one.*
      )
      SELECT claimed.* FROM claimed ORDER BY array_position(ids, claimed.id);
    -- Fewer than there was room for: these were all.
    EXIT WHEN seen < room;
    room := room - coalesce(cardinality(ids), 0);
  END LOOP;
END $$;

-- When there will be something to claim; null when never.
CREATE FUNCTION next_delivery_due(except_kinds text[])
RETURNS bigint LANGUAGE sql STABLE SET enable_seqscan = off AS $$
  SELECT min(first.due_at) FROM delivery_lanes(except_kinds) AS lanes CROSS JOIN LATERAL (
    SELECT one.due_at FROM unfinished_deliveries AS one
    WHERE one.head AND one.kind = lanes.kind AND one.again = lanes.again
    ORDER BY one.due_at LIMIT 1
  ) AS first
$$;

-- Sends a delivery once more, as long as its action waits for its decision. What became of it, in
-- the words that the program reads.
CREATE FUNCTION resend_delivery(delivery uuid, at bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  of_event uuid;
  now_is text;
  is_due boolean;
  place bigint;
BEGIN
  SELECT event_id INTO of_event FROM deliveries WHERE id = delivery;
  IF NOT FOUND THEN
    RETURN 'unknown';
  END IF;
  PERFORM FROM events WHERE id = of_event FOR NO KEY UPDATE;
  SELECT state, due_at <= at INTO now_is, is_due FROM deliveries WHERE id = delivery;
  IF now_is = 'leased' THEN
    RETURN CASE WHEN is_due THEN 'hurried' ELSE 'under way' END;
  ELSIF now_is = 'queued' THEN
    UPDATE unfinished_deliveries SET due_at = least(due_at, at)
    WHERE id = delivery AND state = 'queued';
    -- Not found: somebody has just begun to try it.
    RETURN CASE WHEN FOUND THEN 'hurried' ELSE 'under way' END;
  END IF;
  IF NOT EXISTS (
    SELECT FROM finished_deliveries JOIN pending USING (action_id)
    WHERE finished_deliveries.id = delivery
  ) THEN
    RETURN 'over';
  END IF;
  place := nextval('delivery_positions');
  WITH back AS (DELETE FROM finished_deliveries WHERE id = delivery RETURNING *)
  INSERT INTO unfinished_deliveries (id, position, turn, kind, path, event_id, action_id, body,
    supersede_key, correlation, created_at, expires_at, state, head, attempts, fence, due_at,
    last_error, last_outcome)
  SELECT id, position, place, kind, path, event_id, action_id, NULL, supersede_key, correlation,
    created_at, expires_at, 'queued',
    NOT EXISTS (SELECT FROM unfinished_deliveries WHERE event_id = of_event), attempts, fence, at,
    last_error, last_outcome
  FROM back;
  RETURN 'queued';
END $$;

-- Takes back claims whose attempts were never begun. Those that somebody is changing at this moment
-- are lost.
CREATE FUNCTION hand_back_deliveries(ids uuid[], fences bigint[], at bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  returned bigint;
BEGIN
  UPDATE unfinished_deliveries AS one
  SET state = 'queued', owner = NULL, attempts = one.attempts - 1,
    due_at = CASE WHEN one.attempts = 1 THEN least(one.created_at, at) ELSE at END
  FROM (
    SELECT held.id FROM unfinished_deliveries AS held
    JOIN unnest(ids, fences) AS claims (id, fence) USING (id)
    WHERE held.fence = claims.fence AND held.state = 'leased'
    ORDER BY held.id
    -- Waits for whoever looks at one of them just now: what was skipped would lie still until its
    -- lease runs out.
    FOR UPDATE OF held
  ) AS mine
  WHERE one.id = mine.id;
  GET DIAGNOSTICS returned = ROW_COUNT;
  RETURN returned;
END $$;

-- Makes what is queued of these due at once. Nobody is waited for (whoever finishes a delivery
-- locks the next one, too, in an order of its own), but looked for again.
CREATE FUNCTION send_deliveries_now(ids uuid[], at bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  done uuid[] := '{}';
  sent uuid[];
BEGIN
  FOR look IN 1..3 LOOP
    WITH hurried AS (
      UPDATE unfinished_deliveries AS one SET due_at = least(one.due_at, at)
      FROM (
        SELECT waiting.id FROM unfinished_deliveries AS waiting
        WHERE waiting.id = ANY (ids) AND waiting.id <> ALL (done) AND waiting.state = 'queued'
        FOR UPDATE SKIP LOCKED
      ) AS mine
      WHERE one.id = mine.id
      RETURNING one.id
    )
    SELECT array_agg(id) INTO sent FROM hurried;
    done := done || coalesce(sent, '{}');
    EXIT WHEN NOT EXISTS (
      SELECT FROM unfinished_deliveries
      WHERE id = ANY (ids) AND id <> ALL (done) AND state = 'queued'
    );
  END LOOP;
  RETURN cardinality(done);
END $$;

-- Puts one node's claims back, due at once. What somebody is changing at this moment is none of its
-- claims any more.
CREATE FUNCTION release_claims_of(claimer text, at bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  released bigint;
BEGIN
  UPDATE unfinished_deliveries AS one SET state = 'queued', owner = NULL, due_at = at
  FROM (
    SELECT id FROM unfinished_deliveries WHERE owner = claimer FOR UPDATE SKIP LOCKED
  ) AS mine
  WHERE one.id = mine.id;
  GET DIAGNOSTICS released = ROW_COUNT;
  RETURN released;
END $$;

-- Forgets what answers said of deliveries that were finished before this and whose action waits no
-- more, of at most so many.
CREATE FUNCTION forget_answers(before bigint, most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  ids uuid[];
BEGIN
  SELECT array_agg(id) INTO ids FROM (
    SELECT id FROM finished_deliveries AS one
    WHERE has_answers AND finished_at < before
      AND NOT EXISTS (SELECT FROM pending WHERE pending.action_id = one.action_id)
    ORDER BY finished_at, id LIMIT most
    FOR UPDATE SKIP LOCKED
  ) AS old;
  UPDATE attempts SET answer = NULL WHERE delivery_id = ANY (ids) AND answer IS NOT NULL;
  UPDATE finished_deliveries SET has_answers = false WHERE id = ANY (ids);
  RETURN coalesce(cardinality(ids), 0);
END $$;

-- Adds up the counts of what was finished, so many at a time.
CREATE FUNCTION add_up_finished_counts() RETURNS void LANGUAGE sql AS $$
  WITH taken AS (
    DELETE FROM finished_counts
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM finished_counts LIMIT 100000 FOR UPDATE SKIP LOCKED))
    RETURNING *
  )
  INSERT INTO finished_counts (kind, state, count)
  SELECT kind, state, sum(count)::bigint FROM taken GROUP BY kind, state
$$;
