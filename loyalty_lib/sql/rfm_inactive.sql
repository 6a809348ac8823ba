-- Customers who bought before the window and not in it.
--
-- $start, $as_of   first and last day of the window
WITH
last_purchases AS (
    SELECT customer_id, max(day) AS last_day
    FROM purchase_days
    WHERE day <= $as_of
    GROUP BY customer_id
)
SELECT CAST(count(*) AS BIGINT) AS customers
FROM last_purchases
WHERE last_day < $start
