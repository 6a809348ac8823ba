-- Gaps between consecutive purchase days, by their length: how many ended with a purchase, how many are still open.
--
-- $as_of   last day observed; the last gap of every customer is open on it
--
-- days      length of the gap in days
-- ended     gaps that a purchase ended after as many days
-- censored  open gaps that have lasted as many days on $as_of
WITH spans AS (
    SELECT day, lead(day) OVER (PARTITION BY customer_id ORDER BY day) AS next_day
    FROM purchase_days
    WHERE day <= $as_of
)
SELECT
    date_diff('day', day, coalesce(next_day, $as_of)) AS days,
    count(*) FILTER (WHERE next_day IS NOT NULL) AS ended,
    count(*) FILTER (WHERE next_day IS NULL) AS censored
FROM spans
GROUP BY date_diff('day', day, coalesce(next_day, $as_of))
ORDER BY days
