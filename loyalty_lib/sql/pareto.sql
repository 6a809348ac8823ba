-- Net spend in the window, largest first: one row a customer who bought in it, or whose refunds in it outweigh.
--
-- $start, $as_of   first and last day of the window
WITH
buyers AS (
    SELECT DISTINCT customer_id
    FROM purchase_days
    WHERE day BETWEEN $start AND $as_of
),
money AS (
    SELECT customer_id, sum(amount) AS spend
    FROM net_sales
    WHERE day BETWEEN $start AND $as_of
    GROUP BY customer_id
),
customers AS (
    SELECT
        coalesce(money.spend, 0) AS spend,
        buyers.customer_id IS NOT NULL AS bought
    FROM money
    FULL OUTER JOIN buyers ON money.customer_id = buyers.customer_id
)
SELECT CAST(spend AS DOUBLE) AS spend
FROM customers
WHERE bought OR spend < 0
ORDER BY spend DESC
