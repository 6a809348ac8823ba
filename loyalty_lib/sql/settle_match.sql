-- Gives each matched refund the order id of the order it takes back.
UPDATE settle_rows
SET order_id = settle_matches.order_id
FROM settle_matches
WHERE settle_rows.rowid = settle_matches.id
