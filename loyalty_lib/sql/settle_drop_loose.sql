-- Rows without an order id count as often as the file has them that has them most; the newest among equals.
UPDATE settle_rows
SET reason = 'overlap', detail = NULL
FROM (
    SELECT order_date, content, max_by(file, (times, age)) AS file
    FROM settle_loose
    GROUP BY order_date, content
    HAVING count(*) > 1
) AS kept
WHERE settle_rows.reason IS NULL AND settle_rows.order_id IS NULL
    AND settle_rows.order_date = kept.order_date
    AND hash(
        settle_rows.customer_id, coalesce(settle_rows.paid, settle_rows.amount), settle_rows.code,
        settle_rows.order_line, settle_rows.product, settle_rows.category, settle_rows.channel, settle_rows.country
    ) = kept.content
    AND settle_rows.file <> kept.file
