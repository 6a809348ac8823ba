-- Purchase days as known on $as_of: one row a customer and calendar day with a purchase, with the number of orders and
-- the money that is left of them after refunds.  Nothing after $as_of is seen, refunds included.
--
-- A row with a negative amount is a refund; all others are purchases, those of zero value too.  Refunds take money
-- away, never days, but for one case: an order whose own refunds cancel it in full is no purchase.
-- A refund's money is taken from the day of the order it refunds; where that order is not among the customer's, from
-- the customer's last purchase day on or before the refund; and where there is none, from nothing (net_sales has it).
WITH seen AS (
    SELECT customer_id, order_id, order_date, amount
    FROM transactions
    WHERE order_date <= $as_of
),

refunded_orders AS (
    SELECT
        customer_id,
        order_id,
        min(order_date) FILTER (WHERE amount >= 0) AS day,
        count(*) FILTER (WHERE amount >= 0) > 0 AND sum(amount) <= 0 AS cancelled
    FROM seen
    WHERE (customer_id, order_id) IN (SELECT (customer_id, order_id) FROM seen WHERE amount < 0)
    GROUP BY customer_id, order_id
),

orders AS (
    SELECT customer_id, order_id, order_date AS day, sum(amount) AS amount
    FROM seen
    WHERE amount >= 0
        AND (customer_id, order_id) NOT IN (SELECT (customer_id, order_id) FROM refunded_orders WHERE cancelled)
    GROUP BY customer_id, order_id, order_date
),

purchases AS (
    SELECT customer_id, day, count(*) AS orders, sum(amount) AS amount
    FROM orders
    GROUP BY customer_id, day
),

refunds AS (
    SELECT
        seen.customer_id,
        refunded_orders.day AS order_day,
        seen.order_date AS refund_day,
        sum(seen.amount) AS amount
    FROM seen
    INNER JOIN refunded_orders
        ON seen.customer_id = refunded_orders.customer_id AND seen.order_id = refunded_orders.order_id
    WHERE seen.amount < 0 AND NOT refunded_orders.cancelled
    GROUP BY seen.customer_id, refunded_orders.day, seen.order_date
),

placed AS (
    SELECT customer_id, order_day AS day, amount
    FROM refunds
    WHERE order_day IS NOT NULL
    UNION ALL
    SELECT refunds.customer_id, max(purchases.day) AS day, any_value(refunds.amount) AS amount
    FROM refunds
    INNER JOIN purchases ON refunds.customer_id = purchases.customer_id AND purchases.day <= refunds.refund_day
    WHERE refunds.order_day IS NULL
    GROUP BY refunds.customer_id, refunds.refund_day
),

taken AS (
    SELECT customer_id, day, sum(amount) AS amount
    FROM placed
    GROUP BY customer_id, day
)

SELECT
    purchases.customer_id,
    purchases.day,
    purchases.orders,
    CAST(purchases.amount + coalesce(taken.amount, 0) AS DECIMAL(38, 6)) AS amount
FROM purchases
LEFT JOIN taken ON purchases.customer_id = taken.customer_id AND purchases.day = taken.day
