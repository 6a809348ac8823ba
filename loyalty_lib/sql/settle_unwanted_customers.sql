-- The customers whose rows all go: the unwanted ids, and the guests behind unwanted keys.  Another id that merely
-- shares an address with an unwanted id is not among them.
WITH customers AS (
    SELECT customer_id, reason
    FROM settle_unwanted_ids
    UNION ALL
    SELECT owners.customer_id, keys.reason
    FROM settle_unwanted_keys AS keys
    INNER JOIN settle_email_owners AS owners ON keys.kind = 'email' AND keys.key = owners.key
    WHERE owners.customer_id NOT IN (SELECT customer_id FROM settle_contacts WHERE customer_id IS NOT NULL)
    UNION ALL
    SELECT owners.customer_id, keys.reason
    FROM settle_unwanted_keys AS keys
    INNER JOIN settle_phone_owners AS owners ON keys.kind = 'phone' AND keys.key = owners.key
    WHERE owners.customer_id NOT IN (SELECT customer_id FROM settle_contacts WHERE customer_id IS NOT NULL)
)

SELECT customer_id, min(reason) AS reason
FROM customers
GROUP BY customer_id
