-- Spreads an order's own fields, which stand on the first of its rows only, over all of them; its amounts stay on the
-- first row that has them and are 0 on the others, also where somebody has filled the empty cells.  Reads source_rows;
-- leaves spread_rows, and source_rows as a view of it.
CREATE OR REPLACE TEMP TABLE spread_rows AS
WITH filled AS (
    SELECT *, row_number() OVER (PARTITION BY order_id ORDER BY record) AS nth
    FROM source_rows
),

orders AS (
    SELECT
        order_id,
        arg_min(customer_id, record) FILTER (WHERE trim(customer_id) <> '') AS customer_id,
        arg_min(email, record) FILTER (WHERE trim(email) <> '') AS email,
        arg_min(phone, record) FILTER (WHERE trim(phone) <> '') AS phone,
        arg_min(order_date, record) FILTER (WHERE trim(order_date) <> '') AS order_date,
        min(record) FILTER (WHERE trim(amount) <> '') AS amount_record,
        count(DISTINCT trim(amount)) FILTER (WHERE trim(amount) <> '') AS amounts,
        min(record) FILTER (WHERE trim(refunded) <> '') AS refunded_record,
        arg_min(refunded_on, record) FILTER (WHERE trim(refunded_on) <> '') AS refunded_on,
        arg_min(currency, record) FILTER (WHERE trim(currency) <> '') AS currency,
        arg_min(status, record) FILTER (WHERE trim(status) <> '') AS status,
        arg_min(test, record) FILTER (WHERE trim(test) <> '') AS test,
        arg_min(tags, record) FILTER (WHERE trim(tags) <> '') AS tags,
        arg_min(channel, record) FILTER (WHERE trim(channel) <> '') AS channel,
        arg_min(country, record) FILTER (WHERE trim(country) <> '') AS country,
        arg_min(consent, record) FILTER (WHERE trim(consent) <> '') AS consent,
        arg_min(objection, record) FILTER (WHERE trim(objection) <> '') AS objection
    FROM source_rows
    GROUP BY order_id
)

SELECT
    filled.* REPLACE (
        orders.customer_id AS customer_id,
        orders.email AS email,
        orders.phone AS phone,
        orders.order_date AS order_date,
        CASE
            WHEN filled.record = orders.amount_record THEN filled.amount
            WHEN orders.amount_record IS NOT NULL THEN '0'
        END AS amount,
        CASE WHEN filled.record = orders.refunded_record THEN filled.refunded END AS refunded,
        orders.refunded_on AS refunded_on,
        orders.currency AS currency,
        orders.status AS status,
        orders.test AS test,
        orders.tags AS tags,
        orders.channel AS channel,
        orders.country AS country,
        orders.consent AS consent,
        orders.objection AS objection,
        coalesce(filled.order_line, CAST(filled.nth AS VARCHAR)) AS order_line
    ),
    orders.amounts
FROM filled
INNER JOIN orders ON filled.order_id IS NOT DISTINCT FROM orders.order_id
WHERE NOT filled.summary;
CREATE OR REPLACE TEMP VIEW source_rows AS SELECT * FROM spread_rows
