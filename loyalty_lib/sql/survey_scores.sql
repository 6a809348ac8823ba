-- Every answer to both questions, read: one row a row of the file and question.
--
-- survey_file     the answers as in the file: customer_id, answered_on, nps, csat (both text), weight
-- $prior_start, $start, $as_of   first day of the window before, first and last day of the window
-- $blank          codes that mean no answer, in lower case
-- $yes, $no       words read as 1 and 0; none unless satisfaction was asked by one click
-- $low, $high, $satisfied   the scale of satisfaction, and its answer from which on one is satisfied
--
-- span       'now' or 'before': the window of the day; missing for older days
-- kind       'answer', or why there is none: 'undated', 'blank', 'not_whole', 'outside' (the scale), 'no_weight'
-- band       nps: 'high' 9-10, 'middle' 7-8, 'low' 0-6; csat: 'high' from $satisfied on, else 'low'
-- counted    one answer a customer, question and window, the newest (of a day the lowest); nameless answers all count
-- first_day  the customer's first purchase day; missing for nameless answers and for who never bought
WITH
both_questions AS (
    SELECT
        'nps' AS question, customer_id, answered_on, lower(trim(CAST(nps AS VARCHAR))) AS code, weight,
        0 AS low, 10 AS high
    FROM survey_file
    UNION ALL
    SELECT 'csat', customer_id, answered_on, lower(trim(CAST(csat AS VARCHAR))), weight, $low, $high
    FROM survey_file
),
read_rows AS (
    SELECT
        question,
        nullif(trim(CAST(customer_id AS VARCHAR)), '') AS customer_id,
        CAST(answered_on AS DATE) AS day,
        code,
        CASE
            WHEN question = 'csat' AND list_contains($yes, code) THEN 1.0
            WHEN question = 'csat' AND list_contains($no, code) THEN 0.0
            ELSE TRY_CAST(replace(code, ',', '.') AS DOUBLE)
        END AS number,
        TRY_CAST(weight AS DECIMAL(18, 6)) AS weight,
        low,
        high
    FROM both_questions
),
judged AS (
    SELECT
        question,
        customer_id,
        day,
        number,
        weight,
        CASE WHEN day >= $start THEN 'now' WHEN day >= $prior_start THEN 'before' END AS span,
        CASE
            WHEN day IS NULL THEN 'undated'
            WHEN code IS NULL OR list_contains($blank, code) THEN 'blank'
            WHEN number IS NULL OR number <> floor(number) THEN 'not_whole'
            WHEN number < low OR number > high THEN 'outside'
            WHEN weight IS NULL OR weight <= 0 THEN 'no_weight'
            ELSE 'answer'
        END AS kind
    FROM read_rows
    WHERE day IS NULL OR day <= $as_of
),
scored AS (
    SELECT
        question,
        customer_id,
        day,
        span,
        kind,
        CASE WHEN kind = 'answer' THEN CAST(number AS INTEGER) END AS score,
        weight
    FROM judged
),
placed AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY question, span, kind, customer_id ORDER BY day DESC, score, weight) AS place
    FROM scored
),
firsts AS (
    SELECT customer_id, min(day) AS first_day
    FROM purchase_days
    GROUP BY customer_id
)
SELECT
    placed.question,
    placed.customer_id,
    placed.day,
    placed.span,
    placed.kind,
    placed.score,
    placed.weight,
    CASE
        WHEN placed.question = 'nps' AND placed.score >= 9 THEN 'high'
        WHEN placed.question = 'nps' AND placed.score >= 7 THEN 'middle'
        WHEN placed.question = 'csat' AND placed.score >= $satisfied THEN 'high'
        ELSE 'low'
    END AS band,
    placed.kind = 'answer' AND (placed.customer_id IS NULL OR placed.place = 1) AS counted,
    firsts.first_day
FROM placed
LEFT JOIN firsts ON placed.customer_id = firsts.customer_id
