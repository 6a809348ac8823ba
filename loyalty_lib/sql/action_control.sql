-- The control group of every list: one row a customer and list, in the order of lists and customers.
--
-- action_members   list, customer_id
-- $period          label of the period
-- $share           share of every list that is left alone, rounded to whole customers
--
-- Customers are ordered by a hash of list, period and customer, so that the draw does not depend on anything about them
-- and is the same on every run.
WITH drawn AS (
    SELECT
        list,
        customer_id,
        row_number() OVER (
            PARTITION BY list ORDER BY md5(concat(list, '|', $period, '|', customer_id)), customer_id
        ) AS place,
        count(*) OVER (PARTITION BY list) AS customers
    FROM action_members
)
SELECT list, customer_id, place <= floor(customers * CAST($share AS DOUBLE) + 0.5) AS control
FROM drawn
ORDER BY list, customer_id
