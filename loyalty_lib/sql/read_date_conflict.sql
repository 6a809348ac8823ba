-- Which order of day, month and year the dates of some shapes allow.  Reads source_rows.  One row a set of orders:
-- day_first, month_first, year_first BOOLEAN (NULL for dates not made of three numbers), count, records (the first
-- three), value (the smallest text).
--
-- $column    'order_date' or 'refunded_on'
-- $shapes    as in read_date_patterns.sql
WITH texts AS (
    SELECT record, bare(CASE $column WHEN 'refunded_on' THEN refunded_on ELSE order_date END) AS text
    FROM source_rows
),

parts AS (
    SELECT
        record,
        text,
        regexp_extract(text, '^(\d{1,4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,4})', ['first', 'second', 'third']) AS part
    FROM texts
    WHERE translate(left(text, 60), '012345678', '999999999') IN (SELECT unnest($shapes))
),

numbers AS (
    SELECT
        record,
        text,
        try_cast(part.first AS INTEGER) AS first,
        try_cast(part.second AS INTEGER) AS second,
        try_cast(part.third AS INTEGER) AS third
    FROM parts
)

SELECT
    first BETWEEN 1 AND 31 AND second BETWEEN 1 AND 12 AS day_first,
    first BETWEEN 1 AND 12 AND second BETWEEN 1 AND 31 AS month_first,
    second BETWEEN 1 AND 12 AND third BETWEEN 1 AND 31 AS year_first,
    count(*) AS count,
    min(record, 3) AS records,
    min(text) AS value
FROM numbers
GROUP BY ALL
ORDER BY ALL
