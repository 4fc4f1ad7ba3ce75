-- The last calls to the integration service; the largest id is the newest.
CREATE TABLE activity_call (
    id        INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL, -- Unix microseconds; the two below are microseconds too
    took      INTEGER NOT NULL,
    queued    INTEGER NOT NULL,
    location  TEXT NOT NULL,
    worker    TEXT NOT NULL,
    bytes     INTEGER NOT NULL,
    status    INTEGER NOT NULL, -- of HTTP, 0 when none came
    code      INTEGER NOT NULL, -- published error code, 0 when it went well
    search    INTEGER NOT NULL, -- 0 or 1, as those below
    not_found INTEGER NOT NULL,
    crawl     INTEGER NOT NULL,
    built_in  INTEGER NOT NULL
) STRICT;

-- What was counted in each minute, of all processes together. latency is an encoded
-- activity.Histogram.
CREATE TABLE activity_minute (
    minute       INTEGER PRIMARY KEY, -- since 1970
    calls        INTEGER NOT NULL,
    hits         INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,
    took         INTEGER NOT NULL, -- microseconds
    failed_48000 INTEGER NOT NULL,
    failed_48001 INTEGER NOT NULL,
    failed_48003 INTEGER NOT NULL,
    failed_48004 INTEGER NOT NULL,
    failed_48005 INTEGER NOT NULL,
    failed_other INTEGER NOT NULL,
    latency      BLOB NOT NULL
) STRICT;
