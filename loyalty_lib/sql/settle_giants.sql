-- Orders of a customer of more than 50 times the median order, the five largest: with what is left after refunds.
WITH orders AS (
    SELECT customer_id, order_id, min(order_date) AS day, sum(amount) AS amount
    FROM settle_rows
    WHERE reason IS NULL AND customer_id IS NOT NULL AND amount >= 0 AND order_id IS NOT NULL
    GROUP BY customer_id, order_id
    UNION ALL
    SELECT customer_id, NULL, order_date, amount
    FROM settle_rows
    WHERE reason IS NULL AND customer_id IS NOT NULL AND amount >= 0 AND order_id IS NULL
),

giants AS (
    SELECT *
    FROM orders
    WHERE amount > 50 * (SELECT median(CAST(amount AS DOUBLE)) FROM orders)
    ORDER BY amount DESC, day, order_id, customer_id
    LIMIT 5
),

refunds AS (
    SELECT customer_id, order_id, sum(amount) AS amount
    FROM settle_rows
    WHERE reason IS NULL AND amount < 0
        AND (customer_id, order_id) IN (SELECT (customer_id, order_id) FROM giants WHERE order_id IS NOT NULL)
    GROUP BY customer_id, order_id
)

SELECT
    coalesce(giants.order_id, '') AS order_id,
    giants.day,
    CAST(giants.amount AS DOUBLE) AS amount,
    giants.amount + coalesce(refunds.amount, 0) <= 0 AS cancelled
FROM giants
LEFT JOIN refunds ON giants.customer_id = refunds.customer_id AND giants.order_id = refunds.order_id
ORDER BY giants.amount DESC, giants.day, giants.order_id, giants.customer_id
