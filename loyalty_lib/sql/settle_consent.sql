-- Customers of whom a consent is on record, and those who gave it: the latest day decides, and a day that says both is
-- no consent.
SELECT count(*) AS asked, count(*) FILTER (WHERE consent) AS given
FROM (
    SELECT max_by(consent, order_date) AS consent
    FROM (
        SELECT customer_id, order_date, bool_and(consent) AS consent
        FROM settle_rows
        WHERE reason IS NULL AND customer_id IS NOT NULL AND consent IS NOT NULL
        GROUP BY customer_id, order_date
    )
    GROUP BY customer_id
)
