-- The orders that a rule takes, all their rows with them: one row of an order speaks for the others of its file.
--
-- $marker   the rule for the column that marks tests; NULL where tests count
SELECT
    file_rows.file,
    file_rows.order_id,
    min(least(CASE WHEN file_rows.test THEN CAST($marker AS INTEGER) END, settle_emails.rule, settle_tags.rule)) AS rule
FROM file_rows
LEFT JOIN settle_emails ON file_rows.email = settle_emails.email
LEFT JOIN settle_tags ON file_rows.tags = settle_tags.tags
WHERE file_rows.order_id IS NOT NULL
    AND file_rows.left_out IS DISTINCT FROM 'summary row'
    AND coalesce(CASE WHEN file_rows.test THEN CAST($marker AS INTEGER) END, settle_emails.rule, settle_tags.rule)
    IS NOT NULL
GROUP BY file_rows.file, file_rows.order_id
