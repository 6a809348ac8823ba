-- What each customer did after $cutoff, up to the day purchase_days_as_of stands on: purchase days and their net sales.
-- Customers without a purchase day in that time have no row.
SELECT
    customer_id,
    count(*) AS purchases,
    CAST(sum(amount) AS DOUBLE) AS sales
FROM purchase_days_as_of
WHERE day > $cutoff
GROUP BY customer_id
ORDER BY customer_id
