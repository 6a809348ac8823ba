-- The canonical rows for Python, sorted by everything they have, amounts as floating-point numbers.
SELECT * REPLACE (CAST(amount AS DOUBLE) AS amount)
FROM transactions
ORDER BY customer_id, order_date, order_id, order_line, amount, product, category, channel, country
