-- Last good answers of somebody else's integration service, sealed. service is a
-- digest of its callback URL, worker is text.IdentityKey of whose answer it is.
CREATE TABLE copy (
    service TEXT NOT NULL,
    worker  TEXT NOT NULL,
    name    TEXT NOT NULL,
    data    BLOB NOT NULL,
    expires INTEGER NOT NULL, -- Unix milliseconds
    PRIMARY KEY (service, worker, name)
) STRICT;
CREATE INDEX copy_worker ON copy (worker);
CREATE INDEX copy_expires ON copy (expires);
