-- What changed last, for the processes that have the database open: each reads the rows above
-- the highest n that it knows. A topic is settings, sessions (some ended, or what people may do
-- changed), or that of some workers' conversations.
CREATE TABLE change (
    topic TEXT    PRIMARY KEY,
    n     INTEGER NOT NULL UNIQUE -- Unix microseconds, but higher than any before
) STRICT, WITHOUT ROWID;

INSERT INTO change (topic, n) VALUES
    ('settings', CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
    ('sessions', CAST(unixepoch('subsec') * 1000000 AS INTEGER) + 1);

CREATE TRIGGER setting_added AFTER INSERT ON setting BEGIN
    UPDATE change SET n = max((SELECT max(n) FROM change) + 1, CAST(unixepoch('subsec') * 1000000 AS INTEGER)) WHERE topic = 'settings';
END;
CREATE TRIGGER setting_changed AFTER UPDATE ON setting BEGIN
    UPDATE change SET n = max((SELECT max(n) FROM change) + 1, CAST(unixepoch('subsec') * 1000000 AS INTEGER)) WHERE topic = 'settings';
END;
CREATE TRIGGER session_ended AFTER DELETE ON session BEGIN
    UPDATE change SET n = max((SELECT max(n) FROM change) + 1, CAST(unixepoch('subsec') * 1000000 AS INTEGER)) WHERE topic = 'sessions';
END;
CREATE TRIGGER person_changed AFTER UPDATE OF role, may_export, deactivated ON person BEGIN
    UPDATE change SET n = max((SELECT max(n) FROM change) + 1, CAST(unixepoch('subsec') * 1000000 AS INTEGER)) WHERE topic = 'sessions';
END;
