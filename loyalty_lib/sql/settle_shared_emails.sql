-- E-mail addresses of sales under which more than one customer id stands.
SELECT count(*) AS shared_emails
FROM (
    SELECT email_key
    FROM settle_contacts
    WHERE sold AND email_key IS NOT NULL AND customer_id IS NOT NULL
    GROUP BY email_key
    HAVING min(customer_id) <> max(customer_id)
)
