-- Who came back after answering: one row a band, counts of customers and their net sales in the days after.
--
-- survey_scores   as survey_scores.sql makes it
-- $start, $last   first and last day of the answers: $last lies $days before the as-of date
-- $days           how many days after the day of the answer a purchase counts; the day itself does not
-- Of each customer who had bought by then the newest answer (of a day the lowest).
WITH
ranked AS (
    SELECT
        customer_id,
        day,
        band,
        row_number() OVER (PARTITION BY customer_id ORDER BY day DESC, score, weight) AS place
    FROM survey_scores
    WHERE question = 'nps' AND kind = 'answer' AND day BETWEEN $start AND $last AND first_day <= day
),
chosen AS (
    SELECT customer_id, day, band
    FROM ranked
    WHERE place = 1
),
came_back AS (
    SELECT DISTINCT chosen.customer_id
    FROM chosen
    INNER JOIN purchase_days ON chosen.customer_id = purchase_days.customer_id
    WHERE date_diff('day', chosen.day, purchase_days.day) BETWEEN 1 AND $days
),
spent AS (
    SELECT chosen.customer_id, sum(net_sales.amount) AS amount
    FROM chosen
    INNER JOIN net_sales ON chosen.customer_id = net_sales.customer_id
    WHERE date_diff('day', chosen.day, net_sales.day) BETWEEN 1 AND $days
    GROUP BY chosen.customer_id
)
SELECT
    chosen.band,
    count(*) AS customers,
    count(came_back.customer_id) AS returned,
    CAST(coalesce(sum(spent.amount), 0) AS DOUBLE) AS sales,
    CAST(coalesce(max(abs(spent.amount)), 0) AS DOUBLE) AS largest,
    CAST(coalesce(sum(abs(spent.amount)), 0) AS DOUBLE) AS moved
FROM chosen
LEFT JOIN came_back ON chosen.customer_id = came_back.customer_id
LEFT JOIN spent ON chosen.customer_id = spent.customer_id
GROUP BY chosen.band
ORDER BY chosen.band
