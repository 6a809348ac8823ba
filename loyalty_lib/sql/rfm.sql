-- Recency, frequency and money of every customer who has bought by $as_of, scored 1 to 5; one row a customer.
--
-- $start, $as_of   first and last day of the window; purchase_days_as_of holds the purchase days known on $as_of
-- $cut2 .. $cut5   purchase days from which on the F score is 2, 3, 4, 5
--
-- R and M are quintiles by value: 1 + floor(5 x share of customers with a strictly worse value).  rank() gives equal
-- values equal ranks, so equal values get equal scores whatever the order of the rows.  Customers without a purchase day
-- in the window have no orders; they are ranked apart, and their scores are 0.
WITH
purchases AS (
    SELECT customer_id, count(*) FILTER (WHERE day >= $start) AS orders, max(day) AS last_day
    FROM purchase_days_as_of
    GROUP BY customer_id
),
money AS (
    SELECT customer_id, sum(amount) AS revenue
    FROM net_sales
    WHERE day BETWEEN $start AND $as_of
    GROUP BY customer_id
),
customers AS (
    SELECT
        purchases.customer_id,
        purchases.orders,
        date_diff('day', purchases.last_day, CAST($as_of AS DATE)) AS days_since_last_order,
        coalesce(money.revenue, 0) AS revenue
    FROM purchases
    LEFT JOIN money ON purchases.customer_id = money.customer_id
),
ranked AS (
    SELECT
        *,
        rank() OVER (PARTITION BY orders > 0 ORDER BY days_since_last_order DESC) - 1 AS staler,
        rank() OVER (PARTITION BY orders > 0 ORDER BY revenue) - 1 AS poorer,
        count(*) OVER (PARTITION BY orders > 0) AS population
    FROM customers
)
SELECT
    customer_id,
    CAST(days_since_last_order AS BIGINT) AS days_since_last_order,
    CAST(orders AS BIGINT) AS orders,
    CAST(revenue AS DOUBLE) AS revenue,
    CAST(CASE WHEN orders > 0 THEN 1 + floor(5 * staler / population) ELSE 0 END AS BIGINT) AS r,
    CAST(
        CASE
            WHEN orders >= $cut5 THEN 5
            WHEN orders >= $cut4 THEN 4
            WHEN orders >= $cut3 THEN 3
            WHEN orders >= $cut2 THEN 2
            WHEN orders > 0 THEN 1
            ELSE 0
        END AS BIGINT
    ) AS f,
    CAST(CASE WHEN orders > 0 THEN 1 + floor(5 * poorer / population) ELSE 0 END AS BIGINT) AS m
FROM ranked
ORDER BY customer_id
