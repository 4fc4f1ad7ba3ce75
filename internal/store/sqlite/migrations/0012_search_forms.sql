-- Where the search blocks of an owner begin whose documents an earlier version made: a
-- place, NULL when there are none. They are made again in the background, and pending ones
-- when they are read.
ALTER TABLE owner ADD COLUMN renew_from BLOB;
UPDATE owner SET renew_from = x'' WHERE EXISTS (SELECT 1 FROM customer);
UPDATE search_pending SET doc = NULL;
