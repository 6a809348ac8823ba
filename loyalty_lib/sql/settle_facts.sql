-- What the rows that count come to, rows of nobody known included, as one row.
SELECT
    (SELECT count(row_hash) FROM settle_rows) AS rows,
    count(DISTINCT customer_id) AS customers,
    coalesce(sum(amount), 0)::DOUBLE AS net_sales,
    min(order_date) AS first_day,
    max(order_date) AS last_day,
    count(*) FILTER (WHERE coalesce(refund, amount < 0)) AS refunds,
    coalesce(sum(amount) FILTER (WHERE coalesce(refund, amount < 0)), 0)::DOUBLE AS refund_amount,
    count(row_hash) FILTER (WHERE customer_id IS NULL) AS lines_without_customer,
    coalesce(sum(amount) FILTER (WHERE customer_id IS NULL), 0)::DOUBLE AS amount_without_customer
FROM settle_rows
WHERE reason IS NULL
