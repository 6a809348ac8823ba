-- Days from the first purchase day to the second, and from the second to the third: customers by step, cohort, group and
-- days.
--
-- $as_of      last day observed; purchase_days_as_of holds the purchase days known then
-- $grain      'month', 'quarter' or 'year': of the cohort, the period of the first purchase
-- $smallest   customers of a group of its own
-- $largest    how many groups are of their own; all others are 'other'
-- first_orders holds customer_id and value, the category or channel of the first order (first_order.sql, same day)
--
-- step        2 from the first to the second, 3 from the second to the third purchase day
-- value       the group; missing where the first order has none
-- events      customers who took the step after so many days
-- censored    customers who have waited for so many days on $as_of, and not taken it
WITH ranked AS (
    SELECT customer_id, day, row_number() OVER (PARTITION BY customer_id ORDER BY day) AS place
    FROM purchase_days_as_of
),
firsts AS (
    SELECT
        customer_id,
        min(day) AS first_day,
        min(day) FILTER (WHERE place = 2) AS second_day,
        min(day) FILTER (WHERE place = 3) AS third_day
    FROM ranked
    WHERE place <= 3
    GROUP BY customer_id
),
sizes AS (
    SELECT value, count(*) AS customers
    FROM first_orders
    WHERE value IS NOT NULL AND value <> 'other'
    GROUP BY value
    HAVING count(*) >= $smallest
),
own AS (
    SELECT value, row_number() OVER (ORDER BY customers DESC, value) AS place
    FROM sizes
),
customers AS (
    SELECT
        firsts.first_day,
        firsts.second_day,
        firsts.third_day,
        CAST(date_trunc($grain, firsts.first_day) AS DATE) AS cohort,
        CASE WHEN first_orders.value IS NOT NULL THEN coalesce(own.value, 'other') END AS value
    FROM firsts
    LEFT JOIN first_orders ON firsts.customer_id = first_orders.customer_id
    LEFT JOIN own ON first_orders.value = own.value AND own.place <= $largest
),
steps AS (
    SELECT 2 AS step, cohort, value, first_day AS start_day, second_day AS end_day
    FROM customers
    UNION ALL
    SELECT 3 AS step, cohort, value, second_day AS start_day, third_day AS end_day
    FROM customers
    WHERE second_day IS NOT NULL
),
waits AS (
    SELECT
        step,
        cohort,
        value,
        date_diff('day', start_day, coalesce(end_day, CAST($as_of AS DATE))) AS days,
        end_day IS NOT NULL AS taken
    FROM steps
)
SELECT
    step,
    cohort,
    value,
    days,
    count(*) FILTER (WHERE taken) AS events,
    count(*) FILTER (WHERE NOT taken) AS censored
FROM waits
GROUP BY step, cohort, value, days
ORDER BY step, cohort, value, days
