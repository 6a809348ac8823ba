-- The texts of some columns that prove a decimal mark.  Reads source_rows.  One row: count, records (the first three),
-- value (the smallest text).
--
-- $columns   of 'amount', 'quantity', 'unit_price' and 'refunded'
-- $shapes    of these texts, as in read_number_patterns.sql
-- $mark      '.' or ','
WITH texts AS (
    SELECT record, unnest([
        CASE WHEN list_contains($columns::VARCHAR[], 'amount') THEN amount END,
        CASE WHEN list_contains($columns::VARCHAR[], 'quantity') THEN quantity END,
        CASE WHEN list_contains($columns::VARCHAR[], 'unit_price') THEN unit_price END,
        CASE WHEN list_contains($columns::VARCHAR[], 'refunded') THEN refunded END
    ]) AS text
    FROM source_rows
)

SELECT
    count(*) AS count,
    list_sort(list_distinct(min(record, 12)))[:3] AS records,  -- a record may have four of them
    bare(min(text)) AS value
FROM texts
WHERE translate(left(text, 60), '012345678', '999999999') IN (SELECT unnest($shapes::VARCHAR[]))
    AND proves_mark(text, $mark)
