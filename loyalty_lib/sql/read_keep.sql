-- Keeps one file's usable rows: those of a customer, up to $until.
INSERT INTO usable_rows
SELECT customer_id, order_id, order_date, amount, order_line, product, category, channel, country
FROM read_rows
WHERE order_date <= $until AND NOT dropped AND customer_id IS NOT NULL
