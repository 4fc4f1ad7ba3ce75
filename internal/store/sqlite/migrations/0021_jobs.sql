-- Imports and reassignments in the console, where several processes serve the database.
CREATE TABLE job (
    id      TEXT    PRIMARY KEY,
    kind    TEXT    NOT NULL,
    process TEXT    NOT NULL, -- whose it is
    cancel  INTEGER NOT NULL, -- 0 or 1: whether another process asked for it
    data    BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
