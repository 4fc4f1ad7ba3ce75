-- Identities of workers, by text.IdentityKey, as small numbers; 1 is Everyone.
CREATE TABLE owner (
    id         INTEGER PRIMARY KEY,
    key        TEXT NOT NULL UNIQUE,
    identity   TEXT NOT NULL
) STRICT;
INSERT INTO owner (id, key, identity) VALUES (1, '*', '*');

-- A deleted customer leaves its row as a tombstone: body wiped, deleted_at set.
CREATE TABLE customer (
    pk         INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    sort_key   TEXT NOT NULL,
    rev        INTEGER NOT NULL,
    body       TEXT NOT NULL,
    deleted_at INTEGER
) STRICT;
