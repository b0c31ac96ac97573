-- What one acceptance says to the database, in order. A name in braces stands for an id; the rest is spelled out.
SELECT * FROM offers WHERE id = {offer};
SELECT * FROM requests WHERE id = {request};
SELECT lots.id, lots.code, b.size_ml, count(*), lots.state, lots.expires_at FROM offer_bottles ob JOIN bottles b
ON ob.bottle_id = b.id JOIN lots ON b.lot_id = lots.id WHERE ob.offer_id = {offer}
GROUP BY lots.id, lots.code, b.size_ml, lots.state, lots.expires_at ORDER BY lots.code, b.size_ml;
UPDATE offers SET state = 'accepted', decided_at = 0, decided_by = {bank}, decline_reason = NULL, decline_note = NULL,
by_standing_rule = {false}, version = version + 1 WHERE id = {offer} AND version = 1 AND state = 'proposed';
SELECT * FROM sites WHERE id = {bank};
SELECT document FROM policy_sets WHERE id = {policy};
INSERT INTO allocations (id, offer_id, request_id, from_site_id, to_site_id, state, volume_ml, bottles, lapses_at,
transfer_id, created_at, ended_at, end_reason, version) VALUES ({allocation}, {offer}, {request}, {bank}, {unit}, 'held',
100, 1, 21600000000, NULL, 0, NULL, NULL, 1);
UPDATE requests SET allocated_ml = allocated_ml + 100, delivered_ml = delivered_ml + 0, version = version + 1
WHERE id = {request} RETURNING *;
UPDATE requests SET state = 'allocated', closed_at = NULL, close_reason = NULL, version = version + 1 WHERE id = {request};
INSERT INTO audit_entries (at, actor_kind, actor_id, role, site_id, action, subject_kind, subject_id, trace_id, detail)
VALUES (0, 'client', {bank}, 'bank_manager', {unit}, 'request.settled', 'request', {request}, {event},
'{"state":"allocated","allocated_ml":100,"delivered_ml":0}');
INSERT INTO events (id, at, kind, subject_kind, subject_id, site_id, other_site_id, network, data) VALUES ({event}, 0,
'request.settled', 'request', {request}, {unit}, NULL, {false}, '{"state":"allocated","allocated_ml":100,"delivered_ml":0}');
INSERT INTO audit_entries (at, actor_kind, actor_id, role, site_id, action, subject_kind, subject_id, trace_id, detail)
VALUES (0, 'client', {bank}, 'bank_manager', {bank}, 'offer.accepted', 'offer', {offer}, {event},
'{"allocation_id":"00000000-0000-7006-8000-100000000001","volume_ml":100}');
INSERT INTO events (id, at, kind, subject_kind, subject_id, site_id, other_site_id, network, data) VALUES ({event2}, 0,
'offer.accepted', 'offer', {offer}, {bank}, {unit}, {false},
'{"allocation_id":"00000000-0000-7006-8000-100000000001","volume_ml":100}');
