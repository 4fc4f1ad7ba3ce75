-- Identities of workers, by text.IdentityKey, as small numbers. 1 is Everyone.
-- A row is never removed, so programs may remember its id.
CREATE TABLE owner (
    id         INTEGER PRIMARY KEY,
    key        TEXT NOT NULL UNIQUE,
    identity   TEXT NOT NULL,
    splits     BLOB -- places that part a long row of search blocks; see splits.go
) STRICT;
INSERT INTO owner (id, key, identity) VALUES (1, '*', '*');

-- place is where the customer stands in a list: sort key, name and id with a NUL
-- between them, so that places compare as lists are ordered. rev counts the
-- names it has had. body is everything else, as JSON. A deleted customer leaves
-- its row as a tombstone: body wiped, deleted_at set.
CREATE TABLE customer (
    pk         INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    place      BLOB NOT NULL,
    rev        INTEGER NOT NULL,
    avatar     TEXT NOT NULL,
    body       TEXT NOT NULL,
    deleted_at INTEGER
) STRICT;
CREATE INDEX customer_deleted ON customer (deleted_at) WHERE deleted_at IS NOT NULL;

-- Whose customers they are, in list order, with all that a list row shows: a page
-- is one scan of this table. rest is what follows the place in a row as it is
-- read: a NUL, pk and rev in text, a NUL, the avatar.
CREATE TABLE assignment (
    owner      INTEGER NOT NULL,
    place      BLOB NOT NULL,
    pk         INTEGER NOT NULL,
    rest       BLOB NOT NULL,
    PRIMARY KEY (owner, place)
) STRICT, WITHOUT ROWID;

-- Where a customer stood under earlier names, and whose it was: what anchors and
-- tokens in the hands of phones may still point at. Kept for 30 days.
CREATE TABLE renamed (
    pk         INTEGER NOT NULL,
    rev        INTEGER NOT NULL,
    place      BLOB NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (pk, rev)
) STRICT, WITHOUT ROWID;
CREATE INDEX renamed_at ON renamed (at);
CREATE TABLE former (
    owner      INTEGER NOT NULL,
    pk         INTEGER NOT NULL,
    left_at    INTEGER NOT NULL,
    PRIMARY KEY (owner, pk)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_left ON former (left_at);

-- Who can be reached at an address; hash is of a key of customer.ContactKeys. New
-- rows go to contact_recent, and from there to contact by the ten thousand, in
-- order: hashes lie far apart, and one by one each would change a page of its own.
CREATE TABLE contact (
    hash       INTEGER NOT NULL,
    id         TEXT NOT NULL,
    PRIMARY KEY (hash, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE contact_recent (
    hash       INTEGER NOT NULL,
    id         TEXT NOT NULL,
    PRIMARY KEY (hash, id)
) STRICT, WITHOUT ROWID;

-- What search reads: an owner's customers in list order, many to a block, each
-- block under the place it begins at. Customers changed since the blocks were
-- last written are in search_pending, and there only: was is the place under
-- which the blocks still hold the old document, now the place it has (NULL when
-- the customer is no longer this owner's), doc the document.
CREATE TABLE search_block (
    owner      INTEGER NOT NULL,
    first      BLOB NOT NULL,
    docs       BLOB NOT NULL,
    PRIMARY KEY (owner, first)
) STRICT, WITHOUT ROWID;
CREATE TABLE search_pending (
    owner      INTEGER NOT NULL,
    pk         INTEGER NOT NULL,
    was        BLOB,
    now        BLOB,
    doc        BLOB,
    PRIMARY KEY (owner, pk)
) STRICT, WITHOUT ROWID;

-- One row. next_pk is never used twice, so that an old cursor cannot meet a new
-- customer. generation changes with every change of customers. recent is how many
-- rows were put in contact_recent.
CREATE TABLE state (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    next_pk    INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    purged_at  INTEGER NOT NULL,
    recent     INTEGER NOT NULL
) STRICT;
INSERT INTO state (id, next_pk, generation, purged_at, recent) VALUES (1, 1, 0, 0, 0);
