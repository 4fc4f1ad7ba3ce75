-- Blocks of earlier versions have no signature. Where an owner has many, each gets an entry in
-- the journal, so that it is written again in the background, with one: that customer 0, who
-- does not exist, is not where the block begins.
INSERT INTO search_journal (owner, first, n, entries)
    SELECT owner, first, 1, CAST(unhex(printf('%08x%024x', length(first), 0)) || first AS BLOB)
    FROM search_block b
    WHERE length(docs) >= 8192 AND NOT EXISTS (SELECT 1 FROM search_signature WHERE block = b.id)
        AND owner IN (SELECT owner FROM search_block GROUP BY owner HAVING count(*) > 64);
