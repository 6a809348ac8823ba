-- Cohorts by the period of the first purchase: one row a cohort and period since (k = 0 is the first period itself).
--
-- $grain   'week' (Monday to Sunday), 'month' or 'quarter'
-- $as_of   last day observed
--
-- buyers     customers of the cohort with a purchase day in period k: "on", not "on or after"
-- orders     their orders of period k
-- sales      their net sales of period k, refunds on the refund's day; money before the first purchase day is left out
-- repeat_sales  the part of it after the first purchase day
-- The three "largest" columns are of single customers: two running totals, and what one of them brought in period k; they
-- serve to hide cells that one customer dominates.
WITH
first_purchases AS (
    SELECT
        customer_id,
        min(day) AS first_day,
        CAST(date_trunc($grain, min(day)) AS DATE) AS cohort
    FROM purchase_days
    WHERE day <= $as_of
    GROUP BY customer_id
),
sizes AS (
    SELECT cohort, count(*) AS customers
    FROM first_purchases
    GROUP BY cohort
),
bought AS (  -- one row a customer and period with a purchase day
    SELECT
        first_purchases.cohort,
        first_purchases.customer_id,
        CAST(date_trunc($grain, purchase_days.day) AS DATE) AS period,
        sum(purchase_days.orders) AS orders
    FROM purchase_days
    INNER JOIN first_purchases ON purchase_days.customer_id = first_purchases.customer_id
    WHERE purchase_days.day <= $as_of
    GROUP BY
        first_purchases.cohort, first_purchases.customer_id, CAST(date_trunc($grain, purchase_days.day) AS DATE)
),
buyers AS (
    SELECT cohort, period, count(*) AS buyers, sum(orders) AS orders
    FROM bought
    GROUP BY cohort, period
),
money AS (  -- one row a customer and period with money moving
    SELECT
        first_purchases.cohort,
        first_purchases.customer_id,
        CAST(date_trunc($grain, net_sales.day) AS DATE) AS period,
        sum(net_sales.amount) AS sales,
        sum(CASE WHEN net_sales.day > first_purchases.first_day THEN net_sales.amount ELSE 0 END) AS repeat_sales,
        max(CASE WHEN net_sales.day > first_purchases.first_day THEN 1 ELSE 0 END) AS returned
    FROM net_sales
    INNER JOIN first_purchases ON net_sales.customer_id = first_purchases.customer_id
    WHERE net_sales.day BETWEEN first_purchases.first_day AND $as_of
    GROUP BY first_purchases.cohort, first_purchases.customer_id, CAST(date_trunc($grain, net_sales.day) AS DATE)
),
running AS (
    SELECT
        *,
        sum(sales) OVER (PARTITION BY customer_id ORDER BY period) AS sales_so_far,
        sum(repeat_sales) OVER (PARTITION BY customer_id ORDER BY period) AS repeat_so_far
    FROM money
),
moved AS (
    SELECT
        cohort,
        period,
        count(*) AS movers,
        sum(returned) AS repeat_movers,
        sum(sales) AS sales,
        sum(repeat_sales) AS repeat_sales,
        max(sales_so_far) AS largest,
        max(repeat_so_far) AS largest_repeat,
        max(sales) AS largest_now
    FROM running
    GROUP BY cohort, period
),
cells AS (
    SELECT cohort, period FROM buyers
    UNION
    SELECT cohort, period FROM moved
)
SELECT
    cells.cohort,
    CAST(CASE $grain
        WHEN 'week' THEN date_diff('day', cells.cohort, cells.period) / 7
        WHEN 'month' THEN 12 * (year(cells.period) - year(cells.cohort)) + month(cells.period) - month(cells.cohort)
        ELSE (12 * (year(cells.period) - year(cells.cohort)) + month(cells.period) - month(cells.cohort)) / 3
    END AS BIGINT) AS k,
    CAST(sizes.customers AS BIGINT) AS customers,
    CAST(coalesce(buyers.buyers, 0) AS BIGINT) AS buyers,
    CAST(coalesce(buyers.orders, 0) AS BIGINT) AS orders,
    CAST(coalesce(moved.movers, 0) AS BIGINT) AS movers,
    CAST(coalesce(moved.repeat_movers, 0) AS BIGINT) AS repeat_movers,
    CAST(coalesce(moved.sales, 0) AS DOUBLE) AS sales,
    CAST(coalesce(moved.repeat_sales, 0) AS DOUBLE) AS repeat_sales,
    CAST(coalesce(moved.largest, 0) AS DOUBLE) AS largest,
    CAST(coalesce(moved.largest_repeat, 0) AS DOUBLE) AS largest_repeat,
    CAST(coalesce(moved.largest_now, 0) AS DOUBLE) AS largest_now
FROM cells
INNER JOIN sizes ON cells.cohort = sizes.cohort
LEFT JOIN buyers ON cells.cohort = buyers.cohort AND cells.period = buyers.period
LEFT JOIN moved ON cells.cohort = moved.cohort AND cells.period = moved.period
ORDER BY cells.cohort, cells.period
