-- Whether any id holds a full stop: most do not, and then nothing more need be asked of them.
SELECT
    coalesce(bool_or(contains(customer_id, '.')), false) AS trim_customer,
    coalesce(bool_or(contains(order_id, '.')), false) AS trim_order
FROM source_rows
