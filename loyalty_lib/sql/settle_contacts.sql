-- Which customer id, e-mail key and phone key stand together in a row; sold where such a row is a sale.
SELECT
    contacts.customer_id,
    settle_emails.key AS email_key,
    settle_phones.key AS phone_key,
    bool_or(contacts.sold) AS sold
FROM (
    SELECT customer_id, email, phone, bool_or(left_out IS NULL) AS sold
    FROM file_rows
    WHERE (email IS NOT NULL OR phone IS NOT NULL) AND left_out IS DISTINCT FROM 'summary row'
    GROUP BY customer_id, email, phone
) AS contacts
LEFT JOIN settle_emails ON contacts.email = settle_emails.email
LEFT JOIN settle_phones ON contacts.phone = settle_phones.phone
WHERE settle_emails.key IS NOT NULL OR settle_phones.key IS NOT NULL
GROUP BY contacts.customer_id, settle_emails.key, settle_phones.key
