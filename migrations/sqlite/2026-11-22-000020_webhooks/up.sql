-- Addresses of partners' systems that are told what happens, and every message to them.

-- An endpoint. Its secret is derived and not kept; `secret_no` says which one.
CREATE TABLE webhooks (
    id TEXT NOT NULL PRIMARY KEY,
    owner_kind TEXT NOT NULL CHECK (owner_kind IN ('person', 'client')),
    owner_id TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    kinds TEXT NOT NULL,
    site_ids TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'failing', 'paused')),
    secret_no INTEGER NOT NULL CHECK (secret_no >= 1),
    secret_since INTEGER NOT NULL,
    from_pos INTEGER NOT NULL,
    failures INTEGER NOT NULL CHECK (failures >= 0),
    failing_since INTEGER,
    next_at INTEGER NOT NULL,
    claimed_until INTEGER,
    claimed_by TEXT,
    delivered_at INTEGER,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX webhooks_owner_id ON webhooks (owner_id);

-- A message: which event to which endpoint, and how far it came. Its text is made of the event when it is sent.
CREATE TABLE webhook_deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id),
    event_id TEXT NOT NULL,
    event_pos INTEGER NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up', 'withdrawn')),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    fault TEXT,
    status INTEGER,
    queued_at INTEGER NOT NULL,
    attempted_at INTEGER,
    finished_at INTEGER,
    UNIQUE (webhook_id, event_id)
) STRICT;
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (webhook_id, event_pos, id) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_webhook_id ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_finished_at ON webhook_deliveries (finished_at);
