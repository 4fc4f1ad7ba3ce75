-- People who sign in. key is text.IdentityKey of identity.
CREATE TABLE person (
    key           TEXT PRIMARY KEY,
    identity      TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('worker', 'admin')),
    password_hash TEXT NOT NULL,
    theme         TEXT NOT NULL,
    language      TEXT NOT NULL,
    time_zone     TEXT NOT NULL,
    created       INTEGER NOT NULL -- this and the times below: Unix milliseconds
) STRICT, WITHOUT ROWID;

-- Browsers that are signed in; secret_hash is the SHA-256 of the cookie's value.
CREATE TABLE session (
    secret_hash BLOB PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    person_key  TEXT NOT NULL REFERENCES person (key) ON DELETE CASCADE,
    created     INTEGER NOT NULL,
    last_seen   INTEGER NOT NULL,
    expires     INTEGER NOT NULL,
    agent       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_person ON session (person_key, created);
CREATE INDEX session_expires ON session (expires);

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
