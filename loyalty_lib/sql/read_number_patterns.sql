-- How the numbers of some columns are written: one row a shape, in which every digit stands as a 9.  Reads source_rows.
-- dot, comma: whether the shape proves that decimal mark; differs: whether it is another number with the other one.
-- The smallest text of a shape tells of a leading zero, which no mark between thousands follows.
--
-- $columns   of 'amount', 'quantity', 'unit_price' and 'refunded'
WITH texts AS (
    SELECT unnest([
        CASE WHEN list_contains($columns::VARCHAR[], 'amount') THEN amount END,
        CASE WHEN list_contains($columns::VARCHAR[], 'quantity') THEN quantity END,
        CASE WHEN list_contains($columns::VARCHAR[], 'unit_price') THEN unit_price END,
        CASE WHEN list_contains($columns::VARCHAR[], 'refunded') THEN refunded END
    ]) AS text
    FROM source_rows
),

shapes AS (
    SELECT
        translate(left(text, 60), '012345678', '999999999') AS shape,
        count(*) AS count,
        min(text) AS smallest,
        max(text) AS largest
    FROM texts
    WHERE text <> ''
    GROUP BY ALL
    ORDER BY count DESC, shape
    LIMIT 2000
),

-- The smallest and the largest of each, read with either mark.
read AS (
    SELECT shape, count, smallest, text, amount_of(text, '.') AS with_dot, amount_of(text, ',') AS with_comma
    FROM (
        SELECT shape, count, smallest, unnest([smallest, largest]) AS text
        FROM shapes
    )
)

SELECT
    shape,
    any_value(count) AS count,
    bare(any_value(smallest)) AS value,
    bool_or(with_dot IS NOT NULL AND with_comma IS NULL) AS dot,
    bool_or(with_comma IS NOT NULL AND with_dot IS NULL) AS comma,
    coalesce(bool_or(with_dot <> with_comma), false) AS differs,
    max(CASE WHEN coalesce(with_dot, with_comma) IS NOT NULL THEN currency_of(text) END) AS currency
FROM read
GROUP BY shape
ORDER BY any_value(count) DESC, shape
