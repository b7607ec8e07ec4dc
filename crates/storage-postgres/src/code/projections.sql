-- Writing what a record comes to.

-- Writes a record's projection, new or in place of the one before. Most changes leave names and
-- numbers as they were: only what differs is written. Answers what its keys as a possible duplicate
-- were before; those are written last (`write_duplicate_keys`).
CREATE FUNCTION write_projection(
  record uuid, new_number text, new_document jsonb, new_flags text[], new_names text[],
  new_words text[], new_quick boolean[]
) RETURNS found_by LANGUAGE plpgsql AS $$
DECLARE
  before found_by;
BEGIN
  UPDATE projections
  SET registration_number = new_number, number_key = key_of(new_number), document = new_document
  WHERE event_id = record;
  IF NOT FOUND THEN
    INSERT INTO projections (event_id, registration_number, number_key, document)
    VALUES (record, new_number, key_of(new_number), new_document);
  END IF;
  SELECT * INTO before FROM found_by WHERE event_id = record;
  IF NOT FOUND THEN
    INSERT INTO found_by (event_id) VALUES (record) RETURNING * INTO before;
  END IF;
  IF before.flags <> new_flags THEN
    DELETE FROM flags WHERE flag = ANY (before.flags) AND flag <> ALL (new_flags)
      AND event_id = record;
    INSERT INTO flags (flag, event_id)
      SELECT flag, record FROM unnest(new_flags) AS flag WHERE flag <> ALL (before.flags);
  END IF;
  IF (before.words, before.names, before.quick) <> (new_words, new_names, new_quick) THEN
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
  IF (before.flags, before.words, before.names, before.quick)
    <> (new_flags, new_words, new_names, new_quick)
  THEN
    UPDATE found_by
    SET flags = new_flags, names = new_names, words = new_words, quick = new_quick
    WHERE event_id = record;
  END IF;
  RETURN before;
END $$;
