-- What an administrator decides about people, and whom a provider knows them as.
-- The times are Unix milliseconds; NULL: is active, was never here.
ALTER TABLE person ADD COLUMN temporary   INTEGER NOT NULL DEFAULT 0; -- 0 or 1, as may_export
ALTER TABLE person ADD COLUMN issuer      TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN subject     TEXT NOT NULL DEFAULT '';
ALTER TABLE person ADD COLUMN may_export  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN deactivated INTEGER;
ALTER TABLE person ADD COLUMN last_seen   INTEGER;

-- An account at a provider is one person's.
CREATE UNIQUE INDEX person_bound ON person (issuer, subject) WHERE subject <> '';

-- Administrators could export all along, on the command line.
UPDATE person SET may_export = 1 WHERE role = 'admin';
UPDATE person SET last_seen = (SELECT max(s.last_seen) FROM session s WHERE s.person_key = person.key);
