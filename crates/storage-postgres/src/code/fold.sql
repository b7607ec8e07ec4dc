-- What texts are compared by: as `records::fold` has it, to the letter. (A test sees to that.)
CREATE FUNCTION folded(text text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT translate(
    replace(replace(replace(replace(
      lower(
        replace(
          normalize(
            regexp_replace(
              normalize(text, NFKD),
              '[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u064b-\u065f\u0670\u0640]', '', 'g'
            ),
            NFC
          ),
          -- At the end of a word it would become another letter.
          'Σ', 'σ'
        ) COLLATE "und-x-icu"
      ),
      'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
    'øđðłħı' || U&'\0307', 'oddlhi'
  )
$$;

-- The folded text of a JSON value; of a list or an object, of all values in it, so that a name is
-- found by any part of it.
CREATE FUNCTION searchable(value jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT folded(coalesce(string_agg(part #>> '{}', ' '), ''))
  FROM jsonb_path_query(value, 'strict $.**') AS part
  WHERE jsonb_typeof(part) NOT IN ('object', 'array', 'null')
$$;
