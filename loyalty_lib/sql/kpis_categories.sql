-- Customers by how many categories they bought from: one row a period asked for, in the order asked.
--
-- $starts, $ends   first and last day of each period, both inside it
-- $as_of           last day observed: refunds after it cancel nothing
--
-- Refunds do not count, nor do orders that their own refunds cancel in full, nor lines without a category.
WITH
starts AS (SELECT period, start_day FROM unnest($starts) WITH ORDINALITY AS given (start_day, period)),
ends AS (SELECT period, end_day FROM unnest($ends) WITH ORDINALITY AS given (end_day, period)),
periods AS (
    SELECT starts.period, starts.start_day, ends.end_day
    FROM starts
    INNER JOIN ends ON starts.period = ends.period
),
refunded AS (
    SELECT DISTINCT customer_id, order_id
    FROM transactions
    WHERE amount < 0 AND order_date <= $as_of
),
cancelled AS (
    SELECT transactions.customer_id, transactions.order_id
    FROM transactions
    INNER JOIN refunded
        ON transactions.customer_id = refunded.customer_id AND transactions.order_id = refunded.order_id
    WHERE transactions.order_date <= $as_of
    GROUP BY transactions.customer_id, transactions.order_id
    HAVING sum(transactions.amount) <= 0
),
bought AS (
    SELECT DISTINCT transactions.customer_id, transactions.order_date AS day, transactions.category
    FROM transactions
    LEFT JOIN cancelled
        ON transactions.customer_id = cancelled.customer_id AND transactions.order_id = cancelled.order_id
    WHERE
        transactions.amount >= 0
        AND transactions.category IS NOT NULL
        AND transactions.order_date <= $as_of
        AND cancelled.order_id IS NULL
),
customers AS (
    SELECT periods.period, bought.customer_id, count(DISTINCT bought.category) AS categories
    FROM bought
    INNER JOIN periods ON bought.day BETWEEN periods.start_day AND periods.end_day
    GROUP BY periods.period, bought.customer_id
),
counts AS (
    SELECT period, count(*) AS known, count(*) FILTER (WHERE categories >= 2) AS several
    FROM customers
    GROUP BY period
)
SELECT
    CAST(coalesce(counts.known, 0) AS BIGINT) AS category_customers,
    CAST(coalesce(counts.several, 0) AS BIGINT) AS several_customers
FROM periods
LEFT JOIN counts ON periods.period = counts.period
ORDER BY periods.period
