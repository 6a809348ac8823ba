-- Where the e-mail makes the customer: the customer behind an id, for the id's rows without an e-mail.
SELECT contacts.customer_id AS id, min(owners.customer_id) AS customer_id
FROM settle_contacts AS contacts
INNER JOIN settle_email_owners AS owners ON contacts.email_key = owners.key
WHERE $email_first AND contacts.customer_id IS NOT NULL
GROUP BY contacts.customer_id
