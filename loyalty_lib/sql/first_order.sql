-- The channel, category or country of every customer's first order, as known on $as_of; one row a customer.
--
-- $as_of   last day observed; purchase_days_as_of holds the purchase days known then
-- $by      'channel', 'category' or 'country'
--
-- Orders of the first purchase day are one; orders that their own refunds cancel in full are none.  Where several values
-- meet, the one with the largest amount counts, of equal ones the first of the alphabet; lines without a value count
-- only where no line has one, and then the value is missing.
WITH first_days AS (
    SELECT customer_id, min(day) AS day
    FROM purchase_days_as_of
    GROUP BY customer_id
),

cancelled AS (
    SELECT customer_id, order_id
    FROM transactions
    WHERE order_date <= $as_of
    GROUP BY customer_id, order_id
    HAVING min(amount) < 0 AND sum(amount) <= 0
),

amounts AS (
    SELECT
        transactions.customer_id,
        CASE $by
            WHEN 'channel' THEN transactions.channel
            WHEN 'category' THEN transactions.category
            WHEN 'country' THEN transactions.country
        END AS value,
        sum(transactions.amount) AS amount
    FROM transactions
    INNER JOIN first_days
        ON transactions.customer_id = first_days.customer_id AND transactions.order_date = first_days.day
    LEFT JOIN cancelled
        ON transactions.customer_id = cancelled.customer_id AND transactions.order_id = cancelled.order_id
    WHERE transactions.amount >= 0 AND cancelled.order_id IS NULL
    GROUP BY ALL
),

ranked AS (
    SELECT
        customer_id,
        value,
        row_number() OVER (PARTITION BY customer_id ORDER BY value IS NULL, amount DESC, value) AS place
    FROM amounts
)

SELECT customer_id, value
FROM ranked
WHERE place = 1
ORDER BY customer_id
