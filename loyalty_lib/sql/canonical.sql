-- The transactions: every usable row; $with_refunds is false where refunds are not to count at all.
-- A row without an order id is an order of its own, numbered so that the order of the source's rows leaves no trace.
SELECT
    customer_id,
    coalesce(
        order_id,
        'row ' || row_number() OVER (
            PARTITION BY order_id
            ORDER BY customer_id, order_date, amount, order_line, product, category, channel, country
        )
    ) AS order_id,
    order_date,
    amount,
    order_line,
    product,
    category,
    channel,
    country
FROM usable_rows
WHERE amount >= 0 OR $with_refunds
