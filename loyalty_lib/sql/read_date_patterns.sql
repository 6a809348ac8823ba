-- How the dates of a column are written: one row a shape, in which every digit stands as a 9.  Reads source_rows.
-- Texts of one shape have their digits in the same places, so that the largest text begins with the largest first
-- number; cut before the second number (which begins at the third or fourth character) likewise with the second.
-- Thousands of shapes are free text; the rarest are not looked at.
--
-- $column    'order_date' or 'refunded_on'
WITH texts AS (
    SELECT bare(CASE $column WHEN 'refunded_on' THEN refunded_on ELSE order_date END) AS text FROM source_rows
),

shapes AS (
    SELECT
        translate(left(text, 60), '012345678', '999999999') AS shape,
        count(*) AS count,
        min(text) AS smallest,
        max(text) AS largest,
        max(substr(text, 3)) AS second
    FROM texts
    WHERE text <> ''
    GROUP BY ALL
    ORDER BY count DESC, shape
    LIMIT 2000
)

SELECT shape, count, smallest, largest, second
FROM shapes
ORDER BY count DESC, shape
