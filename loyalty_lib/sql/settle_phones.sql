-- Each spelling of a phone number in file_rows with its key.
SELECT phone, phone_key(phone) AS key
FROM (
    SELECT DISTINCT phone
    FROM file_rows
    WHERE phone IS NOT NULL AND left_out IS DISTINCT FROM 'summary row'
)
