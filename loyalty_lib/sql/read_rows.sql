-- Types one file's rows.  Reads source_rows (the columns as text, and the line each row begins on) and drop_list;
-- leaves read_rows.  Whatever is not a date or an amount stays beside its empty place as bad_date or bad_amount, for
-- check_rows.sql to report: nothing turns into NULL unseen.
--
-- $iso            dates are ISO 8601: a day, or a moment with or without an offset
-- $date_format    else: as in strptime; $has_time and $has_offset say what it holds
-- $zone           the shop's time zone, in which a moment becomes a day (daylight saving included)
-- $naive_zone     the time zone of moments written without an offset
-- $decimal        the decimal mark, '.' or ','
CREATE OR REPLACE TEMP TABLE read_rows AS
WITH trimmed AS (
    SELECT
        line,
        nullif(trim(customer_id, blanks), '') AS customer_id,
        nullif(trim(order_id, blanks), '') AS order_id,
        coalesce(trim(order_date, blanks), '') AS date_text,
        replace(coalesce(trim(amount, blanks), ''), '−', '-') AS amount_text,
        nullif(trim(order_line), '') AS order_line,
        nullif(trim(product), '') AS product,
        nullif(trim(category), '') AS category,
        nullif(trim(channel), '') AS channel,
        nullif(trim(country), '') AS country
    FROM source_rows, (SELECT chr(32) || chr(9) || chr(160) AS blanks)  -- a space, a tab, a no-break space
),

marked AS (
    SELECT *, customer_id IN (SELECT id FROM drop_list) IS TRUE AS dropped
    FROM trimmed
    -- A row with nothing in it is no row: spreadsheets leave such lines at the end.
    WHERE concat(customer_id, order_id, date_text, amount_text) <> ''
),

parsed AS (
    SELECT
        *,
        CASE
            WHEN $iso AND regexp_full_match(date_text, '\d{4}-\d{1,2}-\d{1,2}')
                THEN try_cast(date_text AS DATE)
            WHEN $iso AND regexp_full_match(date_text, '\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}([.]\d+)?)?')
                THEN timezone($zone, timezone($naive_zone, try_cast(date_text AS TIMESTAMP)))::DATE
            WHEN $iso AND regexp_full_match(
                date_text, '\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}([.]\d+)?)? ?(Z|UTC|[+-]\d{2}(:?\d{2})?)'
            )
                THEN timezone(
                    $zone,
                    try_cast(
                        regexp_replace(regexp_replace(date_text, ' ?(Z|UTC)$', '+00'), ' ([+-])', '\1') AS TIMESTAMPTZ
                    )
                )::DATE
            WHEN NOT $iso AND $has_offset
                THEN timezone($zone, try_strptime(date_text, $date_format)::TIMESTAMPTZ)::DATE
            WHEN NOT $iso AND $has_time
                THEN timezone($zone, timezone($naive_zone, try_strptime(date_text, $date_format)::TIMESTAMP))::DATE
            WHEN NOT $iso
                THEN try_strptime(date_text, $date_format)::DATE
        END AS parsed_date,
        -- A mark between groups of three digits is read where it cannot be taken for the decimal mark.
        try_cast(
            CASE
                WHEN $decimal = '.' AND regexp_full_match(amount_text, '[+-]?(\d+[.]?\d*|[.]\d+)([eE][+-]?\d+)?')
                    THEN amount_text
                WHEN $decimal = '.' AND regexp_full_match(
                    amount_text,
                    '[+-]?\d{1,3}(([ \x{00a0}\x{2009}\x{202f}]\d{3})+([.]\d*)?|(,\d{3})+[.]\d*|(,\d{3}){2,})'
                )
                    THEN regexp_replace(amount_text, '[, \x{00a0}\x{2009}\x{202f}]', '', 'g')
                WHEN $decimal = ',' AND regexp_full_match(
                    amount_text,
                    '[+-]?(\d+|\d{1,3}([ \x{00a0}\x{2009}\x{202f}]\d{3})+|\d{1,3}([.]\d{3})+)?(,\d*)?'
                )
                    THEN replace(regexp_replace(amount_text, '[. \x{00a0}\x{2009}\x{202f}]', '', 'g'), ',', '.')
            END AS DECIMAL(18, 6)
        ) AS parsed_amount
    FROM marked
)

SELECT
    line,
    dropped,
    customer_id,
    order_id,
    CASE WHEN parsed_date BETWEEN DATE '1900-01-01' AND DATE '2200-12-31' THEN parsed_date END AS order_date,
    parsed_amount AS amount,
    order_line,
    product,
    category,
    channel,
    country,
    CASE WHEN parsed_date BETWEEN DATE '1900-01-01' AND DATE '2200-12-31' THEN NULL ELSE date_text END AS bad_date,
    parsed_date IS NOT NULL AS is_a_date,
    CASE WHEN parsed_amount IS NULL THEN amount_text END AS bad_amount
FROM parsed
