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
    secret_no BIGINT NOT NULL CHECK (secret_no >= 1),
    secret_since BIGINT NOT NULL,
    from_pos BIGINT NOT NULL,
    failures BIGINT NOT NULL CHECK (failures >= 0),
    failing_since BIGINT,
    next_at BIGINT NOT NULL,
    claimed_until BIGINT,
    claimed_by TEXT,
    delivered_at BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE INDEX webhooks_owner_id ON webhooks (owner_id);

-- A message: which event to which endpoint, and how far it came. Its text is made of the event when it is sent.
CREATE TABLE webhook_deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id),
    event_id TEXT NOT NULL,
    event_pos BIGINT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up', 'withdrawn')),
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    fault TEXT,
    status BIGINT,
    queued_at BIGINT NOT NULL,
    attempted_at BIGINT,
    finished_at BIGINT,
    UNIQUE (webhook_id, event_id)
);
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (webhook_id, event_pos, id) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_webhook_id ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_finished_at ON webhook_deliveries (finished_at);
