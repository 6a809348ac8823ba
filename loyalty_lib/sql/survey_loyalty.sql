-- Loyalty by answer: customers and their net sales in the window, one row a band and whether they are loyal.
--
-- survey_scores    as survey_scores.sql makes it
-- $question        'nps' or 'csat'
-- $start, $as_of   first and last day of the window
-- Of customers who have ever bought the newest answer in the window.  Loyal: two purchase days in the window or more.
WITH
chosen AS (
    SELECT customer_id, band
    FROM survey_scores
    WHERE question = $question AND span = 'now' AND counted AND first_day IS NOT NULL
),
bought AS (
    SELECT customer_id, count(*) AS days
    FROM purchase_days
    WHERE day BETWEEN $start AND $as_of
    GROUP BY customer_id
),
spent AS (
    SELECT customer_id, sum(amount) AS amount
    FROM net_sales
    WHERE day BETWEEN $start AND $as_of
    GROUP BY customer_id
)
SELECT
    coalesce(bought.days, 0) >= 2 AS loyal,
    chosen.band,
    count(*) AS customers,
    CAST(coalesce(sum(spent.amount), 0) AS DOUBLE) AS sales,
    CAST(coalesce(max(abs(spent.amount)), 0) AS DOUBLE) AS largest,
    CAST(coalesce(sum(abs(spent.amount)), 0) AS DOUBLE) AS moved
FROM chosen
LEFT JOIN bought ON chosen.customer_id = bought.customer_id
LEFT JOIN spent ON chosen.customer_id = spent.customer_id
GROUP BY 1, 2
ORDER BY 1, 2
