-- How engaged customers are: one row a combination of values, with the number of customers who have it.
--
-- $start, $end   first and last day of the window; its population are the customers with a purchase in it
-- $as_of         last day observed: refunds after it cancel nothing
-- nps_answers    customer_id, answered_on, nps: one valid answer (0 to 10) a customer and day
--
-- frequency   purchase days in the window
-- recency     days from the last of them to $end
-- categories  different categories bought from in the window; NULL where no line of the customer has one
-- nps         the latest answer up to $end; NULL without one
WITH
bought AS (
    SELECT customer_id, count(*) AS frequency, max(day) AS last_day
    FROM purchase_days
    WHERE day BETWEEN $start AND $end
    GROUP BY customer_id
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
breadth AS (
    SELECT transactions.customer_id, count(DISTINCT transactions.category) AS categories
    FROM transactions
    LEFT JOIN cancelled
        ON transactions.customer_id = cancelled.customer_id AND transactions.order_id = cancelled.order_id
    WHERE
        transactions.amount >= 0
        AND transactions.category IS NOT NULL
        AND transactions.order_date BETWEEN $start AND $end
        AND cancelled.order_id IS NULL
    GROUP BY transactions.customer_id
),
answers AS (
    SELECT
        customer_id,
        nps,
        row_number() OVER (PARTITION BY customer_id ORDER BY answered_on DESC) AS place
    FROM nps_answers
    WHERE answered_on <= $end
)
SELECT
    bought.frequency,
    date_diff('day', bought.last_day, $end) AS recency,
    breadth.categories,
    answers.nps,
    count(*) AS customers
FROM bought
LEFT JOIN breadth ON bought.customer_id = breadth.customer_id
LEFT JOIN answers ON bought.customer_id = answers.customer_id AND answers.place = 1
GROUP BY bought.frequency, date_diff('day', bought.last_day, $end), breadth.categories, answers.nps
ORDER BY bought.frequency, recency, breadth.categories, answers.nps
