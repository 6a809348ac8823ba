-- Repeat purchases by week of the customers known on $cutoff: one row a week with any, weeks of seven days counted from
-- $first_day as week 1.
--
-- known_days      purchase days as they stood on $cutoff: what a forecast of that day had seen
-- purchase_days_as_of   purchase days as they stood later; of them, those after $cutoff
WITH known AS (
    SELECT customer_id, min(day) AS first_day
    FROM known_days
    GROUP BY customer_id
),

repeats AS (
    SELECT known.customer_id, known_days.day
    FROM known_days
    INNER JOIN known ON known_days.customer_id = known.customer_id
    WHERE known_days.day > known.first_day
    UNION ALL
    SELECT known.customer_id, purchase_days_as_of.day
    FROM purchase_days_as_of
    INNER JOIN known ON purchase_days_as_of.customer_id = known.customer_id
    WHERE purchase_days_as_of.day > $cutoff
)

SELECT
    CAST(floor(date_diff('day', CAST($first_day AS DATE), day) / 7) AS BIGINT) + 1 AS week,
    count(DISTINCT customer_id) AS customers,
    count(*) AS purchases
FROM repeats
GROUP BY week
ORDER BY week
