-- Adds one file's rows, up to $until, to file_rows; later ones are as if they had never been written.  What was paid
-- back of a row's amount becomes a row of its own, on its own day where that is known.
INSERT INTO file_rows BY NAME
SELECT
    CAST($file AS INTEGER) AS file, record, line, customer_id, email, phone, order_id, order_line, order_date,
    coalesce(amount, 0) AS amount, refund, test, status, tags, currency, product, category, channel, country, consent,
    objection, row_hash, left_out, detail
FROM read_rows
WHERE coalesce(order_date, DATE '1900-01-01') <= $until
UNION ALL BY NAME
SELECT
    CAST($file AS INTEGER) AS file, record, line, customer_id, email, phone, order_id,
    coalesce(order_line || ' ', '') || 'refund' AS order_line, coalesce(refunded_on, order_date) AS order_date,
    -refunded AS amount, true AS refund, test, status, tags, currency, product, category, channel, country, consent,
    objection, NULL AS row_hash, left_out, detail
FROM read_rows
WHERE refunded <> 0 AND coalesce(refunded_on, order_date, DATE '1900-01-01') <= $until
