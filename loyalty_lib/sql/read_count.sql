-- Counts one file's rows, and those that are left out.  Rows after $until are as if they had never been written.
INSERT INTO files_read
SELECT
    count(*) FILTER (WHERE NOT dropped),
    count(*) FILTER (WHERE NOT dropped AND customer_id IS NULL),
    coalesce(sum(amount) FILTER (WHERE NOT dropped AND customer_id IS NULL), 0),
    count(*) FILTER (WHERE dropped)
FROM read_rows
WHERE order_date <= $until
