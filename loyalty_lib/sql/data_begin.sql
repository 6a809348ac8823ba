-- The first day of the data.
SELECT min(order_date) AS data_begin
FROM transactions
