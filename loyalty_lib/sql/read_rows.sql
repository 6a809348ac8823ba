-- Types one file's rows.  Reads source_rows (every column as text) and drop_list; leaves read_rows.  Whatever is not a
-- date or a number stays beside its empty place as bad_..., for check_rows.sql to report: nothing turns into NULL
-- unseen.  How a column is written was decided by all of it; rows.py makes that the macros day_read, refund_day_read,
-- amount_read, quantity_read, price_read, refunded_read (NULL where there is no such column), currency_read and mark_read.
--
-- $has_amount                       whether there is a column of amounts; else they are quantity x unit price
-- $minor_units, $no_decimals, $three_decimals   amounts are in the smallest unit of their currency, and which of these
--                                   are not hundredths
-- $sales                            the statuses that are sales; empty where all are
-- $trim_customer, $trim_order       whether ids carry the '.0' of a spreadsheet's numbers
CREATE OR REPLACE TEMP TABLE read_rows AS
WITH trimmed AS (
    SELECT
        record,
        line,
        row_hash,
        summary,
        nullif(trim(customer_id, blanks), '') AS customer_id,
        nullif(trim(email, blanks), '') AS email,
        nullif(trim(phone, blanks), '') AS phone,
        nullif(trim(order_id, blanks), '') AS order_id,
        nullif(trim(order_line, blanks), '') AS order_line,
        coalesce(trim(order_date, blanks), '') AS date_text,
        coalesce(trim(amount, blanks), '') AS amount_text,
        coalesce(trim(quantity, blanks), '') AS quantity_text,
        coalesce(trim(unit_price, blanks), '') AS price_text,
        coalesce(trim(refunded, blanks), '') AS refunded_text,
        coalesce(trim(refunded_on, blanks), '') AS refunded_on_text,
        mark_read(refund) AS refund,
        mark_read(test) AS test,
        lower(nullif(trim(status, blanks), '')) AS status,
        nullif(trim(tags, blanks), '') AS tags,
        coalesce(upper(nullif(trim(currency, blanks), '')), currency_read(amount), currency_read(unit_price)) AS currency,
        nullif(trim(product), '') AS product,
        nullif(trim(category), '') AS category,
        nullif(trim(channel), '') AS channel,
        nullif(trim(country), '') AS country,
        mark_read(consent) AS consent,
        mark_read(objection) AS objection
    FROM source_rows, (SELECT chr(32) || chr(9) || chr(160) AS blanks)  -- a space, a tab, a no-break space
),

marked AS (
    SELECT
        * REPLACE (
            CASE WHEN $trim_customer THEN regexp_replace(customer_id, '[.]0+$', '') ELSE customer_id END AS customer_id,
            CASE WHEN $trim_order THEN regexp_replace(order_id, '[.]0+$', '') ELSE order_id END AS order_id
        ),
        CASE
            WHEN summary THEN 'summary row'
            WHEN len($sales::VARCHAR[]) > 0 AND status IS NOT NULL AND NOT list_contains($sales::VARCHAR[], status)
                THEN 'status'
        END AS left_out,
        CASE  -- as wide a type as holds the product of any amount and a unit
            WHEN NOT $minor_units OR list_contains($no_decimals::VARCHAR[], currency) THEN CAST(1 AS DECIMAL(19, 3))
            WHEN list_contains($three_decimals::VARCHAR[], currency) THEN CAST(0.001 AS DECIMAL(19, 3))
            ELSE CAST(0.01 AS DECIMAL(19, 3))
        END AS unit
    FROM trimmed
    -- A row with nothing in it is no row: spreadsheets leave such lines at the end.
    WHERE concat(customer_id, email, phone, order_id, date_text, amount_text, quantity_text, price_text) <> ''
),

parsed AS (
    SELECT
        *,
        left_out IS NULL AND customer_id IN (SELECT id FROM drop_list) IS NOT TRUE AS counts,
        day_read(date_text) AS any_date,
        refund_day_read(refunded_on_text) AS any_refunded_on,
        amount_read(amount_text) AS any_amount,
        quantity_read(quantity_text) AS any_quantity,
        price_read(price_text) AS any_price,
        refunded_read(refunded_text) AS any_refunded
    FROM marked
),

ranged AS (
    SELECT
        *,
        CASE WHEN any_date BETWEEN DATE '1900-01-01' AND DATE '2200-12-31' THEN any_date END AS order_date,
        CASE WHEN any_refunded_on BETWEEN DATE '1900-01-01' AND DATE '2200-12-31' THEN any_refunded_on END
            AS refunded_on,
        CASE
            WHEN $has_amount THEN any_amount
            -- Six decimals, as money is kept; a product too large for them is none.
            ELSE try_cast(round(try_cast(any_quantity AS DECIMAL(18, 4)) * try_cast(any_price AS DECIMAL(18, 6)), 6)
                AS DECIMAL(18, 6))
        END AS plain_amount
    FROM parsed
)

SELECT
    record,
    line,
    row_hash,
    customer_id,
    email,
    phone,
    order_id,
    order_line,
    order_date,
    CAST(CASE WHEN refund THEN -abs(plain_amount) ELSE plain_amount END * unit AS DECIMAL(18, 6)) AS amount,
    CAST(abs(any_refunded) * unit AS DECIMAL(18, 6)) AS refunded,
    refunded_on,
    refund,
    test,
    status,
    tags,
    currency,
    product,
    category,
    channel,
    country,
    consent,
    objection,
    left_out,
    CASE WHEN left_out = 'status' THEN status ELSE '' END AS detail,
    any_date IS NOT NULL AS is_a_date,
    CASE WHEN counts AND order_date IS NULL THEN date_text END AS bad_date,
    CASE WHEN counts AND $has_amount AND any_amount IS NULL THEN amount_text END AS bad_amount,
    CASE WHEN counts AND NOT $has_amount AND any_quantity IS NULL THEN quantity_text END AS bad_quantity,
    CASE WHEN counts AND NOT $has_amount AND any_price IS NULL THEN price_text END AS bad_price,
    CASE
        WHEN counts AND NOT $has_amount AND plain_amount IS NULL AND any_quantity IS NOT NULL AND any_price IS NOT NULL
            THEN quantity_text || ' x ' || price_text
    END AS bad_product,
    CASE WHEN counts AND refunded_text <> '' AND any_refunded IS NULL THEN refunded_text END AS bad_refunded,
    CASE WHEN counts AND refunded_on_text <> '' AND refunded_on IS NULL THEN refunded_on_text END AS bad_refunded_on
FROM ranged
