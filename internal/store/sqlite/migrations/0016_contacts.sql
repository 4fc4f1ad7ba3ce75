-- New contacts are written to table contact at once: gathering them in contact_recent first
-- no longer makes an import faster.
INSERT OR IGNORE INTO contact (hash, id) SELECT hash, id FROM contact_recent ORDER BY hash, id;
DROP TABLE contact_recent;
ALTER TABLE state DROP COLUMN recent;
