-- Keys of possible duplicates: kept, searched, and guarded against records that come at the same
-- time. Why that holds is told in `duplicates.rs`.

-- Writes a record's keys in place of those it had, and answers the blocks of those it did not have.
-- `spellings` are those of the texts in `spelt`.
CREATE FUNCTION write_duplicate_keys(
  record uuid, before found_by, new_blocks text[], new_texts text[], new_days bigint[],
  spellings text[], spelt text[]
) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  fresh bigint[];
BEGIN
  -- In one order, whoever writes them, so that no two wait for each other.
  INSERT INTO duplicate_spellings (spelling, text_key)
    SELECT spelling, text_key FROM unnest(spellings, spelt) AS new (spelling, text_key)
    WHERE NOT EXISTS (
      SELECT FROM duplicate_spellings AS known
      WHERE known.spelling = left(new.text_key, 7) AND known.text_key = new.text_key
    )
    ORDER BY spelling, text_key
    ON CONFLICT DO NOTHING;
  IF before.key_blocks = '{}' THEN
    WITH written AS (
      INSERT INTO duplicate_keys (block, text_key, day, event_id)
        SELECT number_of(block), key_of(text), day, record
        FROM unnest(new_blocks, new_texts, new_days) AS new (block, text, day)
      RETURNING block
    )
    SELECT array_agg(DISTINCT block) INTO fresh FROM written;
  ELSE
    DELETE FROM duplicate_keys AS held USING (
      SELECT * FROM unnest(before.key_blocks, before.key_texts, before.key_days)
      EXCEPT SELECT * FROM unnest(new_blocks, new_texts, new_days)
    ) AS gone (block, text, day)
    WHERE held.block = number_of(gone.block) AND held.text_key = key_of(gone.text)
      AND held.day = gone.day AND held.event_id = record;
    WITH written AS (
      INSERT INTO duplicate_keys (block, text_key, day, event_id)
        SELECT number_of(block), key_of(text), day, record FROM (
          SELECT * FROM unnest(new_blocks, new_texts, new_days)
          EXCEPT SELECT * FROM unnest(before.key_blocks, before.key_texts, before.key_days)
        ) AS new (block, text, day)
      RETURNING block
    )
    SELECT array_agg(DISTINCT block) INTO fresh FROM written;
  END IF;
  RETURN coalesce(fresh, '{}');
END $$;

-- Records other than this one with a key that one of the lookups may find, the first of each text of
-- each lookup. More than they do find: texts that share a spelling count, however many letters
-- differ. `spelling_groups` says of which lookups' texts (`groups`) each spelling is.
CREATE FUNCTION duplicate_company(
  record uuid, blocks bigint[], texts text[], groups integer[], froms bigint[], tos bigint[],
  spelling_groups integer[], spellings text[], most integer
) RETURNS TABLE (lookup integer, text_key text, event_id uuid, version bigint)
LANGUAGE sql STABLE AS $$
  WITH lookups AS (
    SELECT * FROM unnest(blocks, texts, groups, froms, tos) WITH ORDINALITY
      AS lookup (block, text, grp, since, until, number)
  ), near AS MATERIALIZED (
    SELECT grp, text FROM lookups
    UNION
    SELECT asked.grp, known.text_key
    FROM unnest(spelling_groups, spellings) AS asked (grp, spelling)
    JOIN duplicate_spellings AS known ON known.spelling = asked.spelling
  )
  SELECT lookups.number::integer, near.text, met.event_id, events.version
  FROM lookups JOIN near USING (grp)
  CROSS JOIN LATERAL (
    SELECT held.event_id FROM duplicate_keys AS held
    WHERE held.block = lookups.block AND held.text_key = near.text
      AND held.day BETWEEN lookups.since AND lookups.until AND held.event_id <> record
    ORDER BY held.day, held.event_id LIMIT most
  ) AS met
  JOIN events ON events.id = met.event_id
$$;

-- The moment of the store's life as far as the lookups go: a number that is another one when another
-- record came under them, left, or moved on.
CREATE FUNCTION duplicate_moment(
  record uuid, blocks bigint[], texts text[], groups integer[], froms bigint[], tos bigint[],
  spelling_groups integer[], spellings text[], most integer
) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN number_of(
    coalesce(string_agg(met.event_id || ' ' || met.version, ',' ORDER BY met.event_id), '')
  )
  FROM (
    SELECT DISTINCT company.event_id, company.version
    FROM duplicate_company(record, blocks, texts, groups, froms, tos, spelling_groups, spellings,
      most) AS company
  ) AS met;
END $$;
