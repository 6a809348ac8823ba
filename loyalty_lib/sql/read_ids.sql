-- Whether the ids of a column are whole numbers that a spreadsheet wrote as 17850.0: all of them are numbers, and some
-- end so.
SELECT
    coalesce(bool_and(regexp_full_match(customer_id, '\d+([.]0+)?')) AND bool_or(contains(customer_id, '.')), false)
        AS trim_customer,
    coalesce(bool_and(regexp_full_match(order_id, '\d+([.]0+)?')) AND bool_or(contains(order_id, '.')), false)
        AS trim_order
FROM (
    SELECT nullif(trim(customer_id), '') AS customer_id, nullif(trim(order_id), '') AS order_id
    FROM source_rows
    WHERE NOT summary
)
