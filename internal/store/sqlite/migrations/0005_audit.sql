-- What people did, and whom they looked at. Ids never come back. Rows are added, and
-- deleted by their age, and nothing else.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL, -- Unix microseconds
    actor   TEXT    NOT NULL,
    via     TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    detail  TEXT    NOT NULL,
    count   INTEGER NOT NULL,
    address TEXT    NOT NULL,
    unusual INTEGER NOT NULL -- 0 or 1
) STRICT;

CREATE TRIGGER audit_append_only BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END;

-- Each index ends with at, and with the row's id: a page is a range of it.
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_actor ON audit (actor COLLATE NOCASE, at);
CREATE INDEX audit_subject ON audit (subject COLLATE NOCASE, at);

-- Nearly everything in a large audit are views. These hold the rest.
CREATE INDEX audit_action ON audit (action, at) WHERE action <> 'view';
CREATE INDEX audit_done ON audit (actor COLLATE NOCASE, at) WHERE action <> 'view';
CREATE INDEX audit_unusual ON audit (at) WHERE unusual = 1;
