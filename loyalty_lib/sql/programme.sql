-- Customers who bought in the window by the tier their net spend in it reaches: one row a tier that has customers.
--
-- $start, $as_of   first and last day of the window
-- $thresholds      the spend each tier begins at, lowest first, as text of a decimal number
-- $floors          the spend from which on a customer counts as just below each threshold, likewise
--
-- tier                number of the tier, from 1; 0 for customers below the first threshold
-- largest_customer / all_customers   the weight of one customer in the tier's sales, by size
-- near_customers      those just below the next tier, with their sales and what they still miss
-- largest_near        what the one of them misses who misses most
WITH
thresholds AS (
    SELECT CAST(tier AS BIGINT) AS tier, CAST(spend AS DECIMAL(38, 6)) AS spend
    FROM unnest($thresholds) WITH ORDINALITY AS given (spend, tier)
),
floors AS (
    SELECT CAST(tier AS BIGINT) AS tier, CAST(spend AS DECIMAL(38, 6)) AS spend
    FROM unnest($floors) WITH ORDINALITY AS given (spend, tier)
),
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
    SELECT buyers.customer_id, CAST(coalesce(money.spend, 0) AS DECIMAL(38, 6)) AS spend
    FROM buyers
    LEFT JOIN money ON buyers.customer_id = money.customer_id
),
placed AS (
    SELECT customers.customer_id, customers.spend, count(thresholds.tier) AS tier
    FROM customers
    LEFT JOIN thresholds ON customers.spend >= thresholds.spend
    GROUP BY customers.customer_id, customers.spend
),
missing AS (
    SELECT
        placed.tier,
        placed.spend,
        CASE WHEN placed.spend >= floors.spend THEN thresholds.spend - placed.spend END AS missing
    FROM placed
    LEFT JOIN thresholds ON placed.tier + 1 = thresholds.tier
    LEFT JOIN floors ON placed.tier + 1 = floors.tier
)
SELECT
    CAST(tier AS BIGINT) AS tier,
    CAST(count(*) AS BIGINT) AS customers,
    CAST(sum(spend) AS DOUBLE) AS sales,
    CAST(max(abs(spend)) AS DOUBLE) AS largest_customer,
    CAST(sum(abs(spend)) AS DOUBLE) AS all_customers,
    CAST(count(missing) AS BIGINT) AS near_customers,
    CAST(coalesce(sum(CASE WHEN missing IS NOT NULL THEN spend END), 0) AS DOUBLE) AS near_sales,
    CAST(coalesce(sum(missing), 0) AS DOUBLE) AS near_missing,
    CAST(coalesce(max(missing), 0) AS DOUBLE) AS largest_near
FROM missing
GROUP BY tier
ORDER BY tier
