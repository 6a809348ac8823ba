-- Customers and buyers by group, cohort and period since; one row each with purchases (k = 0 is the first period itself).
--
-- $grain     'week' (Monday to Sunday), 'month' or 'quarter'
-- $as_of     last day observed
-- $begin     first day of the earliest cohort to look at
-- $end       first day of the latest
-- $fewest    customers of a group that stands alone
-- $most      how many groups stand alone, largest first, of equal ones by the alphabet
-- $other     name of all others together
--
-- first_order_values holds every customer's group (customer_id, value).  Customers without one are in the group ''.
WITH
first_purchases AS (
    SELECT
        customer_id,
        CAST(date_trunc($grain, min(day)) AS DATE) AS cohort
    FROM purchase_days
    WHERE day <= $as_of
    GROUP BY customer_id
),
valued AS (
    SELECT
        first_purchases.customer_id,
        first_purchases.cohort,
        coalesce(first_order_values.value, '') AS value
    FROM first_purchases
    LEFT JOIN first_order_values ON first_purchases.customer_id = first_order_values.customer_id
    WHERE first_purchases.cohort BETWEEN $begin AND $end
),
sizes AS (
    SELECT value, count(*) AS customers
    FROM valued
    WHERE value NOT IN ('', $other)
    GROUP BY value
    HAVING count(*) >= $fewest
),
ranked AS (
    SELECT value, row_number() OVER (ORDER BY customers DESC, value) AS place
    FROM sizes
),
grouped AS (
    SELECT
        valued.customer_id,
        valued.cohort,
        CASE
            WHEN valued.value = '' OR ranked.place <= $most THEN valued.value
            ELSE $other
        END AS name
    FROM valued
    LEFT JOIN ranked ON valued.value = ranked.value
),
cohort_sizes AS (
    SELECT name, cohort, count(*) AS customers
    FROM grouped
    GROUP BY name, cohort
),
bought AS (  -- one row a customer and period with a purchase day
    SELECT DISTINCT
        grouped.name,
        grouped.cohort,
        grouped.customer_id,
        CAST(date_trunc($grain, purchase_days.day) AS DATE) AS period
    FROM purchase_days
    INNER JOIN grouped ON purchase_days.customer_id = grouped.customer_id
    WHERE purchase_days.day <= $as_of
),
buyers AS (
    SELECT name, cohort, period, count(*) AS buyers
    FROM bought
    GROUP BY name, cohort, period
)
SELECT
    buyers.name,
    buyers.cohort,
    CAST(CASE $grain
        WHEN 'week' THEN date_diff('day', buyers.cohort, buyers.period) / 7
        WHEN 'month' THEN 12 * (year(buyers.period) - year(buyers.cohort)) + month(buyers.period) - month(buyers.cohort)
        ELSE (12 * (year(buyers.period) - year(buyers.cohort)) + month(buyers.period) - month(buyers.cohort)) / 3
    END AS BIGINT) AS k,
    CAST(cohort_sizes.customers AS BIGINT) AS customers,
    CAST(buyers.buyers AS BIGINT) AS buyers
FROM buyers
INNER JOIN cohort_sizes ON buyers.name = cohort_sizes.name AND buyers.cohort = cohort_sizes.cohort
ORDER BY buyers.name, buyers.cohort, buyers.period
