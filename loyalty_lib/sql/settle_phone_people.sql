-- What settle_rows needs to know of each spelling of a phone number: customer, why its guests are left out.
SELECT phones.phone, owners.customer_id, keys.reason
FROM settle_phones AS phones
LEFT JOIN settle_phone_owners AS owners ON phones.key = owners.key
LEFT JOIN settle_unwanted_keys AS keys ON keys.kind = 'phone' AND phones.key = keys.key
