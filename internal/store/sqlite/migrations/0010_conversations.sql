-- The index of conversations. Times are Unix milliseconds. sealed is what only the
-- program can read.
CREATE TABLE conversation (
    sid         TEXT PRIMARY KEY,
    closed      INTEGER NOT NULL, -- 0 or 1
    customer_id TEXT NOT NULL,    -- '' for none
    last_at     INTEGER NOT NULL,
    last_index  INTEGER NOT NULL, -- -1 for none
    inbound_at  INTEGER,          -- NULL for none
    sealed      BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_open ON conversation (sid) WHERE closed = 0;
CREATE INDEX conversation_customer ON conversation (customer_id) WHERE closed = 0 AND customer_id <> '';

-- The workers of a conversation; worker is text.IdentityKey of identity. closed, last_at
-- and last_index are those of the conversation: a worker's page is a range of one index,
-- and what the worker has not read is another one.
CREATE TABLE conversation_worker (
    sid         TEXT NOT NULL REFERENCES conversation (sid) ON DELETE CASCADE,
    worker      TEXT NOT NULL,
    identity    TEXT NOT NULL,
    participant TEXT NOT NULL,
    last_read   INTEGER NOT NULL, -- -1 for none
    muted       INTEGER NOT NULL, -- 0 or 1, as owner
    owner       INTEGER NOT NULL,
    closed      INTEGER NOT NULL,
    last_at     INTEGER NOT NULL,
    last_index  INTEGER NOT NULL,
    PRIMARY KEY (sid, worker)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_worker_page ON conversation_worker (worker, closed, last_at, sid);
CREATE INDEX conversation_worker_unread ON conversation_worker (worker)
    WHERE closed = 0 AND muted = 0 AND last_index > last_read;

-- Messages that workers send. client_id is made up by the form, so that none is sent twice.
CREATE TABLE outgoing_message (
    client_id   TEXT PRIMARY KEY,
    sid         TEXT NOT NULL,    -- of the conversation
    worker      TEXT NOT NULL,    -- identity
    sealed      BLOB NOT NULL,
    at          INTEGER NOT NULL,
    state       INTEGER NOT NULL, -- conversation.OutgoingState; 1 is sent
    message_sid TEXT NOT NULL,
    code        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX outgoing_message_unsent ON outgoing_message (sid, at) WHERE state <> 1;
CREATE INDEX outgoing_message_at ON outgoing_message (at);

-- Whether a person takes new conversations. assigned is a number that grows with each
-- conversation given to anyone: the smallest is of who has waited longest.
ALTER TABLE person ADD COLUMN available INTEGER NOT NULL DEFAULT 1; -- 0 or 1
ALTER TABLE person ADD COLUMN assigned  INTEGER NOT NULL DEFAULT 0;
