-- What was read, left out and merged, as one row.  Refunds are counted as the source has them, whatever the policy.
WITH cancelled_orders AS (
    SELECT customer_id, order_id
    FROM transactions
    WHERE (customer_id, order_id) IN (SELECT (customer_id, order_id) FROM transactions WHERE amount < 0)
    GROUP BY customer_id, order_id
    HAVING sum(amount) <= 0 AND bool_or(amount >= 0)
),

free_orders AS (
    SELECT customer_id, order_id
    FROM transactions
    WHERE amount >= 0
    GROUP BY customer_id, order_id
    HAVING max(amount) = 0
),

refunds AS (
    SELECT usable_rows.amount, usable_rows.customer_id IN (SELECT customer_id FROM purchase_days) AS of_buyer
    FROM usable_rows
    WHERE usable_rows.amount < 0
)

SELECT
    (SELECT count(*) FROM transactions) AS rows_used,
    (SELECT count(DISTINCT customer_id) FROM purchase_days) AS customers,
    (SELECT coalesce(sum(orders), 0)::BIGINT FROM purchase_days) AS orders,
    (SELECT count(*) FROM purchase_days) AS purchase_days,
    (SELECT min(order_date) FROM transactions) AS first_day,
    (SELECT max(order_date) FROM transactions) AS last_day,
    (SELECT count(*) FROM refunds) AS refund_rows,
    (SELECT coalesce(sum(amount), 0)::DOUBLE FROM refunds) AS refund_amount,
    (SELECT count(*) FROM refunds WHERE NOT of_buyer) AS refund_rows_without_purchase,
    (SELECT count(*) FROM cancelled_orders) AS cancelled_orders,
    (SELECT count(*) FROM free_orders) AS zero_rows,
    (SELECT coalesce(sum(orders - 1), 0)::BIGINT FROM purchase_days) AS same_day_merged
