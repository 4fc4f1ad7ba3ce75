-- How many customers each owner has. Two owners are no workers, and their keys can
-- be no identities: -1 has every customer (the register), -2 those who are
-- nobody's. Their assignments have no rest: pages of theirs are read whole.
ALTER TABLE owner ADD COLUMN customers INTEGER NOT NULL DEFAULT 0;
INSERT INTO owner (id, key, identity) VALUES
    (-1, char(0) || 'register', ''), (-2, char(0) || 'unassigned', '');
INSERT INTO assignment (owner, place, pk, rest)
    SELECT -1, place, pk, x'' FROM customer WHERE deleted_at IS NULL ORDER BY place;
-- In JSON, a quotation mark within a text has a backslash before it.
INSERT INTO assignment (owner, place, pk, rest)
    SELECT -2, place, pk, x'' FROM customer
    WHERE deleted_at IS NULL AND instr(body, '"workers":[') = 0 ORDER BY place;
UPDATE owner SET customers = (SELECT count(*) FROM assignment WHERE owner = owner.id);

-- Addresses that 2 to 20 customers share; hash as in table contact. members is a
-- digest of their ids: those who share several addresses are one group. Groups in
-- apart are closed.
CREATE TABLE shared (
    hash       INTEGER PRIMARY KEY,
    members    INTEGER NOT NULL,
    open       INTEGER NOT NULL -- 0 or 1: whether members is not in apart
) STRICT;
CREATE INDEX shared_members ON shared (members);
CREATE INDEX shared_open ON shared (members) WHERE open = 1;
CREATE TABLE apart (
    members    INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL
) STRICT;

-- Customers that were removed for good; the largest n is the newest. Of their
-- addresses only hashes are kept.
CREATE TABLE removal (
    n          INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    at         INTEGER NOT NULL,
    by         TEXT NOT NULL
) STRICT;
CREATE TABLE removal_contact (
    hash       INTEGER NOT NULL,
    n          INTEGER NOT NULL,
    PRIMARY KEY (hash, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX removal_contact_n ON removal_contact (n);

-- duplicates is how many open groups there are, removed how many removals.
-- shared_from is where the next look for shared addresses begins, NULL when they
-- are all known: a bulk import leaves that to the end. What search reads of the
-- two owners above is written up to the place in register_from and
-- unassigned_from, NULL when it is all written: only for databases that are older.
-- While very many pending documents of sweep_owner (0: nobody) go into blocks,
-- those where was is NULL and now is from sweep_begin on and before sweep_to (NULL:
-- to the end) are in blocks already, under now; a was of x'' says of others that
-- they are in no block.
ALTER TABLE state ADD COLUMN duplicates INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN shared_from INTEGER;
ALTER TABLE state ADD COLUMN register_from BLOB;
ALTER TABLE state ADD COLUMN unassigned_from BLOB;
ALTER TABLE state ADD COLUMN sweep_owner INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN sweep_begin BLOB;
ALTER TABLE state ADD COLUMN sweep_to BLOB;
UPDATE state SET shared_from = -9223372036854775808, register_from = x'', unassigned_from = x''
    WHERE EXISTS (SELECT 1 FROM customer WHERE deleted_at IS NULL);
