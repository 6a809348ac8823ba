-- The rows that may stand in more than one file: of orders of which two files hold a part of the same day and sign, so
-- that a purchase in one file and its refund in another do not meet.  Rows without an order id are of settle_loose.
--
-- line      the order line, where all rows of that part have one: then lines are compared, not parts
-- content   all that is kept of the row, as one number
WITH days AS (
    SELECT order_date
    FROM settle_rows
    WHERE reason IS NULL
    GROUP BY order_date
    HAVING min(file) <> max(file)
),

parts AS (
    SELECT order_id, order_date, amount < 0 AS taken_back, bool_and(order_line IS NOT NULL) AS lined
    FROM settle_rows
    WHERE reason IS NULL AND order_id IS NOT NULL AND order_date IN (SELECT order_date FROM days)
    GROUP BY order_id, order_date, amount < 0
    HAVING min(file) <> max(file)
)

SELECT
    rows.rowid AS id,
    rows.file,
    rows.order_id,
    rows.order_date,
    rows.amount < 0 AS taken_back,
    CASE WHEN parts.lined THEN rows.order_line END AS line,
    hash(
        rows.customer_id, coalesce(rows.paid, rows.amount), rows.code, rows.order_line,
        rows.product, rows.category, rows.channel, rows.country
    ) AS content
FROM settle_rows AS rows
INNER JOIN parts
    ON rows.order_id = parts.order_id AND rows.order_date = parts.order_date
        AND (rows.amount < 0) = parts.taken_back
WHERE rows.reason IS NULL
