-- How many customers bought in each category, and in both of every two: one row an ordered pair of categories.
--
-- $as_of   last day seen
-- $least   smallest number of customers who bought in both; rarer pairs are left out
--
-- buyers, next_buyers, both, customers: who bought in ``category``, in ``next``, in both, and in any.
-- Customers' categories are counted, not baskets.  Rows without a category, refunds, and orders that their own refunds
-- cancel in full are left out.
WITH
cancelled AS (
    SELECT customer_id, order_id
    FROM transactions
    WHERE order_date <= $as_of
    GROUP BY customer_id, order_id
    HAVING min(amount) < 0 AND sum(amount) <= 0
),
bought AS (
    SELECT DISTINCT transactions.customer_id, transactions.category
    FROM transactions
    LEFT JOIN cancelled
        ON transactions.customer_id = cancelled.customer_id AND transactions.order_id = cancelled.order_id
    WHERE transactions.order_date <= $as_of
        AND transactions.amount >= 0
        AND transactions.category IS NOT NULL
        AND cancelled.order_id IS NULL
),
sizes AS (
    SELECT category, count(*) AS buyers
    FROM bought
    GROUP BY category
    HAVING count(*) >= $least
),
frequent AS (
    SELECT bought.customer_id, bought.category
    FROM bought
    INNER JOIN sizes ON bought.category = sizes.category
),
pairs AS (
    SELECT one.category, other.category AS next, count(*) AS both
    FROM frequent AS one
    INNER JOIN frequent AS other ON one.customer_id = other.customer_id AND one.category <> other.category
    GROUP BY one.category, other.category
    HAVING count(*) >= $least
)
SELECT
    pairs.category,
    pairs.next,
    sizes.buyers,
    next_sizes.buyers AS next_buyers,
    pairs.both,
    (SELECT count(DISTINCT customer_id) FROM bought) AS customers
FROM pairs
INNER JOIN sizes ON pairs.category = sizes.category
INNER JOIN sizes AS next_sizes ON pairs.next = next_sizes.category
ORDER BY pairs.category, pairs.next
