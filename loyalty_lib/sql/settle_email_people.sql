-- What settle_rows needs to know of each spelling of an e-mail address: rule, customer, why its guests are left out.
SELECT emails.email, emails.rule, owners.customer_id, keys.reason
FROM settle_emails AS emails
LEFT JOIN settle_email_owners AS owners ON emails.key = owners.key
LEFT JOIN settle_unwanted_keys AS keys ON keys.kind = 'email' AND emails.key = keys.key
