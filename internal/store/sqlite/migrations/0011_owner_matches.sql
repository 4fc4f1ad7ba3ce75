-- Which person stands for an owner that files name. key is text.IdentityKey of owner.
CREATE TABLE owner_match (
    key        TEXT PRIMARY KEY,
    owner      TEXT NOT NULL, -- as files write it
    person     TEXT NOT NULL  -- an identity
) STRICT, WITHOUT ROWID;
