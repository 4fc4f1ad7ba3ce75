-- Attempts at passwords that were wrong: each moves full_at on, and all are available again
-- when that has passed. Keys and accounts are digests.
CREATE TABLE attempt (
    key     TEXT    PRIMARY KEY,
    account TEXT    NOT NULL, -- '' for all together
    full_at INTEGER NOT NULL -- Unix microseconds
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_account ON attempt (account) WHERE account <> '';
CREATE INDEX attempt_full ON attempt (full_at);

-- The numbers that workers searched for in the last minutes, while numbers are masked.
CREATE TABLE number_search (
    worker  TEXT    PRIMARY KEY, -- identity key
    sealed  BLOB    NOT NULL,
    expires INTEGER NOT NULL -- Unix milliseconds
) STRICT, WITHOUT ROWID;
