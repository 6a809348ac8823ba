-- The customer behind each e-mail key.
--
-- $email_first   whether the e-mail makes the customer.  Else: the id that stands with it (the smallest, where several
--                do), else the id that stands with a phone number it stands with; and where there is none, a name that
--                the address itself gives.
WITH phone_ids AS (
    SELECT phone_key, min(customer_id) AS customer_id
    FROM settle_contacts
    WHERE phone_key IS NOT NULL AND customer_id IS NOT NULL
    GROUP BY phone_key
)

SELECT
    contacts.email_key AS key,
    coalesce(
        CASE WHEN NOT $email_first THEN coalesce(min(contacts.customer_id), min(phone_ids.customer_id)) END,
        'e-' || left(sha256(contacts.email_key), 16)
    ) AS customer_id
FROM settle_contacts AS contacts
LEFT JOIN phone_ids ON contacts.phone_key = phone_ids.phone_key
WHERE contacts.email_key IS NOT NULL
GROUP BY contacts.email_key
