-- When a temporary password expires, in Unix milliseconds as all times here; NULL for any
-- other. Those from before this version get as long as new ones.
ALTER TABLE person ADD COLUMN password_expires INTEGER;
UPDATE person SET password_expires = (unixepoch() + 72 * 3600) * 1000 WHERE temporary <> 0;

-- Whether a session began with the identity provider, and what the provider calls it.
ALTER TABLE session ADD COLUMN by_provider      INTEGER NOT NULL DEFAULT 0; -- 0 or 1
ALTER TABLE session ADD COLUMN provider_session TEXT NOT NULL DEFAULT '';
-- Until when acts that need a recent proof of identity are allowed.
ALTER TABLE session ADD COLUMN confirmed_until  INTEGER NOT NULL DEFAULT 0;
