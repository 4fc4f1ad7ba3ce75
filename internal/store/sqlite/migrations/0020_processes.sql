-- The processes that serve the database, where there can be several.
CREATE TABLE process (
    id    TEXT    PRIMARY KEY,
    beats INTEGER NOT NULL -- grows as long as it is alive
) STRICT, WITHOUT ROWID;
