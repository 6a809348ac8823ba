-- Who is to be left out entirely: ids, e-mail keys and phone keys on the drop-list, or of rows that object; and the
-- customer (owner) that such a row or entry is of.
--
-- $email_first   whether the e-mail makes the customer
-- An entry of the drop-list that is a customer's id is no phone number, whatever it looks like.
WITH known_ids AS (
    SELECT DISTINCT customer_id
    FROM file_rows
    WHERE customer_id IN (SELECT id FROM settle_drop_list)
),

meant AS (
    SELECT
        'drop-list' AS reason,
        id AS customer_id,
        email_key(id) AS email_key,
        CASE WHEN id NOT IN (SELECT customer_id FROM known_ids) THEN phone_key(id) END AS phone_key
    FROM settle_drop_list
    UNION ALL
    SELECT DISTINCT 'objection', file_rows.customer_id, settle_emails.key, settle_phones.key
    FROM file_rows
    LEFT JOIN settle_emails ON file_rows.email = settle_emails.email
    LEFT JOIN settle_phones ON file_rows.phone = settle_phones.phone
    WHERE file_rows.objection AND file_rows.left_out IS DISTINCT FROM 'summary row'
)

SELECT
    meant.*,
    coalesce(
        CASE WHEN $email_first THEN coalesce(emails.customer_id, ids.customer_id) END,
        CASE WHEN meant.reason = 'objection' THEN meant.customer_id END,
        emails.customer_id,
        phones.customer_id
    ) AS owner
FROM meant
LEFT JOIN settle_email_owners AS emails ON meant.email_key = emails.key
LEFT JOIN settle_phone_owners AS phones ON meant.phone_key = phones.key
LEFT JOIN settle_id_owners AS ids ON meant.customer_id = ids.id
