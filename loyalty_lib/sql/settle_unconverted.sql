-- Rows that count and whose amount could not be brought into the client's currency, by file and currency.
SELECT
    rows.file,
    rows.code,
    count(*) AS count,
    sum(coalesce(rows.paid, rows.amount))::DOUBLE AS amount,
    min(rows.order_date) AS first_day,
    bool_or(rows.paid IS NOT NULL) AS out_of_range,
    min(file_rows.line, 3) AS lines
FROM settle_rows AS rows
LEFT JOIN file_rows
    ON rows.file = file_rows.file AND rows.record = file_rows.record AND file_rows.row_hash IS NOT NULL
WHERE rows.reason IS NULL AND rows.code IS NOT NULL AND (rows.paid IS NULL OR rows.amount IS NULL)
GROUP BY rows.file, rows.code
ORDER BY rows.file, rows.code
