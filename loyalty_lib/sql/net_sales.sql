-- Net sales: one row a customer and calendar day on which money moved.  A refund counts on its own day; where
-- $refunds_on_order_day, on the day of the order it refunds, if that order is among the customer's.
WITH refunds AS (
    SELECT customer_id, order_id, order_date, amount
    FROM transactions
    WHERE amount < 0
),

refunded_orders AS (
    SELECT customer_id, order_id, min(order_date) AS day
    FROM transactions
    WHERE amount >= 0 AND (customer_id, order_id) IN (SELECT (customer_id, order_id) FROM refunds)
    GROUP BY customer_id, order_id
),

dated AS (
    SELECT customer_id, order_date AS day, amount
    FROM transactions
    WHERE amount >= 0
    UNION ALL
    SELECT
        refunds.customer_id,
        CASE WHEN $refunds_on_order_day THEN coalesce(refunded_orders.day, refunds.order_date)
            ELSE refunds.order_date END AS day,
        refunds.amount
    FROM refunds
    LEFT JOIN refunded_orders
        ON refunds.customer_id = refunded_orders.customer_id AND refunds.order_id = refunded_orders.order_id
)

SELECT customer_id, day, CAST(sum(amount) AS DECIMAL(38, 6)) AS amount
FROM dated
GROUP BY customer_id, day
