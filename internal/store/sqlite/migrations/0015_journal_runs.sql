-- The search journal has a row for many entries that were written together: n of them, the
-- first at the place first, as package searchindex packs them. One in table entry has the
-- lengths of its place (4 bytes) and of its doc (4 bytes, and 1 more; 0 for NULL) with pk
-- (8 bytes) in between, and then both. Of entries at the same place for the same customer,
-- the one with the largest id counts.
ALTER TABLE search_journal RENAME TO entry;
CREATE TABLE search_journal (
    id         INTEGER PRIMARY KEY,
    owner      INTEGER NOT NULL,
    first      BLOB NOT NULL,
    n          INTEGER NOT NULL,
    entries    BLOB NOT NULL
) STRICT;
INSERT INTO search_journal (owner, first, n, entries)
    SELECT owner, place, 1, CAST(unhex(printf('%08x%016x%08x', length(place), pk, ifnull(length(doc) + 1, 0))) || place || ifnull(doc, x'') AS BLOB)
    FROM entry ORDER BY owner, place;
CREATE INDEX search_journal_first ON search_journal (owner, first, n);
DROP TABLE entry;
