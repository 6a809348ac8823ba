-- What decides how customers are grouped: one row.
--
-- $as_of   last day observed; purchase_days_as_of holds the purchase days known then
--
-- earliest, latest      first and last day on which a customer bought for the first time; missing where nobody did
-- category, channel     rows that have one
WITH first_days AS (
    SELECT customer_id, min(day) AS day
    FROM purchase_days_as_of
    GROUP BY customer_id
),
days AS (
    SELECT min(day) AS earliest, max(day) AS latest
    FROM first_days
),
named AS (
    SELECT count(category) AS category, count(channel) AS channel
    FROM transactions
    WHERE order_date <= $as_of
)
SELECT days.earliest, days.latest, named.category, named.channel
FROM days
CROSS JOIN named
