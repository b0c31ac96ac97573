-- Validated packings: which box keeps how much milk cold for how long, at which weather. Entered once, never rewritten;
-- a later one takes its place, or somebody retires it.
CREATE TABLE packings (
    id TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    courier_id TEXT REFERENCES couriers (id),
    site_id TEXT REFERENCES sites (id),
    container TEXT NOT NULL,
    coolant TEXT NOT NULL CHECK (coolant IN ('dry_ice', 'frozen_gel', 'phase_change', 'powered_freezer', 'none')),
    capacity_ml BIGINT NOT NULL CHECK (capacity_ml > 0),
    capacity_bottles BIGINT CHECK (capacity_bottles > 0),
    containers BIGINT NOT NULL CHECK (containers > 0),
    steps TEXT NOT NULL,
    validated_by TEXT NOT NULL,
    document_reference TEXT NOT NULL,
    validated_on TEXT NOT NULL,
    valid_until BIGINT,
    state TEXT NOT NULL CHECK (state IN ('active', 'superseded', 'retired')),
    supersedes TEXT REFERENCES packings (id),
    ended_at BIGINT,
    end_reason TEXT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    CHECK (courier_id IS NOT NULL OR site_id IS NOT NULL),
    CHECK ((state = 'active') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX packings_one_active_code ON packings (code) WHERE state = 'active';
CREATE UNIQUE INDEX packings_supersedes ON packings (supersedes);
CREATE INDEX packings_state ON packings (state, id);

-- The warmest that a day of each month is expected to become at a site: twelve hundredths of a degree as JSON.
CREATE TABLE site_climates (
    site_id TEXT NOT NULL PRIMARY KEY REFERENCES sites (id),
    highs TEXT NOT NULL,
    source TEXT NOT NULL,
    noted_by TEXT NOT NULL,
    noted_at BIGINT NOT NULL
);

-- What customs and papers take at the border of two countries, such as LA-VN; the two letters in their order.
CREATE TABLE border_times (
    border TEXT NOT NULL PRIMARY KEY,
    minutes BIGINT NOT NULL CHECK (minutes >= 0),
    source TEXT NOT NULL,
    noted_by TEXT NOT NULL,
    noted_at BIGINT NOT NULL
);

-- What a transfer's plan was proven with; a plan that changes is proven anew, in another row.
CREATE TABLE transfer_plans (
    transfer_id TEXT NOT NULL REFERENCES transfers (id),
    revision BIGINT NOT NULL,
    packing_id TEXT NOT NULL REFERENCES packings (id),
    containers BIGINT NOT NULL CHECK (containers > 0),
    ambient_hundredths BIGINT,
    hold_minutes BIGINT NOT NULL,
    road_minutes BIGINT NOT NULL,
    margin_minutes BIGINT NOT NULL CHECK (margin_minutes >= 0),
    cut_off_at BIGINT,
    door_closes_at BIGINT,
    proven_at BIGINT NOT NULL,
    PRIMARY KEY (transfer_id, revision),
    CHECK (road_minutes + margin_minutes <= hold_minutes)
);

-- What carriers stated when they were registered stays their packing until somebody validates another.
INSERT INTO packings (id, code, courier_id, container, coolant, capacity_ml, containers, steps, validated_by,
                      document_reference, validated_on, state, created_by, created_at, version)
SELECT id, code, id, packaging,
       CASE WHEN lower(packaging) LIKE '%ambient%' THEN 'none'
            WHEN lower(packaging) LIKE '%dry ice%' OR lower(packaging) LIKE '%carbon%dioxide%' THEN 'dry_ice'
            ELSE 'frozen_gel' END,
       max_payload_ml, 1, '[{"up_to_hundredths":6000,"minutes":' || hold_time_minutes || '}]', name,
       agreement_reference, to_char(to_timestamp(created_at / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD'), 'active', 'hub', created_at, 1
FROM couriers;

CREATE TRIGGER packings_kept BEFORE DELETE OR UPDATE OF code, courier_id, site_id, container, coolant, capacity_ml, capacity_bottles, containers, steps, validated_by, document_reference, validated_on, valid_until, supersedes, created_by, created_at ON packings FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER transfer_plans_kept BEFORE UPDATE OR DELETE ON transfer_plans FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
