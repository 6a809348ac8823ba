-- The orders that have an e-mail address, and the addresses: whether the same addresses come back.
SELECT count(DISTINCT file_rows.order_id) AS orders, count(DISTINCT settle_emails.key) AS emails
FROM file_rows
INNER JOIN settle_emails ON file_rows.email = settle_emails.email
WHERE file_rows.left_out IS NULL AND settle_emails.key IS NOT NULL
