-- The e-mail keys and phone keys whose guest orders are unwanted: named themselves, or standing with an unwanted id.
WITH hit AS (
    SELECT reason, email_key, phone_key
    FROM settle_unwanted
    UNION ALL
    SELECT ids.reason, contacts.email_key, contacts.phone_key
    FROM settle_unwanted_ids AS ids
    INNER JOIN settle_contacts AS contacts ON ids.customer_id = contacts.customer_id
),

keys AS (
    SELECT reason, 'email' AS kind, email_key AS key
    FROM hit
    UNION ALL
    SELECT reason, 'phone' AS kind, phone_key AS key
    FROM hit
)

SELECT kind, key, min(reason) AS reason
FROM keys
WHERE key IS NOT NULL
GROUP BY kind, key
