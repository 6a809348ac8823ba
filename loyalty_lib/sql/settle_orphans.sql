-- Refunds whose order id names no purchase of their customer.
WITH refunds AS (
    SELECT
        rowid AS id, customer_id, order_id, order_date, -coalesce(paid, amount) AS value, code, order_line, product,
        category, channel, country
    FROM settle_rows
    WHERE reason IS NULL AND customer_id IS NOT NULL AND amount < 0
),

answered AS (
    SELECT DISTINCT customer_id, order_id
    FROM settle_rows
    WHERE reason IS NULL AND amount >= 0
        AND (customer_id, order_id) IN (SELECT (customer_id, order_id) FROM refunds)
)

SELECT refunds.*
FROM refunds
ANTI JOIN answered ON refunds.customer_id = answered.customer_id AND refunds.order_id = answered.order_id
