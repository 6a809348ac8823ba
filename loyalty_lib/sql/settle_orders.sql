-- The orders; those in which a customer buys, and under an id; those whose amounts are all zero.  A row without an
-- order id is one.
SELECT
    count(*) AS orders,
    count(*) FILTER (WHERE bought) AS customer_orders,
    count(*) FILTER (WHERE bought AND has_id) AS id_orders,
    count(*) FILTER (WHERE free) AS zero_orders
FROM (
    SELECT
        bool_or(customer_id IS NOT NULL AND amount >= 0) AS bought,
        bool_or(NOT guest) AS has_id,
        bool_and(amount = 0) AS free
    FROM settle_rows
    WHERE reason IS NULL AND order_id IS NOT NULL
    GROUP BY order_id
    UNION ALL
    SELECT customer_id IS NOT NULL AND amount >= 0, NOT guest, amount = 0
    FROM settle_rows
    WHERE reason IS NULL AND order_id IS NULL
)
