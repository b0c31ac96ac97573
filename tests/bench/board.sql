SELECT l.id, l.surplus_id, l.site_id, l.lot_id, l.size_ml, l.published_bottles, l.available_bottles, l.expires_at,
    l.milk_type, l.form, l.donor_count, l.dairy_free, l.cmv_negative, l.protein_mg_per_dl, l.created_at,
    lots.code, sites.code, sites.name
FROM surplus_lines l JOIN lots ON lots.id = l.lot_id JOIN sites ON sites.id = l.site_id
WHERE l.available_bottles > 0 AND l.expires_at >= 0
ORDER BY l.expires_at, l.id LIMIT 50;
