-- Customers who have bought in exactly one category, and which; one row a customer.
--
-- $as_of   last day seen
--
-- Rows without a category, refunds, and orders that their own refunds cancel in full are left out.
WITH
cancelled AS (
    SELECT customer_id, order_id
    FROM transactions
    WHERE order_date <= $as_of
    GROUP BY customer_id, order_id
    HAVING min(amount) < 0 AND sum(amount) <= 0
)
SELECT transactions.customer_id, min(transactions.category) AS category
FROM transactions
LEFT JOIN cancelled
    ON transactions.customer_id = cancelled.customer_id AND transactions.order_id = cancelled.order_id
WHERE transactions.order_date <= $as_of
    AND transactions.amount >= 0
    AND transactions.category IS NOT NULL
    AND cancelled.order_id IS NULL
GROUP BY transactions.customer_id
HAVING count(DISTINCT transactions.category) = 1
ORDER BY transactions.customer_id
