-- oldest program: 3
-- What a decision costs the database.

-- What searches ask for most is read out of a projection's document by whoever writes it: a column
-- that reads it out by itself is made ready anew by each statement that writes a row, which cost
-- more than all the rest of the statement. A program that does not know that is helped.
ALTER TABLE projections
  ALTER COLUMN type DROP EXPRESSION,
  ALTER COLUMN status DROP EXPRESSION,
  ALTER COLUMN tracking_id DROP EXPRESSION,
  ALTER COLUMN assigned_to DROP EXPRESSION,
  ALTER COLUMN created_at DROP EXPRESSION,
  ALTER COLUMN created_by DROP EXPRESSION,
  ALTER COLUMN created_at_location DROP EXPRESSION,
  ALTER COLUMN updated_at DROP EXPRESSION,
  ALTER COLUMN updated_by DROP EXPRESSION,
  ALTER COLUMN updated_at_location DROP EXPRESSION,
  ALTER COLUMN date_of_event DROP EXPRESSION,
  ALTER COLUMN place_of_event DROP EXPRESSION,
  ALTER COLUMN registered_as DROP EXPRESSION,
  ALTER COLUMN declared_in DROP EXPRESSION,
  ALTER COLUMN declared_by DROP EXPRESSION,
  ALTER COLUMN registered_in DROP EXPRESSION,
  ALTER COLUMN registered_by DROP EXPRESSION;

CREATE FUNCTION projection_is_read_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.type := left(NEW.document ->> 'type', 200);
  NEW.status := left(NEW.document ->> 'status', 200);
  NEW.tracking_id := left(NEW.document ->> 'trackingId', 200);
  NEW.assigned_to := left(NEW.document ->> 'assignedTo', 200);
  NEW.created_at := left(NEW.document ->> 'createdAt', 200);
  NEW.created_by := left(NEW.document ->> 'createdBy', 200);
  NEW.created_at_location := left(NEW.document ->> 'createdAtLocation', 200);
  NEW.updated_at := left(NEW.document ->> 'updatedAt', 200);
  NEW.updated_by := left(NEW.document ->> 'updatedBy', 200);
  NEW.updated_at_location := left(NEW.document ->> 'updatedAtLocation', 200);
  NEW.date_of_event := left(NEW.document ->> 'dateOfEvent', 200);
  NEW.place_of_event := left(NEW.document ->> 'placeOfEvent', 200);
  NEW.registered_as := left(NEW.document #>> '{legalStatuses,REGISTERED,registrationNumber}', 200);
  NEW.declared_in := left(NEW.document #>> '{legalStatuses,DECLARED,createdAtLocation}', 200);
  NEW.declared_by := left(NEW.document #>> '{legalStatuses,DECLARED,createdBy}', 200);
  NEW.registered_in := left(NEW.document #>> '{legalStatuses,REGISTERED,createdAtLocation}', 200);
  NEW.registered_by := left(NEW.document #>> '{legalStatuses,REGISTERED,createdBy}', 200);
  RETURN NEW;
END $$;

CREATE TRIGGER projection_is_read_out BEFORE INSERT OR UPDATE ON projections
FOR EACH ROW WHEN (current_setting('countersign.reads_projections_out', true) IS DISTINCT FROM 'on')
EXECUTE FUNCTION projection_is_read_out();

-- A request changes no column that an index has: with room beside it, no index has to be changed.
ALTER TABLE projections SET (fillfactor = 70);

-- Compressing documents as PostgreSQL does by itself takes longer than writing them. Not every
-- server knows the other way.
DO $$
BEGIN
  ALTER TABLE projections ALTER COLUMN document SET COMPRESSION lz4;
  ALTER TABLE actions ALTER COLUMN document SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported OR invalid_parameter_value THEN
  RAISE NOTICE 'this server does not know lz4';
END $$;
