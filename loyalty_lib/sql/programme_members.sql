-- Members of the programme against other customers: one row a group, members first; both rows always.
--
-- programme_list       a frame: customer_id, since (NULL where unknown), one row a member or more
-- $start, $as_of       first and last day of the window
-- $before              first day of the window before, which ends the day before $start
--
-- customers, orders, sales       who bought in the window, their orders and net sales in it
-- before_customers, again        who bought in the window before, and those of them who bought in this one
-- largest_customer / all_customers   the weight of one customer in the sales, by size
WITH
sides AS (SELECT TRUE AS is_member UNION ALL SELECT FALSE AS is_member),
listed AS (
    SELECT customer_id
    FROM programme_list
    GROUP BY customer_id
    HAVING min(since) IS NULL OR min(since) <= $as_of
),
bought AS (
    SELECT
        customer_id,
        coalesce(sum(orders) FILTER (WHERE day >= $start), 0) AS orders,
        count(*) FILTER (WHERE day >= $start) > 0 AS is_now,
        count(*) FILTER (WHERE day < $start) > 0 AS is_before
    FROM purchase_days
    WHERE day BETWEEN $before AND $as_of
    GROUP BY customer_id
),
money AS (
    SELECT customer_id, sum(amount) AS spend
    FROM net_sales
    WHERE day BETWEEN $start AND $as_of
    GROUP BY customer_id
),
customers AS (
    SELECT
        listed.customer_id IS NOT NULL AS is_member,
        bought.orders,
        bought.is_now,
        bought.is_before,
        CASE WHEN bought.is_now THEN coalesce(money.spend, 0) ELSE 0 END AS spend
    FROM bought
    LEFT JOIN money ON bought.customer_id = money.customer_id
    LEFT JOIN listed ON bought.customer_id = listed.customer_id
)
SELECT
    sides.is_member,
    CAST(count(*) FILTER (WHERE customers.is_now) AS BIGINT) AS customers,
    CAST(coalesce(sum(customers.orders), 0) AS BIGINT) AS orders,
    CAST(coalesce(sum(customers.spend), 0) AS DOUBLE) AS sales,
    CAST(count(*) FILTER (WHERE customers.is_before) AS BIGINT) AS before_customers,
    CAST(count(*) FILTER (WHERE customers.is_before AND customers.is_now) AS BIGINT) AS again,
    CAST(coalesce(max(abs(customers.spend)), 0) AS DOUBLE) AS largest_customer,
    CAST(coalesce(sum(abs(customers.spend)), 0) AS DOUBLE) AS all_customers,
    (SELECT CAST(count(*) AS BIGINT) FROM listed) AS listed
FROM sides
LEFT JOIN customers ON sides.is_member = customers.is_member
GROUP BY sides.is_member
ORDER BY sides.is_member DESC
