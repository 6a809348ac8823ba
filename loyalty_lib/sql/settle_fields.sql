-- How many rows that are sales hold something in each of the optional columns.
SELECT
    count(email) AS email,
    count(phone) AS phone,
    count(order_id) AS order_id,
    count(order_line) AS order_line,
    count(refund) AS refund,
    count(test) AS test,
    count(status) AS status,
    count(tags) AS tags,
    count(currency) AS currency,
    count(product) AS product,
    count(category) AS category,
    count(channel) AS channel,
    count(country) AS country,
    count(consent) AS consent,
    count(objection) AS objection
FROM file_rows
WHERE left_out IS NULL
