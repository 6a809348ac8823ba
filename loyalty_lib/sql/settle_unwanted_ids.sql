-- The customer ids that settle_unwanted means, with the reason.  An address or number on the drop-list means all ids
-- that stand with it; that of a row which objects may be shared, and means the row's own customer and guests only.
-- Reasons sort as they rank: 'drop-list' before 'objection'.
WITH meant AS (
    SELECT reason, customer_id
    FROM settle_unwanted
    UNION ALL
    SELECT reason, owner
    FROM settle_unwanted
    UNION ALL
    SELECT unwanted.reason, contacts.customer_id
    FROM settle_unwanted AS unwanted
    INNER JOIN settle_contacts AS contacts ON unwanted.email_key = contacts.email_key
    WHERE unwanted.reason = 'drop-list'
    UNION ALL
    SELECT unwanted.reason, contacts.customer_id
    FROM settle_unwanted AS unwanted
    INNER JOIN settle_contacts AS contacts ON unwanted.phone_key = contacts.phone_key
    WHERE unwanted.reason = 'drop-list'
)

SELECT customer_id, min(reason) AS reason
FROM meant
WHERE customer_id IS NOT NULL
GROUP BY customer_id
