-- What decides which pages a report can have, as one row: how many there are of each thing, purchases only.
WITH buyers AS (
    SELECT customer_id, count(*) AS days
    FROM purchase_days
    GROUP BY customer_id
),

mixed_baskets AS (
    SELECT customer_id, order_id
    FROM transactions
    WHERE amount >= 0
    GROUP BY customer_id, order_id
    HAVING min(product) <> max(product)
)

SELECT
    (SELECT count(*) FROM buyers WHERE days > 1) AS repeat_buyers,
    (SELECT coalesce(sum(amount), 0)::DOUBLE FROM net_sales) AS net_sales,
    (SELECT count(*) FROM mixed_baskets) AS mixed_baskets,
    (SELECT count(DISTINCT product) FROM transactions WHERE amount >= 0) AS products,
    (SELECT count(DISTINCT category) FROM transactions WHERE amount >= 0) AS categories,
    (SELECT count(DISTINCT channel) FROM transactions WHERE amount >= 0) AS channels,
    (SELECT count(DISTINCT country) FROM transactions WHERE amount >= 0) AS countries
