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
  one jsonb;
  leased boolean := false;
BEGIN
  FOR at IN 0 .. jsonb_array_length(new) - 1 LOOP
    one := new -> at;
    leased := begin_delivery(
      (one ->> 'id')::uuid, one ->> 'kind', one ->> 'path', (one ->> 'event')::uuid,
      (one ->> 'action')::uuid, one ->> 'body', one ->> 'key', one ->> 'correlation',
      (one ->> 'created')::bigint, (one ->> 'expires')::bigint, one ->> 'owner',
      (one ->> 'lease')::bigint
    );
  END LOOP;
  RETURN leased;
END $$;

-- False, and nothing written, when the claim is lost. The caller has locked the record's row.
CREATE FUNCTION finish_delivery(result jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  its_delivery uuid := result ->> 'delivery';
  its_error text := result ->> 'error';
  its_outcome text := result ->> 'outcome';
BEGIN
  IF NOT follow_attempt(its_delivery, (result ->> 'fence')::bigint, result ->> 'follows',
    (result ->> 'at')::bigint, coalesce(its_error, its_outcome), its_outcome)
  THEN
    RETURN false;
  END IF;
  PERFORM log_attempt(its_delivery, (result ->> 'number')::integer, (result ->> 'began')::bigint,
    (result ->> 'took')::bigint, (result ->> 'status')::integer, result ->> 'answer', its_outcome,
    its_error, false);
  RETURN true;
END $$;

-- Entries that are there stay as they are.
CREATE FUNCTION append_audit(entries jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  one jsonb;
BEGIN
  FOR number IN 0 .. jsonb_array_length(entries) - 1 LOOP
    one := entries -> number;
    INSERT INTO audit (id, at, client_id, client_type, operation, event_id, details, correlation)
    VALUES ((one ->> 'id')::uuid, (one ->> 'at')::bigint, one ->> 'client', one ->> 'type',
      one ->> 'operation', (one ->> 'event')::uuid, one ->> 'details', one ->> 'correlation')
    ON CONFLICT (id) DO NOTHING;
  END LOOP;
END $$;

-- Appends actions that follow the first `already` of a record.
CREATE FUNCTION append_actions(
  record uuid, already integer, ids uuid[], transactions text[], types text[], statuses text[],
  originals uuid[], authors text[], times text[], documents text[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO actions (event_id, seq, id, transaction_key, type, status, original_action_id,
    author_key, created_at, document)
  SELECT record, already + new.at, new.id, new.transaction, new.type, new.status, new.original,
    new.author, new.time, new.document
  FROM unnest(ids, transactions, types, statuses, originals, authors, times, documents)
    WITH ORDINALITY
    AS new (id, transaction, type, status, original, author, time, document, at);
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

-- Begins a record. `already` is the record that the same transaction had created before, if one;
-- then nothing is written.
CREATE FUNCTION create_record(
  record uuid, its_type text, its_tracking_id text, its_transaction text, its_beginning text,
  its_update text,
  ids uuid[], transactions text[], types text[], statuses text[], originals uuid[], authors text[],
  times text[], documents text[],
  number text, document jsonb, flags text[], names text[], words text[], quick boolean[],
  key_blocks text[], key_texts text[], key_days bigint[], key_spelled boolean[],
  key_spellings text[], key_spelt text[], attachments text[],
  deliveries jsonb, entries jsonb,
  OUT already uuid, OUT to_make_durable boolean
) LANGUAGE plpgsql AS $$
DECLARE
  blocks bigint[];
BEGIN
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
      to_make_durable := false;
      RETURN;
    END IF;
    -- It was deleted in this moment.
  END LOOP;
  PERFORM append_actions(record, 0, ids, transactions, types, statuses, originals, authors, times,
    documents);
  blocks := write_projection(record, true, number, document, flags, names, words, quick, key_blocks,
    key_texts, key_days, key_spelled, key_spellings, key_spelt, attachments);
  IF deliveries IS NOT NULL THEN
    PERFORM begin_deliveries(deliveries);
  END IF;
  IF entries IS NOT NULL THEN
    PERFORM append_audit(entries);
  END IF;
  to_make_durable := take_turn(blocks);
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
  key_spellings text[], key_spelt text[], attachments text[],
  attempt jsonb, closes uuid, delivery jsonb, entries jsonb,
  looked_as_of bigint, look_blocks bigint[], look_texts text[], look_groups integer[],
  look_froms bigint[], look_tos bigint[], spelling_groups integer[], spellings text[], most integer,
  OUT leased boolean, OUT to_make_durable boolean
) LANGUAGE plpgsql AS $$
DECLARE
  now_has integer;
  blocks bigint[] := '{}';
BEGIN
  leased := false;
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
  IF cardinality(ids) > 0 THEN
    PERFORM append_actions(record, now_has - cardinality(ids), ids, transactions, types, statuses,
      originals, authors, times, documents);
  END IF;
  IF ends_drafts THEN
    DELETE FROM drafts WHERE event_id = record;
  END IF;
  IF document IS NOT NULL THEN
    blocks := write_projection(record, false, number, document, flags, names, words, quick,
      key_blocks, key_texts, key_days, key_spelled, key_spellings, key_spelt, attachments);
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
END $$;

-- Replaces the projection of a record that is at the expected version; whether it was.
CREATE FUNCTION rebuild_projection(
  record uuid, expected bigint,
  number text, document jsonb, flags text[], names text[], words text[], quick boolean[],
  key_blocks text[], key_texts text[], key_days bigint[], key_spelled boolean[],
  key_spellings text[], key_spelt text[], attachments text[],
  OUT done boolean, OUT to_make_durable boolean
) LANGUAGE plpgsql AS $$
BEGIN
  to_make_durable := false;
  PERFORM FROM events WHERE id = record AND version = expected FOR NO KEY UPDATE;
  done := FOUND;
  IF NOT done THEN
    RETURN;
  END IF;
  to_make_durable := take_turn(
    write_projection(record, false, number, document, flags, names, words, quick, key_blocks,
      key_texts, key_days, key_spelled, key_spellings, key_spelt, attachments)
  );
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
