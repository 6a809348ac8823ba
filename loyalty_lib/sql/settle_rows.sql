-- The rows of all files with their customer, in one currency, and the first reason why they are no part of the report:
-- NULL where they are.  Nothing that recognises a person but the customer's id goes on from here.
--
-- code          the currency, where it is not the client's; paid: the amount before it was converted
-- $marker       the rule for the column that marks tests; NULL where tests count
-- $email_first  whether the e-mail makes the customer
WITH known AS (
    SELECT
        file_rows.*,
        coalesce(
            CASE WHEN $email_first THEN coalesce(emails.customer_id, ids.customer_id) END,
            file_rows.customer_id,
            emails.customer_id,
            phones.customer_id
        ) AS customer,
        least(
            CASE WHEN file_rows.test THEN CAST($marker AS INTEGER) END, emails.rule, tags.rule, ruled.rule
        ) AS rule,
        CASE WHEN file_rows.customer_id IS NULL THEN least(emails.reason, phones.reason) END AS unwanted_guest,
        rates.code,
        rates.rate
    FROM file_rows
    LEFT JOIN settle_email_people AS emails ON file_rows.email = emails.email
    LEFT JOIN settle_phone_people AS phones ON file_rows.phone = phones.phone
    LEFT JOIN settle_id_owners AS ids ON file_rows.customer_id = ids.id
    LEFT JOIN settle_tags AS tags ON file_rows.tags = tags.tags
    LEFT JOIN settle_ruled AS ruled ON file_rows.file = ruled.file AND file_rows.order_id = ruled.order_id
    LEFT JOIN settle_rates AS rates ON file_rows.currency = rates.currency AND file_rows.order_date = rates.day
)

SELECT
    known.customer AS customer_id,
    known.order_id,
    known.order_date,
    CASE
        WHEN known.rate IS NULL THEN known.amount
        ELSE try_cast(round(known.amount * known.rate, 6) AS DECIMAL(18, 6))
    END AS amount,
    known.order_line,
    known.product,
    known.category,
    known.channel,
    known.country,
    known.file,
    known.record,
    known.customer_id IS NULL AS guest,
    known.refund,
    known.consent,
    known.row_hash,
    known.code,
    CASE WHEN known.rate IS NOT NULL THEN known.amount END AS paid,
    coalesce(
        known.left_out,
        rules.reason,
        least(customers.reason, unwanted_ids.reason, known.unwanted_guest)
    ) AS reason,
    CASE WHEN known.left_out IS NULL THEN rules.detail ELSE known.detail END AS detail
FROM known
LEFT JOIN settle_rules AS rules ON known.rule = rules.rule
LEFT JOIN settle_unwanted_customers AS customers ON known.customer = customers.customer_id
LEFT JOIN settle_unwanted_ids AS unwanted_ids ON known.customer_id = unwanted_ids.customer_id
