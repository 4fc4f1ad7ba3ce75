-- Entries have named parameters; detail is the English text of those written before.
ALTER TABLE audit ADD COLUMN params TEXT NOT NULL DEFAULT ''; -- a URL query

-- What the audit knows of the clock, so that a wrong one deletes nothing: one row.
CREATE TABLE audit_clock (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    trusted   INTEGER NOT NULL, -- Unix microseconds, as is suspected
    doubt     INTEGER NOT NULL, -- microseconds
    suspected INTEGER NOT NULL
) STRICT;
