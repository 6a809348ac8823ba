-- Every complaint with a day up to $as_of: customer_id (missing where nameless), day, first_day (of the customer's
-- purchases; missing where there is none).
--
-- complaints_file   the complaints as in the file: customer_id, complained_on
WITH
complaints AS (
    SELECT nullif(trim(CAST(customer_id AS VARCHAR)), '') AS customer_id, CAST(complained_on AS DATE) AS day
    FROM complaints_file
),
firsts AS (
    SELECT customer_id, min(day) AS first_day
    FROM purchase_days
    GROUP BY customer_id
)
SELECT complaints.customer_id, complaints.day, firsts.first_day
FROM complaints
LEFT JOIN firsts ON complaints.customer_id = firsts.customer_id
WHERE complaints.day <= $as_of
