-- How decisions are written: each is one call, one round trip, one transaction.
--
-- A record's row is locked first, and everything that is about the record is read after that. Every
-- statement in these functions sees what was committed before it began (they are VOLATILE, in READ
-- COMMITTED transactions), so what is read under a lock is what is so.

-- They are all in PL/pgSQL, which plans a statement once for each connection; a function in SQL that
-- can't be made a part of its caller is planned at each call.

-- Deliveries, attempts and audit entries come as JSON, in which texts are harmless already and what
-- must stay to the letter is a text itself.

-- Begins deliveries in their order; whether the last of them begins leased.
CREATE FUNCTION begin_deliveries(new jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  one record;
  leased boolean := false;
BEGIN
  FOR one IN SELECT * FROM jsonb_to_recordset(new) AS it (
    id uuid, kind text, path text, event uuid, action uuid, body text, key text, correlation text,
    created bigint, expires bigint, owner text, lease bigint
  ) LOOP
    leased := begin_delivery(one.id, one.kind, one.path, one.event, one.action, one.body, one.key,
      one.correlation, one.created, one.expires, one.owner, one.lease);
  END LOOP;
  RETURN leased;
END $$;

-- False, and nothing written, when the claim is lost.
CREATE FUNCTION finish_delivery(result jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  its record;
BEGIN
  SELECT * INTO its FROM jsonb_to_record(result) AS it (
    delivery uuid, fence bigint, follows text, at bigint, number integer, began bigint, took bigint,
    status integer, answer text, outcome text, error text
  );
  IF NOT follow_attempt(its.delivery, its.fence, its.follows, its.at,
    coalesce(its.error, its.outcome), its.outcome)
  THEN
    RETURN false;
  END IF;
  PERFORM log_attempt(its.delivery, its.number, its.began, its.took, its.status, its.answer,
    its.outcome, its.error, false);
  RETURN true;
END $$;

-- Entries that are there stay as they are.
CREATE FUNCTION append_audit(entries jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit (id, at, client_id, client_type, operation, event_id, details, correlation)
  SELECT * FROM jsonb_to_recordset(entries) AS it (
    id uuid, at bigint, client text, type text, operation text, event uuid, details text,
    correlation text
  )
  ON CONFLICT (id) DO NOTHING;
END $$;

-- Appends actions that follow the first `already` of a record.
CREATE FUNCTION append_actions(
  record uuid, already integer, ids uuid[], transactions text[], types text[], statuses text[],
  originals uuid[], authors text[], times text[], documents text[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO actions (event_id, seq, id, transaction_key, type, status, original_action_id,
    author_key, created_at, document)
  SELECT record, already + number, id, transaction, type, status, original, author, at, document
  FROM unnest(ids, transactions, types, statuses, originals, authors, times, documents)
    WITH ORDINALITY AS it (id, transaction, type, status, original, author, at, document, number)
  ORDER BY number;
END $$;

-- Takes the locks of blocks, and with them the transaction's turn among all that look for possible
-- duplicates in one of them or add one. They are held until the transaction is over for everybody
-- to see, and no longer: what it wrote is made durable after that, by the caller, before anybody is
-- told (`make_durable`), so that all who wait for a turn do not also wait for each other's disk.
CREATE FUNCTION take_turn(blocks bigint[]) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF cardinality(blocks) = 0 THEN
    RETURN false;
  END IF;
  PERFORM pg_advisory_xact_lock(block)
  FROM (SELECT DISTINCT block FROM unnest(blocks) AS block ORDER BY block) AS in_one_order;
  IF current_setting('synchronous_commit') = 'off' THEN
    RETURN false;
  END IF;
  PERFORM set_config('synchronous_commit', 'off', true);
  RETURN true;
END $$;

-- A transaction that writes nothing of its own, and is durable, together with all before it.
CREATE FUNCTION make_durable() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_logical_emit_message(true, 'countersign', '');
END $$;

-- The blocks of keys that a record did not have.
CREATE FUNCTION new_blocks(
  before found_by, blocks text[], texts text[], days bigint[]
) RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN CASE
    WHEN (before.key_blocks, before.key_texts, before.key_days) = (blocks, texts, days) THEN '{}'
    ELSE ARRAY(
      SELECT DISTINCT number_of(block) FROM (
        SELECT * FROM unnest(blocks, texts, days)
        EXCEPT SELECT * FROM unnest(before.key_blocks, before.key_texts, before.key_days)
      ) AS fresh (block, text, day)
    )
  END;
END $$;

-- Begins a record. `already` is the record that the same transaction had created before, if one;
-- then nothing is written.
CREATE FUNCTION create_record(
  record uuid, its_type text, its_tracking_id text, its_transaction text, its_beginning text,
  its_update text,
  ids uuid[], transactions text[], types text[], statuses text[], originals uuid[], authors text[],
  times text[], documents text[],
  number text, document jsonb, flags text[], names text[], words text[], quick boolean[],
  key_blocks text[], key_texts text[], key_days bigint[], key_spelled boolean[],
  deliveries jsonb, entries jsonb,
  OUT already uuid, OUT to_make_durable boolean
) LANGUAGE plpgsql AS $$
DECLARE
  before found_by;
BEGIN
  to_make_durable := false;
  LOOP
    INSERT INTO events (id, type, tracking_id, transaction_key, created_at, updated_at, version,
      actions)
    VALUES (record, its_type, its_tracking_id, its_transaction, its_beginning, its_update, 1,
      cardinality(ids))
    ON CONFLICT ON CONSTRAINT record_is_created_once DO NOTHING;
    EXIT WHEN FOUND;
    SELECT id INTO already FROM events
      WHERE transaction_key = its_transaction AND type = its_type;
    IF FOUND THEN
      RETURN;
    END IF;
    -- It was deleted in this moment.
  END LOOP;
  PERFORM append_actions(record, 0, ids, transactions, types, statuses, originals, authors, times,
    documents);
  before := write_projection(record, number, document, flags, names, words, quick);
  IF deliveries IS NOT NULL THEN
    PERFORM begin_deliveries(deliveries);
  END IF;
  IF entries IS NOT NULL THEN
    PERFORM append_audit(entries);
  END IF;
  IF cardinality(key_blocks) > 0 THEN
    to_make_durable := take_turn(new_blocks(before, key_blocks, key_texts, key_days));
    PERFORM write_duplicate_keys(record, before, key_blocks, key_texts, key_days, key_spelled);
  END IF;
END $$;

-- Writes a change to a record that is at the expected version. What it was decided on may have
-- moved: then nothing is written, and the error says so (`CS001` stale, `CS002` claim lost).
CREATE FUNCTION commit_change(
  record uuid, expected bigint, at bigint,
  ids uuid[], transactions text[], types text[], statuses text[], originals uuid[], authors text[],
  times text[], documents text[],
  ends_drafts boolean,
  number text, document jsonb, flags text[], names text[], words text[], quick boolean[],
  key_blocks text[], key_texts text[], key_days bigint[], key_spelled boolean[],
  attempt jsonb, closes uuid, delivery jsonb, entries jsonb,
  looked_as_of bigint, look_blocks bigint[], look_texts text[], look_groups integer[],
  look_froms bigint[], look_tos bigint[], spelling_groups integer[], spellings text[], most integer,
  OUT leased boolean, OUT to_make_durable boolean
) LANGUAGE plpgsql AS $$
DECLARE
  now_has integer;
  before found_by;
  blocks bigint[] := '{}';
BEGIN
  leased := false;
  to_make_durable := false;
  UPDATE events
  SET version = expected + 1, actions = actions + cardinality(ids),
    updated_at = coalesce(times[cardinality(times)], updated_at)
  WHERE id = record AND version = expected
  RETURNING actions INTO now_has;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the record moved on' USING ERRCODE = 'CS001';
  END IF;
  IF attempt IS NOT NULL AND NOT finish_delivery(attempt) THEN
    RAISE EXCEPTION 'the claim is lost' USING ERRCODE = 'CS002';
  END IF;
  IF now_has > 0 AND cardinality(ids) > 0 THEN
    PERFORM append_actions(record, now_has - cardinality(ids), ids, transactions, types, statuses,
      originals, authors, times, documents);
  END IF;
  IF ends_drafts THEN
    DELETE FROM drafts WHERE event_id = record;
  END IF;
  IF document IS NOT NULL THEN
    before := write_projection(record, number, document, flags, names, words, quick);
    blocks := new_blocks(before, key_blocks, key_texts, key_days);
  END IF;
  -- Closed before one begins, so that the new one knows whether it has to wait.
  IF closes IS NOT NULL THEN
    PERFORM close_delivery_of(closes, at);
  END IF;
  IF delivery IS NOT NULL THEN
    leased := begin_deliveries(delivery);
  END IF;
  IF entries IS NOT NULL THEN
    PERFORM append_audit(entries);
  END IF;
  -- Last, so that a turn is as short as it can be.
  IF looked_as_of IS NOT NULL THEN
    blocks := blocks || look_blocks;
  END IF;
  to_make_durable := take_turn(blocks);
  IF looked_as_of IS NOT NULL AND looked_as_of <> duplicate_moment(record, look_blocks, look_texts,
    look_groups, look_froms, look_tos, spelling_groups, spellings, most)
  THEN
    RAISE EXCEPTION 'there is company' USING ERRCODE = 'CS001';
  END IF;
  IF document IS NOT NULL AND (before.key_blocks, before.key_texts, before.key_days,
    before.key_spelled) <> (key_blocks, key_texts, key_days, key_spelled)
  THEN
    PERFORM write_duplicate_keys(record, before, key_blocks, key_texts, key_days, key_spelled);
  END IF;
END $$;

-- Replaces the projection of a record that is at the expected version; whether it was.
CREATE FUNCTION rebuild_projection(
  record uuid, expected bigint,
  number text, document jsonb, flags text[], names text[], words text[], quick boolean[],
  key_blocks text[], key_texts text[], key_days bigint[], key_spelled boolean[],
  OUT done boolean, OUT to_make_durable boolean
) LANGUAGE plpgsql AS $$
DECLARE
  before found_by;
BEGIN
  to_make_durable := false;
  PERFORM FROM events WHERE id = record AND version = expected FOR NO KEY UPDATE;
  done := FOUND;
  IF NOT done THEN
    RETURN;
  END IF;
  before := write_projection(record, number, document, flags, names, words, quick);
  IF (before.key_blocks, before.key_texts, before.key_days, before.key_spelled)
    <> (key_blocks, key_texts, key_days, key_spelled)
  THEN
    to_make_durable := take_turn(new_blocks(before, key_blocks, key_texts, key_days));
    PERFORM write_duplicate_keys(record, before, key_blocks, key_texts, key_days, key_spelled);
  END IF;
END $$;

-- Deletes a record that is at the expected version; whether it was. Its actions and everything else
-- of it go with it, by foreign keys and triggers.
CREATE FUNCTION delete_record(record uuid, expected bigint, entries jsonb)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM events WHERE id = record AND version = expected;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF entries IS NOT NULL THEN
    PERFORM append_audit(entries);
  END IF;
  RETURN true;
END $$;

-- Keeps a draft. `outcome` is `new`, `stale`, or `already` with the draft that the same transaction
-- saved before for the same action.
CREATE FUNCTION save_draft(
  record uuid, expected bigint, author text, new_id uuid, transaction text, its_type text, at text,
  new_document text, entries jsonb,
  OUT outcome text, OUT document text
) LANGUAGE plpgsql AS $$
BEGIN
  -- Whoever changes the record ends its drafts: before this one is written, or after it.
  PERFORM FROM events WHERE id = record AND version = expected FOR SHARE;
  IF NOT FOUND THEN
    outcome := 'stale';
    RETURN;
  END IF;
  SELECT drafts.document INTO document FROM drafts
    WHERE event_id = record AND author_key = author AND transaction_key = transaction
      AND type = its_type;
  IF FOUND THEN
    outcome := 'already';
    RETURN;
  END IF;
  INSERT INTO drafts (event_id, author_key, id, transaction_key, type, created_at, document)
  VALUES (record, author, new_id, transaction, its_type, at, new_document)
  ON CONFLICT (event_id, author_key) DO UPDATE
  SET id = excluded.id, transaction_key = excluded.transaction_key, type = excluded.type,
    created_at = excluded.created_at, document = excluded.document;
  IF entries IS NOT NULL THEN
    PERFORM append_audit(entries);
  END IF;
  outcome := 'new';
END $$;
