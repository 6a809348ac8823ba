-- Leaves out the rows that repeat another row of their file, and the refunds made out of such a row.
UPDATE settle_rows
SET reason = 'duplicate', detail = NULL
FROM (
    WITH repeated AS (
        SELECT file, row_hash, min(record) AS first
        FROM settle_rows
        WHERE row_hash IS NOT NULL AND reason IS NULL
        GROUP BY file, row_hash
        HAVING count(*) > 1
    )

    SELECT rows.file, rows.record
    FROM settle_rows AS rows
    INNER JOIN repeated ON rows.file = repeated.file AND rows.row_hash = repeated.row_hash
    WHERE rows.reason IS NULL AND rows.record > repeated.first
) AS further
WHERE settle_rows.file = further.file AND settle_rows.record = further.record AND settle_rows.reason IS NULL
