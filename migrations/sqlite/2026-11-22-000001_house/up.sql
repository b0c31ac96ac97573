-- The whole house: sites, milk, requests, promises, journeys and the journal.
-- Kept equal in both folders; a test compares the two schemas. Instants are UTC microseconds.

-- One version of a policy set; never changed once stored.
CREATE TABLE policy_sets (
    id TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    jurisdiction TEXT NOT NULL,
    document TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (code, version)
) STRICT;

-- A hospital site.
CREATE TABLE sites (
    id TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('bank', 'depot', 'recipient')),
    name TEXT NOT NULL,
    name_local TEXT,
    city TEXT NOT NULL,
    admin_area TEXT,
    country TEXT NOT NULL,
    latitude_e6 INTEGER NOT NULL,
    longitude_e6 INTEGER NOT NULL,
    time_zone TEXT NOT NULL,
    has_nicu INTEGER NOT NULL CHECK (has_nicu IN (0, 1)),
    nicu_level INTEGER,
    cluster TEXT,
    accepts_forms TEXT NOT NULL,
    opening_hours TEXT NOT NULL,
    capabilities TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'live', 'suspended')),
    policy_set_id TEXT REFERENCES policy_sets (id),
    licence_valid_until INTEGER,
    records_infant_use INTEGER NOT NULL CHECK (records_infant_use IN (0, 1)),
    reserve_ml INTEGER NOT NULL CHECK (reserve_ml >= 0),
    standing_rule TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- Who answers for a policy set at a site.
CREATE TABLE policy_signatures (
    id TEXT NOT NULL PRIMARY KEY,
    site_id TEXT NOT NULL REFERENCES sites (id),
    policy_set_id TEXT NOT NULL REFERENCES policy_sets (id),
    signed_by TEXT NOT NULL,
    signer_title TEXT NOT NULL,
    statement TEXT NOT NULL,
    demonstration INTEGER NOT NULL CHECK (demonstration IN (0, 1)),
    signed_at INTEGER NOT NULL,
    UNIQUE (site_id, policy_set_id)
) STRICT;

-- Which sites may exchange.
CREATE TABLE agreements (
    id TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    document_reference TEXT NOT NULL,
    policy_mapping TEXT,
    valid_from INTEGER NOT NULL,
    valid_until INTEGER,
    state TEXT NOT NULL CHECK (state IN ('active', 'ended')),
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- The sites of an agreement.
CREATE TABLE agreement_members (
    agreement_id TEXT NOT NULL REFERENCES agreements (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    PRIMARY KEY (agreement_id, site_id)
) STRICT;
CREATE INDEX agreement_members_site_id ON agreement_members (site_id);

-- A carrier that may move milk.
CREATE TABLE couriers (
    id TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    base_site_id TEXT NOT NULL REFERENCES sites (id),
    agreement_reference TEXT NOT NULL,
    agreement_valid_until INTEGER,
    max_payload_ml INTEGER NOT NULL CHECK (max_payload_ml > 0),
    hold_time_minutes INTEGER NOT NULL CHECK (hold_time_minutes > 0),
    speed_kmh INTEGER NOT NULL CHECK (speed_kmh > 0),
    vehicles INTEGER NOT NULL CHECK (vehicles >= 0),
    covers TEXT NOT NULL,
    hours TEXT NOT NULL,
    days TEXT NOT NULL,
    packaging TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'ended')),
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- A person who signs in.
CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('hub_administrator', 'bank_manager', 'clinician', 'dispatcher', 'courier', 'auditor', 'partner')),
    state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
    token_epoch INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- The sites a person acts for.
CREATE TABLE user_sites (
    user_id TEXT NOT NULL REFERENCES users (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    PRIMARY KEY (user_id, site_id)
) STRICT;

-- A machine client.
CREATE TABLE clients (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('hub_administrator', 'bank_manager', 'clinician', 'dispatcher', 'courier', 'auditor', 'partner')),
    secret_hash TEXT,
    jwks TEXT,
    state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
    token_epoch INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- The sites a client acts for.
CREATE TABLE client_sites (
    client_id TEXT NOT NULL REFERENCES clients (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    PRIMARY KEY (client_id, site_id)
) STRICT;

-- Client assertions already used once.
CREATE TABLE spent_assertions (
    client_id TEXT NOT NULL REFERENCES clients (id),
    jti TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (client_id, jti)
) STRICT;

-- A person who is signed in to the portal, by the hash of what their browser keeps.
CREATE TABLE portal_sessions (
    token_hash TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    token_epoch INTEGER NOT NULL,
    site_id TEXT REFERENCES sites (id),
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT;
CREATE INDEX portal_sessions_user_id ON portal_sessions (user_id);
CREATE INDEX portal_sessions_ends_at ON portal_sessions (ends_at);

-- How a person wants the portal; words and not flags, so that a new choice needs no new column.
CREATE TABLE user_settings (
    user_id TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (user_id, name)
) STRICT;

-- Keys that sign access tokens.
CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('next', 'active', 'retiring', 'retired')),
    public_jwk TEXT NOT NULL,
    private_wrapped TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    activated_at INTEGER,
    retires_at INTEGER
) STRICT;

-- A lot with its whole safety record.
CREATE TABLE lots (
    id TEXT NOT NULL PRIMARY KEY,
    bank_site_id TEXT NOT NULL REFERENCES sites (id),
    code TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('registered', 'quarantined', 'released', 'held', 'exhausted', 'discarded', 'recalled', 'expired')),
    policy_set_id TEXT NOT NULL REFERENCES policy_sets (id),
    form TEXT NOT NULL,
    milk_type TEXT NOT NULL,
    donor_count INTEGER NOT NULL CHECK (donor_count > 0),
    dairy_free INTEGER NOT NULL CHECK (dairy_free IN (0, 1)),
    cmv_negative INTEGER NOT NULL CHECK (cmv_negative IN (0, 1)),
    expressed_from TEXT NOT NULL,
    expressed_to TEXT NOT NULL,
    pasteurised_at INTEGER,
    expires_at INTEGER NOT NULL,
    volume_ml INTEGER NOT NULL CHECK (volume_ml > 0),
    protein_mg_per_dl INTEGER,
    energy_kcal_per_dl INTEGER,
    record TEXT NOT NULL,
    din TEXT,
    product_code TEXT,
    cycle_ref TEXT,
    device_ref TEXT,
    pool_ref TEXT,
    released_at INTEGER,
    released_by TEXT,
    registered_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (bank_site_id, code),
    UNIQUE (din, product_code)
) STRICT;
CREATE INDEX lots_device_ref ON lots (device_ref, pasteurised_at);
CREATE INDEX lots_pool_ref ON lots (pool_ref);
CREATE INDEX lots_state_expires_at ON lots (state, expires_at);
CREATE INDEX lots_cycle_ref ON lots (cycle_ref);

-- Pseudonymous donors of a lot, for look-back.
CREATE TABLE lot_donors (
    lot_id TEXT NOT NULL REFERENCES lots (id),
    donor_ref TEXT NOT NULL,
    PRIMARY KEY (lot_id, donor_ref)
) STRICT;
CREATE INDEX lot_donors_donor_ref ON lot_donors (donor_ref);

-- Published offers of stock.
CREATE TABLE surplus (
    id TEXT NOT NULL PRIMARY KEY,
    site_id TEXT NOT NULL REFERENCES sites (id),
    state TEXT NOT NULL CHECK (state IN ('published', 'withdrawn', 'exhausted', 'lapsed')),
    reason TEXT NOT NULL,
    available_from INTEGER NOT NULL,
    available_until INTEGER NOT NULL,
    min_transfer_ml INTEGER NOT NULL CHECK (min_transfer_ml >= 0),
    price_per_litre_minor INTEGER,
    currency TEXT,
    published_by TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    confirmed_at INTEGER NOT NULL,
    confirmation_asked_at INTEGER
) STRICT;
CREATE INDEX surplus_state_available_until ON surplus (state, available_until);
CREATE INDEX surplus_site_id_state ON surplus (site_id, state);

-- One lot and bottle size within a surplus: a line of the board.
CREATE TABLE surplus_lines (
    id TEXT NOT NULL PRIMARY KEY,
    surplus_id TEXT NOT NULL REFERENCES surplus (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    size_ml INTEGER NOT NULL CHECK (size_ml > 0),
    published_bottles INTEGER NOT NULL CHECK (published_bottles > 0),
    available_bottles INTEGER NOT NULL CHECK (available_bottles >= 0 AND available_bottles <= published_bottles),
    expires_at INTEGER NOT NULL,
    milk_type TEXT NOT NULL,
    form TEXT NOT NULL,
    donor_count INTEGER NOT NULL,
    dairy_free INTEGER NOT NULL CHECK (dairy_free IN (0, 1)),
    cmv_negative INTEGER NOT NULL CHECK (cmv_negative IN (0, 1)),
    protein_mg_per_dl INTEGER,
    created_at INTEGER NOT NULL,
    UNIQUE (surplus_id, lot_id, size_ml)
) STRICT;
CREATE INDEX surplus_lines_lot_id ON surplus_lines (lot_id);
CREATE INDEX surplus_lines_surplus_id ON surplus_lines (surplus_id);
CREATE INDEX surplus_lines_board ON surplus_lines (expires_at, id) WHERE available_bottles > 0;
CREATE INDEX surplus_lines_site ON surplus_lines (site_id, expires_at, id) WHERE available_bottles > 0;

-- A request for milk.
CREATE TABLE requests (
    id TEXT NOT NULL PRIMARY KEY,
    site_id TEXT NOT NULL REFERENCES sites (id),
    kind TEXT NOT NULL CHECK (kind IN ('named_infant', 'ward_stock')),
    state TEXT NOT NULL CHECK (state IN ('open', 'partly_allocated', 'allocated', 'fulfilled', 'cancelled', 'closed_unmet')),
    tier INTEGER NOT NULL CHECK (tier >= 1),
    urgency TEXT NOT NULL CHECK (urgency IN ('emergency', 'urgent', 'routine')),
    infant_ref TEXT,
    volume_ml INTEGER NOT NULL CHECK (volume_ml > 0),
    allocated_ml INTEGER NOT NULL CHECK (allocated_ml >= 0),
    delivered_ml INTEGER NOT NULL CHECK (delivered_ml >= 0),
    needed_by INTEGER NOT NULL,
    last_use_at INTEGER NOT NULL,
    all_or_nothing INTEGER NOT NULL CHECK (all_or_nothing IN (0, 1)),
    max_lots INTEGER,
    profile TEXT,
    constraints TEXT NOT NULL,
    preferences TEXT NOT NULL,
    accepts_forms TEXT NOT NULL,
    prescription_ref TEXT,
    consent_ref TEXT,
    hours_of_stock INTEGER,
    reason TEXT,
    requested_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    first_offer_at INTEGER,
    closed_at INTEGER,
    close_reason TEXT,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX requests_state_tier_needed_by ON requests (state, tier, needed_by);
CREATE INDEX requests_site_id_state ON requests (site_id, state);

-- One run of the matching.
CREATE TABLE match_runs (
    id TEXT NOT NULL PRIMARY KEY,
    started_at INTEGER NOT NULL,
    trigger_reason TEXT NOT NULL,
    input_hash TEXT NOT NULL,
    open_requests INTEGER NOT NULL,
    supply_lines INTEGER NOT NULL,
    offers_made INTEGER NOT NULL,
    planned_ml INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('optimal', 'bounded', 'nothing_to_do')),
    served TEXT NOT NULL,
    duration_us INTEGER NOT NULL
) STRICT;

-- Why a request got what it got in a run.
CREATE TABLE match_explanations (
    run_id TEXT NOT NULL REFERENCES match_runs (id),
    request_id TEXT NOT NULL REFERENCES requests (id),
    explanation TEXT NOT NULL,
    PRIMARY KEY (run_id, request_id)
) STRICT;
CREATE INDEX match_explanations_request_id ON match_explanations (request_id);

-- A timed proposal to the holding site.
CREATE TABLE offers (
    id TEXT NOT NULL PRIMARY KEY,
    match_run_id TEXT REFERENCES match_runs (id),
    request_id TEXT NOT NULL REFERENCES requests (id),
    from_site_id TEXT NOT NULL REFERENCES sites (id),
    to_site_id TEXT NOT NULL REFERENCES sites (id),
    state TEXT NOT NULL CHECK (state IN ('proposed', 'accepted', 'declined', 'lapsed', 'withdrawn')),
    volume_ml INTEGER NOT NULL CHECK (volume_ml > 0),
    bottles INTEGER NOT NULL CHECK (bottles > 0),
    proposed_at INTEGER NOT NULL,
    answer_by INTEGER NOT NULL,
    decided_at INTEGER,
    decided_by TEXT,
    decline_reason TEXT,
    decline_note TEXT,
    by_standing_rule INTEGER NOT NULL CHECK (by_standing_rule IN (0, 1)),
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX offers_state_answer_by ON offers (state, answer_by);
CREATE INDEX offers_request_id ON offers (request_id);
CREATE INDEX offers_from_site_id_state ON offers (from_site_id, state);
CREATE INDEX offers_to_site_id_state ON offers (to_site_id, state);

-- A journey of bottles between two sites.
CREATE TABLE transfers (
    id TEXT NOT NULL PRIMARY KEY,
    from_site_id TEXT NOT NULL REFERENCES sites (id),
    to_site_id TEXT NOT NULL REFERENCES sites (id),
    state TEXT NOT NULL CHECK (state IN ('planned', 'packed', 'collected', 'in_transit', 'delivered', 'received', 'received_with_discrepancies', 'rejected', 'cancelled')),
    courier_id TEXT REFERENCES couriers (id),
    planned_pickup_at INTEGER NOT NULL,
    planned_delivery_at INTEGER NOT NULL,
    max_temperature_hundredths INTEGER NOT NULL,
    tolerance_minutes INTEGER NOT NULL,
    peak_limit_hundredths INTEGER NOT NULL,
    gap_limit_minutes INTEGER NOT NULL,
    max_duration_minutes INTEGER NOT NULL,
    packaging TEXT NOT NULL,
    seal_number TEXT,
    logger_ref TEXT,
    volume_ml INTEGER NOT NULL,
    bottles INTEGER NOT NULL,
    distance_m INTEGER NOT NULL,
    packed_at INTEGER,
    collected_at INTEGER,
    delivered_at INTEGER,
    received_at INTEGER,
    highest_hundredths INTEGER,
    minutes_above_limit INTEGER,
    longest_gap_minutes INTEGER,
    verdict TEXT,
    handover_code TEXT,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX transfers_courier_id ON transfers (courier_id, collected_at);
CREATE INDEX transfers_state_planned_delivery_at ON transfers (state, planned_delivery_at);
CREATE INDEX transfers_from_site_id_state ON transfers (from_site_id, state);
CREATE INDEX transfers_to_site_id_state ON transfers (to_site_id, state);

-- One bottle of a lot.
CREATE TABLE bottles (
    id TEXT NOT NULL PRIMARY KEY,
    lot_id TEXT NOT NULL REFERENCES lots (id),
    division INTEGER NOT NULL CHECK (division BETWEEN 1 AND 999),
    size_ml INTEGER NOT NULL CHECK (size_ml > 0),
    site_id TEXT NOT NULL REFERENCES sites (id),
    state TEXT NOT NULL CHECK (state IN ('in_stock', 'in_transit', 'quarantined', 'used', 'discarded')),
    surplus_line_id TEXT REFERENCES surplus_lines (id),
    offer_id TEXT REFERENCES offers (id),
    transfer_id TEXT REFERENCES transfers (id),
    for_request_id TEXT REFERENCES requests (id),
    thawed_at INTEGER,
    thaw_ends_at INTEGER,
    fed_ml INTEGER NOT NULL CHECK (fed_ml >= 0),
    discarded_ml INTEGER NOT NULL CHECK (discarded_ml >= 0 AND fed_ml + discarded_ml <= size_ml),
    fate_reason TEXT,
    closed_at INTEGER,
    version INTEGER NOT NULL,
    UNIQUE (lot_id, division),
    CHECK ((state IN ('used','discarded')) = (fed_ml + discarded_ml = size_ml)),
    CHECK (state NOT IN ('used','discarded') OR offer_id IS NULL),
    CHECK ((thawed_at IS NULL) = (thaw_ends_at IS NULL)),
    CHECK (thawed_at IS NULL OR (surplus_line_id IS NULL AND offer_id IS NULL))
) STRICT;
CREATE INDEX bottles_site_id_state ON bottles (site_id, state);
CREATE INDEX bottles_surplus_line_id ON bottles (surplus_line_id);
CREATE INDEX bottles_offer_id ON bottles (offer_id);
CREATE INDEX bottles_transfer_id ON bottles (transfer_id);
CREATE INDEX bottles_thaw_ends_at ON bottles (thaw_ends_at) WHERE thaw_ends_at IS NOT NULL;

-- Bottles promised by an offer; a bottle has at most one live promise.
CREATE TABLE offer_bottles (
    offer_id TEXT NOT NULL REFERENCES offers (id),
    bottle_id TEXT NOT NULL REFERENCES bottles (id),
    surplus_line_id TEXT REFERENCES surplus_lines (id),
    ended_at INTEGER,
    PRIMARY KEY (offer_id, bottle_id)
) STRICT;
CREATE UNIQUE INDEX offer_bottles_live ON offer_bottles (bottle_id) WHERE ended_at IS NULL;

-- Milk promised to a request by an accepted offer.
CREATE TABLE allocations (
    id TEXT NOT NULL PRIMARY KEY,
    offer_id TEXT NOT NULL UNIQUE REFERENCES offers (id),
    request_id TEXT NOT NULL REFERENCES requests (id),
    from_site_id TEXT NOT NULL REFERENCES sites (id),
    to_site_id TEXT NOT NULL REFERENCES sites (id),
    state TEXT NOT NULL CHECK (state IN ('held', 'in_transfer', 'delivered', 'released')),
    volume_ml INTEGER NOT NULL CHECK (volume_ml > 0),
    bottles INTEGER NOT NULL CHECK (bottles > 0),
    lapses_at INTEGER NOT NULL,
    transfer_id TEXT REFERENCES transfers (id),
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    end_reason TEXT,
    doubted_at INTEGER,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX allocations_state_lapses_at ON allocations (state, lapses_at);
CREATE INDEX allocations_request_id ON allocations (request_id);
CREATE INDEX allocations_transfer_id ON allocations (transfer_id);
CREATE INDEX allocations_from_site_id_to_site_id_state ON allocations (from_site_id, to_site_id, state);

-- The manifest; a bottle is in at most one live transfer.
CREATE TABLE transfer_bottles (
    transfer_id TEXT NOT NULL REFERENCES transfers (id),
    bottle_id TEXT NOT NULL REFERENCES bottles (id),
    allocation_id TEXT NOT NULL REFERENCES allocations (id),
    outcome TEXT,
    outcome_reason TEXT,
    ended_at INTEGER,
    PRIMARY KEY (transfer_id, bottle_id)
) STRICT;
CREATE INDEX transfer_bottles_bottle_id ON transfer_bottles (bottle_id);
CREATE UNIQUE INDEX transfer_bottles_live ON transfer_bottles (bottle_id) WHERE ended_at IS NULL;

-- Which infant was fed from which bottle.
CREATE TABLE feeds (
    id TEXT NOT NULL PRIMARY KEY,
    bottle_id TEXT NOT NULL REFERENCES bottles (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    infant_ref TEXT NOT NULL,
    volume_ml INTEGER NOT NULL CHECK (volume_ml > 0),
    fed_at INTEGER NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX feeds_infant_ref ON feeds (infant_ref);
CREATE INDEX feeds_bottle_id ON feeds (bottle_id);
CREATE INDEX feeds_site_id_infant_ref ON feeds (site_id, infant_ref);

-- Steps of custody; only added to.
CREATE TABLE custody_events (
    id TEXT NOT NULL PRIMARY KEY,
    transfer_id TEXT NOT NULL REFERENCES transfers (id),
    kind TEXT NOT NULL,
    site_id TEXT REFERENCES sites (id),
    actor TEXT NOT NULL,
    device_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    seal_number TEXT,
    condition TEXT,
    step_ref TEXT
) STRICT;
CREATE UNIQUE INDEX custody_events_step_ref ON custody_events (transfer_id, step_ref);
CREATE INDEX custody_events_transfer_id ON custody_events (transfer_id);

-- Temperatures of a transfer's logger.
CREATE TABLE readings (
    transfer_id TEXT NOT NULL REFERENCES transfers (id),
    logger_ref TEXT NOT NULL,
    measured_at INTEGER NOT NULL,
    temperature_hundredths INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    logger_file_id TEXT,
    PRIMARY KEY (transfer_id, logger_ref, measured_at)
) STRICT;

-- A freezer or fridge of a site.
CREATE TABLE storage_units (
    id TEXT NOT NULL PRIMARY KEY,
    site_id TEXT NOT NULL REFERENCES sites (id),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    max_temperature_hundredths INTEGER NOT NULL,
    peak_hundredths INTEGER NOT NULL,
    tolerance_minutes INTEGER NOT NULL CHECK (tolerance_minutes >= 0),
    silent_after_minutes INTEGER NOT NULL CHECK (silent_after_minutes > 0),
    logger_ref TEXT,
    last_reading_at INTEGER,
    state TEXT NOT NULL CHECK (state IN ('active', 'ended')),
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (site_id, code)
) STRICT;
CREATE INDEX storage_units_state ON storage_units (state);

-- A temperature excursion and who closed it.
CREATE TABLE excursions (
    id TEXT NOT NULL PRIMARY KEY,
    transfer_id TEXT REFERENCES transfers (id),
    storage_unit_id TEXT REFERENCES storage_units (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'dispositioned')),
    peak_hundredths INTEGER,
    minutes_above_limit INTEGER NOT NULL,
    longest_gap_minutes INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    acknowledged_at INTEGER,
    acknowledged_by TEXT,
    disposition TEXT,
    disposition_reason TEXT,
    dispositioned_at INTEGER,
    dispositioned_by TEXT,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX excursions_storage_unit_id ON excursions (storage_unit_id);
CREATE INDEX excursions_site_id_state ON excursions (site_id, state);
CREATE INDEX excursions_transfer_id ON excursions (transfer_id);

-- A hold on a lot or on one bottle.
CREATE TABLE holds (
    id TEXT NOT NULL PRIMARY KEY,
    lot_id TEXT REFERENCES lots (id),
    bottle_id TEXT REFERENCES bottles (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    reason TEXT NOT NULL,
    placed_by TEXT NOT NULL,
    placed_at INTEGER NOT NULL,
    lifted_by TEXT,
    lifted_at INTEGER,
    lift_reason TEXT,
    version INTEGER NOT NULL,
    CHECK ((lot_id IS NULL) <> (bottle_id IS NULL))
) STRICT;
CREATE INDEX holds_lot_id ON holds (lot_id);
CREATE INDEX holds_bottle_id ON holds (bottle_id);

-- An exception to a refusal that allows one; never to 2, 3, 4 or 5.
CREATE TABLE exceptions (
    id TEXT NOT NULL PRIMARY KEY,
    refusal_number INTEGER NOT NULL CHECK (refusal_number BETWEEN 1 AND 21 AND refusal_number NOT IN (2, 3, 4, 5)),
    code TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    site_id TEXT NOT NULL REFERENCES sites (id),
    other_site_id TEXT REFERENCES sites (id),
    clinician_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX exceptions_subject_kind_subject_id ON exceptions (subject_kind, subject_id);
CREATE INDEX exceptions_expires_at ON exceptions (expires_at);

-- A closed site or road.
CREATE TABLE closures (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    site_ids TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('forecast', 'active', 'ended')),
    starts_at INTEGER NOT NULL,
    ends_at INTEGER,
    note TEXT,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX closures_state ON closures (state);

-- A recall: freezes first, then lists and asks.
CREATE TABLE recalls (
    id TEXT NOT NULL PRIMARY KEY,
    site_id TEXT NOT NULL REFERENCES sites (id),
    scope TEXT NOT NULL CHECK (scope IN ('donor', 'deposit', 'pool', 'lot', 'bottle', 'cycle', 'device', 'storage', 'courier', 'transfer', 'infant')),
    reason TEXT NOT NULL,
    selector TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('frozen', 'notified', 'acknowledged', 'closed')),
    respond_by INTEGER NOT NULL,
    frozen_at INTEGER NOT NULL,
    frozen_bottles INTEGER NOT NULL,
    frozen_ml INTEGER NOT NULL,
    closed_at INTEGER,
    drill INTEGER NOT NULL CHECK (drill IN (0, 1)),
    listed_us INTEGER NOT NULL,
    escalated_at INTEGER,
    version INTEGER NOT NULL
) STRICT;

-- The lots of a recall.
CREATE TABLE recall_lots (
    recall_id TEXT NOT NULL REFERENCES recalls (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    PRIMARY KEY (recall_id, lot_id)
) STRICT;
CREATE INDEX recall_lots_lot_id ON recall_lots (lot_id);

-- What each site answered to a recall.
CREATE TABLE recall_answers (
    recall_id TEXT NOT NULL REFERENCES recalls (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    asked_at INTEGER NOT NULL,
    acknowledged_at INTEGER,
    acknowledged_by TEXT,
    held_ml INTEGER,
    PRIMARY KEY (recall_id, site_id)
) STRICT;

-- Which bottle stood in which storage unit, and when.
CREATE TABLE storage_stays (
    storage_unit_id TEXT NOT NULL REFERENCES storage_units (id),
    bottle_id TEXT NOT NULL REFERENCES bottles (id),
    from_at INTEGER NOT NULL,
    until_at INTEGER,
    PRIMARY KEY (storage_unit_id, bottle_id, from_at)
) STRICT;
CREATE UNIQUE INDEX storage_stays_live ON storage_stays (bottle_id) WHERE until_at IS NULL;

-- Temperatures of a storage unit's logger.
CREATE TABLE storage_readings (
    storage_unit_id TEXT NOT NULL REFERENCES storage_units (id),
    logger_ref TEXT NOT NULL,
    measured_at INTEGER NOT NULL,
    temperature_hundredths INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    logger_file_id TEXT,
    PRIMARY KEY (storage_unit_id, logger_ref, measured_at)
) STRICT;

-- A logger file as it came, with what was made of it.
CREATE TABLE logger_files (
    id TEXT NOT NULL PRIMARY KEY,
    site_id TEXT NOT NULL REFERENCES sites (id),
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('transfer', 'storage_unit')),
    subject_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    format TEXT NOT NULL,
    logger_ref TEXT NOT NULL,
    time_zone TEXT,
    size_bytes INTEGER NOT NULL,
    content TEXT NOT NULL,
    rows_read INTEGER NOT NULL,
    rows_stored INTEGER NOT NULL,
    rows_repeated INTEGER NOT NULL,
    rows_refused INTEGER NOT NULL,
    report TEXT NOT NULL,
    uploaded_by TEXT NOT NULL,
    uploaded_at INTEGER NOT NULL,
    read_sha256 TEXT NOT NULL,
    turn INTEGER NOT NULL,
    UNIQUE (subject_id, sha256, turn)
) STRICT;

-- Files that were read wrongly and put right: what they said is kept and no longer counts.
CREATE TABLE logger_file_corrections (
    replaced_id TEXT NOT NULL PRIMARY KEY REFERENCES logger_files (id),
    subject_id TEXT NOT NULL,
    logger_file_id TEXT NOT NULL
) STRICT;
CREATE INDEX logger_file_corrections_subject_id ON logger_file_corrections (subject_id);

-- Days of a logger that keeps only extremes.
CREATE TABLE reading_intervals (
    logger_file_id TEXT NOT NULL,
    row_number INTEGER NOT NULL,
    subject_id TEXT NOT NULL,
    logger_ref TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    lowest_hundredths INTEGER NOT NULL,
    highest_hundredths INTEGER NOT NULL,
    minutes_above_limit INTEGER,
    PRIMARY KEY (logger_file_id, row_number)
) STRICT;
CREATE INDEX reading_intervals_subject_id ON reading_intervals (subject_id, starts_at);

-- How the files of another maker are read.
CREATE TABLE logger_mappings (
    id TEXT NOT NULL PRIMARY KEY,
    site_id TEXT NOT NULL REFERENCES sites (id),
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (site_id, name)
) STRICT;

-- The bottles that an excursion of a storage unit concerns.
CREATE TABLE excursion_bottles (
    excursion_id TEXT NOT NULL REFERENCES excursions (id),
    bottle_id TEXT NOT NULL REFERENCES bottles (id),
    PRIMARY KEY (excursion_id, bottle_id)
) STRICT;
CREATE INDEX excursion_bottles_bottle_id ON excursion_bottles (bottle_id);

-- Something that did not fit, until somebody has settled it.
CREATE TABLE discrepancy_cases (
    id TEXT NOT NULL PRIMARY KEY,
    site_id TEXT NOT NULL REFERENCES sites (id),
    other_site_id TEXT REFERENCES sites (id),
    transfer_id TEXT REFERENCES transfers (id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    detail TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    closed_by TEXT,
    resolution TEXT,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX discrepancy_cases_site_id_state ON discrepancy_cases (site_id, state);
CREATE INDEX discrepancy_cases_transfer_id ON discrepancy_cases (transfer_id);

-- The deposits in a lot, by the bank's own numbers.
CREATE TABLE lot_deposits (
    lot_id TEXT NOT NULL REFERENCES lots (id),
    deposit_ref TEXT NOT NULL,
    PRIMARY KEY (lot_id, deposit_ref)
) STRICT;
CREATE INDEX lot_deposits_deposit_ref ON lot_deposits (deposit_ref);

-- The single bottles of a recall that takes no whole lots.
CREATE TABLE recall_bottles (
    recall_id TEXT NOT NULL REFERENCES recalls (id),
    bottle_id TEXT NOT NULL REFERENCES bottles (id),
    PRIMARY KEY (recall_id, bottle_id)
) STRICT;
CREATE INDEX recall_bottles_bottle_id ON recall_bottles (bottle_id);

-- Under which facility number and licence a site prints ISBT 128 labels.
CREATE TABLE label_licences (
    site_id TEXT NOT NULL PRIMARY KEY REFERENCES sites (id),
    facility_number TEXT NOT NULL,
    licence_statement TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;

-- The feed; pos is dense and given after commit.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    pos INTEGER UNIQUE,
    id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    site_id TEXT,
    other_site_id TEXT,
    network INTEGER NOT NULL CHECK (network IN (0, 1)),
    data TEXT NOT NULL
) STRICT;
CREATE INDEX events_unnumbered ON events (seq) WHERE pos IS NULL;
CREATE INDEX events_subject_kind_subject_id ON events (subject_kind, subject_id);

-- Who did what; only added to. pos and hash link it to the entry before it, once, after the commit.
CREATE TABLE audit_entries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    role TEXT NOT NULL,
    site_id TEXT,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    trace_id TEXT,
    detail TEXT NOT NULL,
    pos INTEGER UNIQUE,
    hash TEXT,
    CHECK ((pos IS NULL) = (hash IS NULL))
) STRICT;
CREATE INDEX audit_entries_subject_kind_subject_id ON audit_entries (subject_kind, subject_id);
CREATE INDEX audit_entries_site_id_seq ON audit_entries (site_id, seq);
CREATE INDEX audit_entries_unlinked ON audit_entries (seq) WHERE hash IS NULL;

-- Answers already given, by actor, route and key.
CREATE TABLE idempotency_keys (
    actor TEXT NOT NULL,
    route TEXT NOT NULL,
    idem_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER,
    body TEXT,
    headers TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (actor, route, idem_key)
) STRICT;
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);

-- Single values the hub keeps about itself.
CREATE TABLE hub_settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- A vehicle of a courier, with what it can carry and what it costs.
CREATE TABLE vehicles (
    id TEXT NOT NULL PRIMARY KEY,
    courier_id TEXT NOT NULL REFERENCES couriers (id),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    base_site_id TEXT NOT NULL REFERENCES sites (id),
    boxes INTEGER NOT NULL CHECK (boxes > 0),
    box_ml INTEGER NOT NULL CHECK (box_ml > 0),
    packaging TEXT NOT NULL,
    hold_time_minutes INTEGER NOT NULL CHECK (hold_time_minutes > 0),
    speed_kmh INTEGER NOT NULL CHECK (speed_kmh > 0),
    cents_per_km INTEGER NOT NULL CHECK (cents_per_km >= 0),
    cents_per_hour INTEGER NOT NULL CHECK (cents_per_hour >= 0),
    cents_per_start INTEGER NOT NULL CHECK (cents_per_start >= 0),
    state TEXT NOT NULL CHECK (state IN ('active', 'ended')),
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (courier_id, code)
) STRICT;

-- A driver with a vehicle, from a depot, between two instants.
CREATE TABLE shifts (
    id TEXT NOT NULL PRIMARY KEY,
    vehicle_id TEXT NOT NULL REFERENCES vehicles (id),
    courier_id TEXT NOT NULL REFERENCES couriers (id),
    driver_ref TEXT,
    start_site_id TEXT NOT NULL REFERENCES sites (id),
    end_site_id TEXT REFERENCES sites (id),
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    last_pickup_at INTEGER,
    state TEXT NOT NULL CHECK (state IN ('open', 'ended', 'cancelled')),
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CHECK (ends_at > starts_at)
) STRICT;
CREATE INDEX shifts_vehicle_id_starts_at ON shifts (vehicle_id, starts_at);
CREATE INDEX shifts_state ON shifts (state, ends_at);

-- The journey of one vehicle in one shift.
CREATE TABLE routes (
    id TEXT NOT NULL PRIMARY KEY,
    shift_id TEXT NOT NULL REFERENCES shifts (id),
    vehicle_id TEXT NOT NULL REFERENCES vehicles (id),
    courier_id TEXT NOT NULL REFERENCES couriers (id),
    state TEXT NOT NULL CHECK (state IN ('planned', 'assigned', 'running', 'finished', 'cancelled')),
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    distance_m INTEGER NOT NULL,
    duration_s INTEGER NOT NULL,
    cost_cents INTEGER NOT NULL,
    assigned_at INTEGER,
    assigned_by TEXT,
    started_at INTEGER,
    finished_at INTEGER,
    heard_at INTEGER,
    check_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX routes_one_per_shift ON routes (shift_id) WHERE state IN ('planned', 'assigned', 'running');
CREATE INDEX routes_state_check_at ON routes (state, check_at);
CREATE INDEX routes_courier_id ON routes (courier_id);
CREATE INDEX routes_vehicle_id ON routes (vehicle_id);

-- A stop of a route: one transfer comes aboard or leaves.
CREATE TABLE route_stops (
    id TEXT NOT NULL PRIMARY KEY,
    route_id TEXT NOT NULL REFERENCES routes (id),
    position INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('pickup', 'delivery', 'drop', 'take')),
    transfer_id TEXT NOT NULL REFERENCES transfers (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    opens_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    planned_at INTEGER NOT NULL,
    leaves_at INTEGER NOT NULL,
    eta_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'arrived', 'done', 'failed')),
    arrived_at INTEGER,
    done_at INTEGER,
    problem TEXT,
    note TEXT,
    proof TEXT
) STRICT;
CREATE INDEX route_stops_route_id ON route_stops (route_id, position);
CREATE INDEX route_stops_transfer_id ON route_stops (transfer_id);
CREATE INDEX route_stops_site_id ON route_stops (site_id, state);

-- What changed at each version of a route.
CREATE TABLE route_changes (
    route_id TEXT NOT NULL REFERENCES routes (id),
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (route_id, version)
) STRICT;

-- A link that opens one route of one shift on a phone.
CREATE TABLE driver_links (
    id TEXT NOT NULL PRIMARY KEY,
    route_id TEXT NOT NULL REFERENCES routes (id),
    shift_id TEXT NOT NULL REFERENCES shifts (id),
    secret_hash TEXT NOT NULL,
    device TEXT,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    opened_at INTEGER
) STRICT;
CREATE INDEX driver_links_route_id ON driver_links (route_id);

-- Steps that a phone has reported, by its own keys.
CREATE TABLE driver_steps (
    route_id TEXT NOT NULL REFERENCES routes (id),
    step_ref TEXT NOT NULL,
    stop_id TEXT,
    kind TEXT NOT NULL,
    device_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (route_id, step_ref)
) STRICT;

-- Where a vehicle was last.
CREATE TABLE vehicle_positions (
    vehicle_id TEXT NOT NULL PRIMARY KEY REFERENCES vehicles (id),
    route_id TEXT REFERENCES routes (id),
    latitude_e6 INTEGER NOT NULL,
    longitude_e6 INTEGER NOT NULL,
    at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX vehicle_positions_route_id ON vehicle_positions (route_id);

-- A route that is late, silent or warm, until somebody has seen to it.
CREATE TABLE route_alarms (
    id TEXT NOT NULL PRIMARY KEY,
    route_id TEXT NOT NULL REFERENCES routes (id),
    transfer_id TEXT REFERENCES transfers (id),
    kind TEXT NOT NULL CHECK (kind IN ('late', 'silent', 'warm')),
    state TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'closed')),
    slack_minutes INTEGER,
    opened_at INTEGER NOT NULL,
    owner TEXT,
    acknowledged_at INTEGER,
    closed_at INTEGER,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX route_alarms_route_id ON route_alarms (route_id);
CREATE INDEX route_alarms_state ON route_alarms (state);

-- A route offered to a courier company.
CREATE TABLE carrier_offers (
    id TEXT NOT NULL PRIMARY KEY,
    route_id TEXT NOT NULL REFERENCES routes (id),
    courier_id TEXT NOT NULL REFERENCES couriers (id),
    state TEXT NOT NULL CHECK (state IN ('proposed', 'accepted', 'declined', 'lapsed', 'withdrawn')),
    answer_by INTEGER NOT NULL,
    reason TEXT,
    answered_at INTEGER,
    answered_by TEXT,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX carrier_offers_route_id ON carrier_offers (route_id);
CREATE INDEX carrier_offers_courier_id ON carrier_offers (courier_id, state);
CREATE INDEX carrier_offers_state ON carrier_offers (state, answer_by);

-- A calendar that a secret address opens.
CREATE TABLE calendars (
    id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    site_id TEXT REFERENCES sites (id),
    secret_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX calendars_owner ON calendars (owner);

-- A planning of routes, from the asking to its outcome.
CREATE TABLE route_plans (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'cancelled', 'failed')),
    command TEXT NOT NULL,
    progress_permille INTEGER NOT NULL,
    routes INTEGER NOT NULL,
    unassigned INTEGER NOT NULL,
    cost_cents INTEGER NOT NULL,
    outcome TEXT,
    cancel_asked_at INTEGER,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    moved_at INTEGER NOT NULL,
    finished_at INTEGER,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX route_plans_state ON route_plans (state);

-- Road and time between two sites, as a routing service says.
CREATE TABLE road_legs (
    from_site_id TEXT NOT NULL REFERENCES sites (id),
    to_site_id TEXT NOT NULL REFERENCES sites (id),
    distance_m INTEGER NOT NULL,
    duration_s INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    PRIMARY KEY (from_site_id, to_site_id)
) STRICT;

-- How long the road between two sites took, by hour of the day in UTC.
CREATE TABLE leg_times (
    from_site_id TEXT NOT NULL REFERENCES sites (id),
    to_site_id TEXT NOT NULL REFERENCES sites (id),
    hour INTEGER NOT NULL CHECK (hour BETWEEN 0 AND 23),
    legs INTEGER NOT NULL,
    total_s INTEGER NOT NULL,
    PRIMARY KEY (from_site_id, to_site_id, hour)
) STRICT;

-- Records of safety, custody and use are added to, never rewritten or removed (refusal 18).
CREATE TRIGGER feeds_kept_as_is BEFORE UPDATE ON feeds BEGIN SELECT RAISE(ABORT, 'refusal 18: feeds keeps what it holds; add a correction'); END;
CREATE TRIGGER custody_events_kept_as_is BEFORE UPDATE ON custody_events BEGIN SELECT RAISE(ABORT, 'refusal 18: custody_events keeps what it holds; add a correction'); END;
CREATE TRIGGER audit_entries_kept_as_is BEFORE UPDATE OF seq, at, actor_kind, actor_id, role, site_id, action, subject_kind, subject_id, trace_id, detail ON audit_entries BEGIN SELECT RAISE(ABORT, 'refusal 18: audit_entries keeps what it holds; add a correction'); END;
CREATE TRIGGER audit_entries_linked_once BEFORE UPDATE OF pos, hash ON audit_entries WHEN OLD.hash IS NOT NULL BEGIN SELECT RAISE(ABORT, 'refusal 18: audit_entries keeps what it holds; add a correction'); END;
CREATE TRIGGER policy_signatures_kept_as_is BEFORE UPDATE ON policy_signatures BEGIN SELECT RAISE(ABORT, 'refusal 18: policy_signatures keeps what it holds; add a correction'); END;
CREATE TRIGGER policy_sets_kept_as_is BEFORE UPDATE ON policy_sets BEGIN SELECT RAISE(ABORT, 'refusal 18: policy_sets keeps what it holds; add a correction'); END;
CREATE TRIGGER readings_kept_as_is BEFORE UPDATE ON readings BEGIN SELECT RAISE(ABORT, 'refusal 18: readings keeps what it holds; add a correction'); END;
CREATE TRIGGER exceptions_kept_as_is BEFORE UPDATE ON exceptions BEGIN SELECT RAISE(ABORT, 'refusal 18: exceptions keeps what it holds; add a correction'); END;
CREATE TRIGGER feeds_kept BEFORE DELETE ON feeds BEGIN SELECT RAISE(ABORT, 'refusal 18: feeds keeps what it holds; add a correction'); END;
CREATE TRIGGER custody_events_kept BEFORE DELETE ON custody_events BEGIN SELECT RAISE(ABORT, 'refusal 18: custody_events keeps what it holds; add a correction'); END;
CREATE TRIGGER audit_entries_kept BEFORE DELETE ON audit_entries BEGIN SELECT RAISE(ABORT, 'refusal 18: audit_entries keeps what it holds; add a correction'); END;
CREATE TRIGGER policy_signatures_kept BEFORE DELETE ON policy_signatures BEGIN SELECT RAISE(ABORT, 'refusal 18: policy_signatures keeps what it holds; add a correction'); END;
CREATE TRIGGER policy_sets_kept BEFORE DELETE ON policy_sets BEGIN SELECT RAISE(ABORT, 'refusal 18: policy_sets keeps what it holds; add a correction'); END;
CREATE TRIGGER readings_kept BEFORE DELETE ON readings BEGIN SELECT RAISE(ABORT, 'refusal 18: readings keeps what it holds; add a correction'); END;
CREATE TRIGGER exceptions_kept BEFORE DELETE ON exceptions BEGIN SELECT RAISE(ABORT, 'refusal 18: exceptions keeps what it holds; add a correction'); END;
CREATE TRIGGER lots_kept BEFORE DELETE ON lots BEGIN SELECT RAISE(ABORT, 'refusal 18: lots keeps what it holds; add a correction'); END;
CREATE TRIGGER bottles_kept BEFORE DELETE ON bottles BEGIN SELECT RAISE(ABORT, 'refusal 18: bottles keeps what it holds; add a correction'); END;
CREATE TRIGGER offers_kept BEFORE DELETE ON offers BEGIN SELECT RAISE(ABORT, 'refusal 18: offers keeps what it holds; add a correction'); END;
CREATE TRIGGER allocations_kept BEFORE DELETE ON allocations BEGIN SELECT RAISE(ABORT, 'refusal 18: allocations keeps what it holds; add a correction'); END;
CREATE TRIGGER transfers_kept BEFORE DELETE ON transfers BEGIN SELECT RAISE(ABORT, 'refusal 18: transfers keeps what it holds; add a correction'); END;
CREATE TRIGGER transfer_bottles_kept BEFORE DELETE ON transfer_bottles BEGIN SELECT RAISE(ABORT, 'refusal 18: transfer_bottles keeps what it holds; add a correction'); END;
CREATE TRIGGER offer_bottles_kept BEFORE DELETE ON offer_bottles BEGIN SELECT RAISE(ABORT, 'refusal 18: offer_bottles keeps what it holds; add a correction'); END;
CREATE TRIGGER requests_kept BEFORE DELETE ON requests BEGIN SELECT RAISE(ABORT, 'refusal 18: requests keeps what it holds; add a correction'); END;
CREATE TRIGGER recalls_kept BEFORE DELETE ON recalls BEGIN SELECT RAISE(ABORT, 'refusal 18: recalls keeps what it holds; add a correction'); END;
CREATE TRIGGER recall_lots_kept BEFORE DELETE ON recall_lots BEGIN SELECT RAISE(ABORT, 'refusal 18: recall_lots keeps what it holds; add a correction'); END;
CREATE TRIGGER holds_kept BEFORE DELETE ON holds BEGIN SELECT RAISE(ABORT, 'refusal 18: holds keeps what it holds; add a correction'); END;
CREATE TRIGGER events_kept BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'refusal 18: events keeps what it holds; add a correction'); END;
CREATE TRIGGER storage_readings_kept_as_is BEFORE UPDATE ON storage_readings BEGIN SELECT RAISE(ABORT, 'refusal 18: storage_readings keeps what it holds; add a correction'); END;
CREATE TRIGGER reading_intervals_kept_as_is BEFORE UPDATE ON reading_intervals BEGIN SELECT RAISE(ABORT, 'refusal 18: reading_intervals keeps what it holds; add a correction'); END;
CREATE TRIGGER logger_files_kept_as_is BEFORE UPDATE ON logger_files BEGIN SELECT RAISE(ABORT, 'refusal 18: logger_files keeps what it holds; add a correction'); END;
CREATE TRIGGER logger_file_corrections_kept_as_is BEFORE UPDATE ON logger_file_corrections BEGIN SELECT RAISE(ABORT, 'refusal 18: logger_file_corrections keeps what it holds; add a correction'); END;
CREATE TRIGGER logger_mappings_kept_as_is BEFORE UPDATE ON logger_mappings BEGIN SELECT RAISE(ABORT, 'refusal 18: logger_mappings keeps what it holds; add a correction'); END;
CREATE TRIGGER storage_readings_kept BEFORE DELETE ON storage_readings BEGIN SELECT RAISE(ABORT, 'refusal 18: storage_readings keeps what it holds; add a correction'); END;
CREATE TRIGGER reading_intervals_kept BEFORE DELETE ON reading_intervals BEGIN SELECT RAISE(ABORT, 'refusal 18: reading_intervals keeps what it holds; add a correction'); END;
CREATE TRIGGER logger_files_kept BEFORE DELETE ON logger_files BEGIN SELECT RAISE(ABORT, 'refusal 18: logger_files keeps what it holds; add a correction'); END;
CREATE TRIGGER logger_file_corrections_kept BEFORE DELETE ON logger_file_corrections BEGIN SELECT RAISE(ABORT, 'refusal 18: logger_file_corrections keeps what it holds; add a correction'); END;
CREATE TRIGGER logger_mappings_kept BEFORE DELETE ON logger_mappings BEGIN SELECT RAISE(ABORT, 'refusal 18: logger_mappings keeps what it holds; add a correction'); END;
CREATE TRIGGER storage_stays_kept BEFORE DELETE ON storage_stays BEGIN SELECT RAISE(ABORT, 'refusal 18: storage_stays keeps what it holds; add a correction'); END;
CREATE TRIGGER excursions_kept BEFORE DELETE ON excursions BEGIN SELECT RAISE(ABORT, 'refusal 18: excursions keeps what it holds; add a correction'); END;
CREATE TRIGGER excursion_bottles_kept BEFORE DELETE ON excursion_bottles BEGIN SELECT RAISE(ABORT, 'refusal 18: excursion_bottles keeps what it holds; add a correction'); END;
CREATE TRIGGER discrepancy_cases_kept BEFORE DELETE ON discrepancy_cases BEGIN SELECT RAISE(ABORT, 'refusal 18: discrepancy_cases keeps what it holds; add a correction'); END;
CREATE TRIGGER lot_deposits_kept BEFORE DELETE ON lot_deposits BEGIN SELECT RAISE(ABORT, 'refusal 18: lot_deposits keeps what it holds; add a correction'); END;
CREATE TRIGGER recall_bottles_kept BEFORE DELETE ON recall_bottles BEGIN SELECT RAISE(ABORT, 'refusal 18: recall_bottles keeps what it holds; add a correction'); END;
