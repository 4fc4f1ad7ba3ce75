-- Which letters a block of search_block has, so that searches need not read it: package search.
-- Small blocks, and those of earlier versions, have none.
CREATE TABLE search_signature (
    block      INTEGER PRIMARY KEY REFERENCES search_block (id) ON DELETE CASCADE,
    signature  BLOB NOT NULL
) STRICT;
