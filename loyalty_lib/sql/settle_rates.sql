-- For each day and currency in file_rows that is not the client's: the code it stands for, and what one unit was worth:
-- the latest rate on or before the day, NULL where there is none.
SELECT days.currency, days.day, days.code, rates.rate
FROM (
    SELECT DISTINCT file_rows.currency, file_rows.order_date AS day, codes.code
    FROM file_rows
    INNER JOIN settle_codes AS codes ON file_rows.currency = codes.currency
    WHERE codes.is_foreign AND file_rows.order_date IS NOT NULL
) AS days
ASOF LEFT JOIN settle_given_rates AS rates ON days.code = rates.code AND days.day >= rates.day
