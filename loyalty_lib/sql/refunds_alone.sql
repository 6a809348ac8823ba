-- Customers with money moving in the window who bought nothing in it: how many, and the weight of one in that money.
--
-- $start, $as_of   first and last day of the window
WITH buyers AS (
    SELECT DISTINCT customer_id
    FROM purchase_days
    WHERE day BETWEEN $start AND $as_of
),
money AS (
    SELECT net_sales.customer_id, sum(net_sales.amount) AS amount
    FROM net_sales
    LEFT JOIN buyers ON net_sales.customer_id = buyers.customer_id
    WHERE net_sales.day BETWEEN $start AND $as_of AND buyers.customer_id IS NULL
    GROUP BY net_sales.customer_id
)
SELECT
    CAST(count(*) AS BIGINT) AS customers,
    CAST(coalesce(max(abs(amount)) / nullif(sum(abs(amount)), 0), 0) AS DOUBLE) AS largest_share
FROM money
