-- One row a kind of mistake in read_rows: how many rows, the first three lines, the first value.
WITH mistakes AS (
    SELECT
        line,
        bad_date AS value,
        'order_date' AS field,
        CASE WHEN bad_date = '' THEN 'missing' WHEN is_a_date THEN 'out of range' ELSE 'no date' END AS kind
    FROM read_rows
    WHERE bad_date IS NOT NULL
    UNION ALL
    SELECT line, bad_refunded_on AS value, 'refunded_on' AS field, 'no date' AS kind
    FROM read_rows
    WHERE bad_refunded_on IS NOT NULL
    UNION ALL
    SELECT line, bad_amount AS value, 'amount' AS field, if(bad_amount = '', 'missing', 'no number') AS kind
    FROM read_rows
    WHERE bad_amount IS NOT NULL
    UNION ALL
    SELECT line, bad_quantity AS value, 'quantity' AS field, if(bad_quantity = '', 'missing', 'no number') AS kind
    FROM read_rows
    WHERE bad_quantity IS NOT NULL
    UNION ALL
    SELECT line, bad_price AS value, 'unit_price' AS field, if(bad_price = '', 'missing', 'no number') AS kind
    FROM read_rows
    WHERE bad_price IS NOT NULL
    UNION ALL
    SELECT line, bad_product AS value, 'quantity' AS field, 'too large' AS kind
    FROM read_rows
    WHERE bad_product IS NOT NULL
    UNION ALL
    SELECT line, bad_refunded AS value, 'refunded' AS field, 'no number' AS kind
    FROM read_rows
    WHERE bad_refunded IS NOT NULL
)

SELECT field, kind, count(*) AS count, min(line, 3) AS lines, coalesce(arg_min(value, line), min(value)) AS value
FROM mistakes
GROUP BY field, kind
ORDER BY field, kind
