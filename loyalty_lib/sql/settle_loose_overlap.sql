-- How many rows without an order id more than one file holds.
SELECT coalesce(sum(again), 0)::BIGINT AS orders
FROM (
    SELECT list_sort(list(times), 'DESC')[2] AS again
    FROM settle_loose
    GROUP BY order_date, content
    HAVING count(*) > 1
)
