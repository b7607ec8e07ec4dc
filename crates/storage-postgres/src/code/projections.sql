-- Writing what a record comes to, and what it is found by.

-- Writes a record's projection, new or in place of the one before. Most changes leave names, numbers
-- and keys as they were: only what differs is written, and a record that has just begun has nothing
-- to differ from. Answers the blocks of those keys as a possible duplicate that it did not have: the
-- caller takes their turn (`take_turn`).
CREATE FUNCTION write_projection(
  record uuid, is_new boolean, new_number text, new_document jsonb, new_flags text[],
  new_names text[], new_words text[], new_quick boolean[], new_blocks text[], new_texts text[],
  new_days bigint[], new_spelled boolean[], new_spellings text[], new_spelt text[],
  new_attachments text[]
) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  before found_by;
  flag text;
BEGIN
  IF NOT is_new THEN
    UPDATE projections
    SET registration_number = new_number, number_key = key_of(new_number), document = new_document,
      type = left(new_document ->> 'type', 200),
      status = left(new_document ->> 'status', 200),
      tracking_id = left(new_document ->> 'trackingId', 200),
      assigned_to = left(new_document ->> 'assignedTo', 200),
      created_at = left(new_document ->> 'createdAt', 200),
      created_by = left(new_document ->> 'createdBy', 200),
      created_at_location = left(new_document ->> 'createdAtLocation', 200),
      updated_at = left(new_document ->> 'updatedAt', 200),
      updated_by = left(new_document ->> 'updatedBy', 200),
      updated_at_location = left(new_document ->> 'updatedAtLocation', 200),
      date_of_event = left(new_document ->> 'dateOfEvent', 200),
      place_of_event = left(new_document ->> 'placeOfEvent', 200),
      registered_as = left(new_document #>> '{legalStatuses,REGISTERED,registrationNumber}', 200),
      declared_in = left(new_document #>> '{legalStatuses,DECLARED,createdAtLocation}', 200),
      declared_by = left(new_document #>> '{legalStatuses,DECLARED,createdBy}', 200),
      registered_in = left(new_document #>> '{legalStatuses,REGISTERED,createdAtLocation}', 200),
      registered_by = left(new_document #>> '{legalStatuses,REGISTERED,createdBy}', 200)
    WHERE event_id = record;
    is_new := NOT FOUND;
  END IF;
  IF new_attachments <> '{}' THEN
    INSERT INTO attachment_references SELECT path, record FROM unnest(new_attachments) AS path
    ON CONFLICT DO NOTHING;
  END IF;
  IF is_new THEN
    INSERT INTO projections (event_id, registration_number, number_key, document, type, status,
      tracking_id, assigned_to, created_at, created_by, created_at_location, updated_at,
      updated_by, updated_at_location,
      date_of_event, place_of_event, registered_as, declared_in, declared_by, registered_in,
      registered_by)
    VALUES (record, new_number, key_of(new_number), new_document,
      left(new_document ->> 'type', 200),
      left(new_document ->> 'status', 200),
      left(new_document ->> 'trackingId', 200),
      left(new_document ->> 'assignedTo', 200),
      left(new_document ->> 'createdAt', 200),
      left(new_document ->> 'createdBy', 200),
      left(new_document ->> 'createdAtLocation', 200),
      left(new_document ->> 'updatedAt', 200),
      left(new_document ->> 'updatedBy', 200),
      left(new_document ->> 'updatedAtLocation', 200),
      left(new_document ->> 'dateOfEvent', 200),
      left(new_document ->> 'placeOfEvent', 200),
      left(new_document #>> '{legalStatuses,REGISTERED,registrationNumber}', 200),
      left(new_document #>> '{legalStatuses,DECLARED,createdAtLocation}', 200),
      left(new_document #>> '{legalStatuses,DECLARED,createdBy}', 200),
      left(new_document #>> '{legalStatuses,REGISTERED,createdAtLocation}', 200),
      left(new_document #>> '{legalStatuses,REGISTERED,createdBy}', 200));
    INSERT INTO found_by
    VALUES (record, new_flags, new_names, new_words, new_quick, new_blocks, new_texts, new_days,
      new_spelled);
    before := ROW(record, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}');
  ELSE
    SELECT * INTO STRICT before FROM found_by WHERE event_id = record;
    IF (before.flags, before.words, before.names, before.quick, before.key_texts, before.key_days,
        before.key_blocks, before.key_spelled)
      = (new_flags, new_words, new_names, new_quick, new_texts, new_days, new_blocks, new_spelled)
    THEN
      RETURN '{}';
    END IF;
    UPDATE found_by
    SET flags = new_flags, names = new_names, words = new_words, quick = new_quick,
      key_blocks = new_blocks, key_texts = new_texts, key_days = new_days, key_spelled = new_spelled
    WHERE event_id = record;
  END IF;
  IF before.flags <> new_flags THEN
    IF NOT before.flags <@ new_flags THEN
      DELETE FROM flags WHERE flags.flag = ANY (before.flags) AND flags.flag <> ALL (new_flags)
        AND event_id = record;
    END IF;
    FOREACH flag IN ARRAY new_flags LOOP
      IF flag <> ALL (before.flags) THEN
        INSERT INTO flags VALUES (flag, record);
      END IF;
    END LOOP;
  END IF;
  IF before.words = '{}' THEN
    INSERT INTO words (word_key, name_key, event_id, quick)
      SELECT key_of(word), key_of(name), record, quick
      FROM unnest(new_words, new_names, new_quick) AS new (word, name, quick);
  ELSIF (before.words, before.names, before.quick) <> (new_words, new_names, new_quick) THEN
    DELETE FROM words USING (
      SELECT * FROM unnest(before.words, before.names, before.quick)
      EXCEPT SELECT * FROM unnest(new_words, new_names, new_quick)
    ) AS gone (word, name, quick)
    WHERE word_key = key_of(gone.word) AND name_key = key_of(gone.name)
      AND words.event_id = record;
    INSERT INTO words (word_key, name_key, event_id, quick)
      SELECT key_of(word), key_of(name), record, quick FROM (
        SELECT * FROM unnest(new_words, new_names, new_quick)
        EXCEPT SELECT * FROM unnest(before.words, before.names, before.quick)
      ) AS fresh (word, name, quick);
  END IF;
  IF (before.key_texts, before.key_days, before.key_blocks, before.key_spelled)
    = (new_texts, new_days, new_blocks, new_spelled)
  THEN
    RETURN '{}';
  END IF;
  RETURN write_duplicate_keys(record, before, new_blocks, new_texts, new_days, new_spellings,
    new_spelt);
END $$;
