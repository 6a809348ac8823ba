-- The customer behind each phone key: the id that stands with it (unless $email_first), else the customer behind an
-- e-mail it stands with, else the id after all; the smallest, where there are several; else a name the number gives.
SELECT
    contacts.phone_key AS key,
    coalesce(
        CASE WHEN NOT $email_first THEN min(contacts.customer_id) END,
        min(owners.customer_id),
        min(contacts.customer_id),
        'p-' || left(sha256(contacts.phone_key), 16)
    ) AS customer_id
FROM settle_contacts AS contacts
LEFT JOIN settle_email_owners AS owners ON contacts.email_key = owners.key
WHERE contacts.phone_key IS NOT NULL
GROUP BY contacts.phone_key
