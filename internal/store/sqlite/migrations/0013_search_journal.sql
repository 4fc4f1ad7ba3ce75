-- What owners' lists have since their search blocks were written: doc is NULL where the
-- customer is no longer, and empty where it is to be made from the customer.
CREATE TABLE search_journal (
    owner      INTEGER NOT NULL,
    place      BLOB NOT NULL,
    pk         INTEGER NOT NULL,
    doc        BLOB,
    PRIMARY KEY (owner, place, pk)
) STRICT, WITHOUT ROWID;

-- With the key in the row of a block, each look for a block read whole blocks to compare.
ALTER TABLE search_block RENAME TO block_by_key;
CREATE TABLE search_block (
    id         INTEGER PRIMARY KEY,
    owner      INTEGER NOT NULL,
    first      BLOB NOT NULL, -- the place at which it begins
    docs       BLOB NOT NULL
) STRICT;

-- Owners whose blocks an earlier version made, or had not finished: their documents are
-- made again.
UPDATE owner SET renew_from = x''
    WHERE id = -1 AND (SELECT register_from IS NOT NULL FROM state)
    OR id = -2 AND (SELECT unassigned_from IS NOT NULL FROM state);
INSERT INTO search_journal (owner, place, pk, doc)
    SELECT owner, place, pk, x'' FROM assignment WHERE owner IN (SELECT id FROM owner WHERE renew_from IS NOT NULL);

INSERT INTO search_block (owner, first, docs)
    SELECT owner, first, docs FROM block_by_key
    WHERE owner IN (SELECT id FROM owner WHERE renew_from IS NULL) ORDER BY owner, first;
INSERT INTO search_journal (owner, place, pk)
    SELECT owner, was, pk FROM search_pending
    WHERE was > x'' AND owner IN (SELECT id FROM owner WHERE renew_from IS NULL);
INSERT OR REPLACE INTO search_journal (owner, place, pk, doc)
    SELECT owner, now, pk, ifnull(doc, x'') FROM search_pending
    WHERE now IS NOT NULL AND owner IN (SELECT id FROM owner WHERE renew_from IS NULL);
CREATE UNIQUE INDEX search_block_first ON search_block (owner, first);

-- Whether numbers with several forms are in table contact in one of them only.
ALTER TABLE state ADD COLUMN one_form INTEGER NOT NULL DEFAULT 0;
UPDATE state SET one_form = (SELECT renew_from IS NOT NULL FROM owner WHERE id = -1);

DROP TABLE block_by_key;
DROP TABLE search_pending;
ALTER TABLE owner DROP COLUMN splits;
ALTER TABLE owner DROP COLUMN renew_from;
ALTER TABLE state DROP COLUMN register_from;
ALTER TABLE state DROP COLUMN unassigned_from;
ALTER TABLE state DROP COLUMN sweep_owner;
ALTER TABLE state DROP COLUMN sweep_begin;
ALTER TABLE state DROP COLUMN sweep_to;
