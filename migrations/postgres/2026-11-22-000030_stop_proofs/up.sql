-- What a driver's phone shows of a hand-over: a small photograph in base64, or the strokes of a signature. A stop names it
-- by its hash, so that what was kept cannot be changed afterwards.
CREATE TABLE stop_proofs (
    route_id TEXT NOT NULL REFERENCES routes (id),
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    kind TEXT NOT NULL CHECK (kind IN ('photo', 'signature')),
    content TEXT NOT NULL CHECK (length(content) BETWEEN 1 AND 300000),
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (route_id, digest)
);
