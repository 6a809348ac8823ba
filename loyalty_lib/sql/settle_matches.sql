-- For each refund of settle_orphans the order it takes back: of the same customer, product and amount, on or before its
-- day, the last one first, each purchase once.
--
-- Purchases and refunds of one customer, product and amount are brackets that open and close, purchases first within a
-- day; a refund takes back the purchase whose bracket it closes.  The number of open brackets runs up and down; between
-- one number and the next, what goes up and what comes down take turns, so a refund's purchase is the one before it in
-- that turn.  Where there is none (more refunds than purchases so far), the refund has no order.
WITH keys AS (
    SELECT DISTINCT customer_id, product, value, code
    FROM settle_orphans
),

concerned AS (
    SELECT
        rows.rowid AS id, rows.customer_id, rows.product, coalesce(rows.paid, rows.amount) AS amount, rows.code,
        rows.order_id, rows.order_date, rows.order_line
    FROM settle_rows AS rows
    SEMI JOIN keys
        ON rows.customer_id = keys.customer_id
            AND abs(coalesce(rows.paid, rows.amount)) = keys.value
            AND rows.product IS NOT DISTINCT FROM keys.product
            AND rows.code IS NOT DISTINCT FROM keys.code
    WHERE rows.reason IS NULL AND rows.order_id IS NOT NULL
        AND rows.rowid NOT IN (SELECT id FROM settle_orphans)
),

-- What an order's own refunds take back is no longer there to be taken back.
left_over AS (
    SELECT purchases.*
    FROM (
        SELECT
            *,
            row_number() OVER (
                PARTITION BY customer_id, product, amount, code, order_id ORDER BY order_date, order_line
            ) AS place
        FROM concerned
        WHERE amount > 0
    ) AS purchases
    LEFT JOIN (
        SELECT customer_id, product, -amount AS value, code, order_id, count(*) AS times
        FROM concerned
        WHERE amount < 0
        GROUP BY customer_id, product, amount, code, order_id
    ) AS own
        ON purchases.customer_id = own.customer_id AND purchases.amount = own.value
            AND purchases.order_id = own.order_id
            AND purchases.product IS NOT DISTINCT FROM own.product
            AND purchases.code IS NOT DISTINCT FROM own.code
    WHERE purchases.place > coalesce(own.times, 0)
),

brackets AS (
    SELECT
        id, customer_id, product, amount AS value, code, order_id, order_date, 1 AS step,
        order_line, NULL AS category, NULL AS channel, NULL AS country
    FROM left_over
    UNION ALL
    SELECT id, customer_id, product, value, code, order_id, order_date, -1, order_line, category, channel, country
    FROM settle_orphans
),

placed AS (
    SELECT
        *,
        row_number() OVER turn AS place,
        sum(step) OVER (turn ROWS UNBOUNDED PRECEDING) AS open
    FROM brackets
    WINDOW turn AS (
        PARTITION BY customer_id, product, value, code
        ORDER BY order_date, step DESC, order_id, order_line, category, channel, country, id
    )
),

turns AS (
    SELECT
        id,
        step,
        lag(step) OVER level AS step_before,
        lag(order_id) OVER level AS order_before
    FROM placed
    WINDOW level AS (PARTITION BY customer_id, product, value, code, least(open, open - step) ORDER BY place)
)

SELECT id, order_before AS order_id
FROM turns
WHERE step = -1 AND step_before = 1
