-- Orders placed as a guest that belong to a customer who has an id elsewhere.
WITH guests AS (
    SELECT customer_id, order_id
    FROM settle_rows
    WHERE reason IS NULL AND guest AND customer_id IS NOT NULL
),

known AS (
    SELECT DISTINCT customer_id
    FROM settle_rows
    WHERE NOT guest AND reason IS DISTINCT FROM 'summary row' AND customer_id IN (SELECT customer_id FROM guests)
)

SELECT count(DISTINCT order_id) + count(*) FILTER (WHERE order_id IS NULL) AS guests_merged
FROM guests
WHERE customer_id IN (SELECT customer_id FROM known)
