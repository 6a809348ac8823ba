-- Variance of the change in each key figure: one row a comparison, "previous" then "year_ago".
--
-- $starts, $ends   first and last day of five periods: now, the previous one, the one before that, the same period last
--                  year, and the one before that
--
-- A figure is a function of sums over customers, and moves to first order with each customer by what is called the
-- customer's influence: of a count or sum X on log X it is x / X, on log (X / Y) it is x / X - y / Y, and on a rate
-- r = X / Y it is (x - r y) / Y.  One row holds what a customer did now (_1) and then (_0), so that the square of the
-- difference of the two influences, added up over the customers, is the variance of the change.
-- NULL where a figure is divided by nothing or has no logarithm.
--
-- before, base, again, kept   whether the customer bought in the period before; and if so: net sales in that one, in
--                             this one, and the smaller of the two
-- active_in_both              no variance: customers who bought now and then
WITH
bought AS (
    SELECT
        customer_id,
        min(day) AS first_day,
        count(*) FILTER (WHERE day BETWEEN $starts[1] AND $ends[1]) AS days_now,
        count(*) FILTER (WHERE day BETWEEN $starts[2] AND $ends[2]) AS days_previous,
        count(*) FILTER (WHERE day BETWEEN $starts[4] AND $ends[4]) AS days_year_ago,
        coalesce(sum(orders) FILTER (WHERE day BETWEEN $starts[1] AND $ends[1]), 0) AS orders_now,
        coalesce(sum(orders) FILTER (WHERE day BETWEEN $starts[2] AND $ends[2]), 0) AS orders_previous,
        coalesce(sum(orders) FILTER (WHERE day BETWEEN $starts[4] AND $ends[4]), 0) AS orders_year_ago,
        count(*) FILTER (WHERE day BETWEEN $starts[3] AND $ends[3]) AS days_before_previous,
        count(*) FILTER (WHERE day BETWEEN $starts[5] AND $ends[5]) AS days_before_year_ago
    FROM purchase_days
    GROUP BY customer_id
),
money AS (
    SELECT
        customer_id,
        coalesce(sum(amount) FILTER (WHERE day BETWEEN $starts[1] AND $ends[1]), 0) AS sales_now,
        coalesce(sum(amount) FILTER (WHERE day BETWEEN $starts[2] AND $ends[2]), 0) AS sales_previous,
        coalesce(sum(amount) FILTER (WHERE day BETWEEN $starts[3] AND $ends[3]), 0) AS sales_before_previous,
        coalesce(sum(amount) FILTER (WHERE day BETWEEN $starts[4] AND $ends[4]), 0) AS sales_year_ago,
        coalesce(sum(amount) FILTER (WHERE day BETWEEN $starts[5] AND $ends[5]), 0) AS sales_before_year_ago
    FROM net_sales
    WHERE day BETWEEN least($starts[3], $starts[5]) AND $ends[1]
    GROUP BY customer_id
),
customers AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT * FROM bought
        WHERE days_now + days_previous + days_year_ago + days_before_previous + days_before_year_ago > 0
    ) AS active
    FULL OUTER JOIN money ON active.customer_id = money.customer_id
),
compared AS (
    SELECT
        'previous' AS comparison, $starts[2] AS then_start, first_day,
        days_now, orders_now, sales_now, days_previous AS days_before, sales_previous AS sales_before,
        days_previous AS days_then, orders_previous AS orders_then, sales_previous AS sales_then,
        days_before_previous AS days_earlier, sales_before_previous AS sales_earlier
    FROM customers
    UNION ALL
    SELECT
        'year_ago' AS comparison, $starts[4] AS then_start, first_day,
        days_now, orders_now, sales_now, days_previous AS days_before, sales_previous AS sales_before,
        days_year_ago AS days_then, orders_year_ago AS orders_then, sales_year_ago AS sales_then,
        days_before_year_ago AS days_earlier, sales_before_year_ago AS sales_earlier
    FROM customers
),
did AS (  -- what one customer did, now and then
    SELECT
        comparison,
        CAST(coalesce(days_now > 0, FALSE) AS DOUBLE) AS active_1,
        CAST(coalesce(days_then > 0, FALSE) AS DOUBLE) AS active_0,
        CAST(coalesce(days_now > 0 AND first_day >= $starts[1], FALSE) AS DOUBLE) AS new_1,
        CAST(coalesce(days_then > 0 AND first_day >= then_start, FALSE) AS DOUBLE) AS new_0,
        CAST(coalesce(days_now > 0 AND days_before > 0, FALSE) AS DOUBLE) AS returning_1,
        CAST(coalesce(days_then > 0 AND days_earlier > 0, FALSE) AS DOUBLE) AS returning_0,
        CAST(coalesce(days_now > 1, FALSE) AS DOUBLE) AS repeat_1,
        CAST(coalesce(days_then > 1, FALSE) AS DOUBLE) AS repeat_0,
        CAST(coalesce(days_before > 0, FALSE) AS DOUBLE) AS before_1,
        CAST(coalesce(days_earlier > 0, FALSE) AS DOUBLE) AS before_0,
        CAST(coalesce(days_now, 0) AS DOUBLE) AS days_1,
        CAST(coalesce(days_then, 0) AS DOUBLE) AS days_0,
        CAST(coalesce(orders_now, 0) AS DOUBLE) AS orders_1,
        CAST(coalesce(orders_then, 0) AS DOUBLE) AS orders_0,
        CAST(coalesce(sales_now, 0) AS DOUBLE) AS sales_1,
        CAST(coalesce(sales_then, 0) AS DOUBLE) AS sales_0,
        CAST(CASE WHEN days_before > 0 THEN coalesce(sales_before, 0) ELSE 0 END AS DOUBLE) AS base_1,
        CAST(CASE WHEN days_earlier > 0 THEN coalesce(sales_earlier, 0) ELSE 0 END AS DOUBLE) AS base_0
    FROM compared
),
each AS MATERIALIZED (
    SELECT
        *,
        active_1 - new_1 - returning_1 AS reactivated_1,
        active_0 - new_0 - returning_0 AS reactivated_0,
        before_1 - returning_1 AS lapsed_1,
        before_0 - returning_0 AS lapsed_0,
        before_1 * sales_1 AS again_1,
        before_0 * sales_0 AS again_0,
        before_1 * least(sales_1, base_1) AS kept_1,
        before_0 * least(sales_0, base_0) AS kept_0
    FROM did
),
totals AS (  -- what can be divided by and has a logarithm: sums above zero; and the rates
    SELECT
        comparison,
        CASE WHEN sum(active_1) > 0 THEN sum(active_1) END AS active_1,
        CASE WHEN sum(active_0) > 0 THEN sum(active_0) END AS active_0,
        CASE WHEN sum(new_1) > 0 THEN sum(new_1) END AS new_1,
        CASE WHEN sum(new_0) > 0 THEN sum(new_0) END AS new_0,
        CASE WHEN sum(reactivated_1) > 0 THEN sum(reactivated_1) END AS reactivated_1,
        CASE WHEN sum(reactivated_0) > 0 THEN sum(reactivated_0) END AS reactivated_0,
        CASE WHEN sum(lapsed_1) > 0 THEN sum(lapsed_1) END AS lapsed_1,
        CASE WHEN sum(lapsed_0) > 0 THEN sum(lapsed_0) END AS lapsed_0,
        CASE WHEN sum(returning_1) > 0 THEN sum(returning_1) END AS returning_1,
        CASE WHEN sum(returning_0) > 0 THEN sum(returning_0) END AS returning_0,
        CASE WHEN sum(before_1) > 0 THEN sum(before_1) END AS before_1,
        CASE WHEN sum(before_0) > 0 THEN sum(before_0) END AS before_0,
        CASE WHEN sum(days_1) > 0 THEN sum(days_1) END AS days_1,
        CASE WHEN sum(days_0) > 0 THEN sum(days_0) END AS days_0,
        CASE WHEN sum(orders_1) > 0 THEN sum(orders_1) END AS orders_1,
        CASE WHEN sum(orders_0) > 0 THEN sum(orders_0) END AS orders_0,
        CASE WHEN sum(sales_1) > 0 THEN sum(sales_1) END AS sales_1,
        CASE WHEN sum(sales_0) > 0 THEN sum(sales_0) END AS sales_0,
        CASE WHEN sum(base_1) > 0 THEN sum(base_1) END AS base_1,
        CASE WHEN sum(base_0) > 0 THEN sum(base_0) END AS base_0,
        sum(returning_1) / CASE WHEN sum(before_1) > 0 THEN sum(before_1) END AS retention_1,
        sum(returning_0) / CASE WHEN sum(before_0) > 0 THEN sum(before_0) END AS retention_0,
        sum(repeat_1) / CASE WHEN sum(active_1) > 0 THEN sum(active_1) END AS repeats_1,
        sum(repeat_0) / CASE WHEN sum(active_0) > 0 THEN sum(active_0) END AS repeats_0,
        sum(active_1) / CASE WHEN sum(before_1) > 0 THEN sum(before_1) END AS growth_1,
        sum(active_0) / CASE WHEN sum(before_0) > 0 THEN sum(before_0) END AS growth_0,
        sum(kept_1) / CASE WHEN sum(base_1) > 0 THEN sum(base_1) END AS gross_1,
        sum(kept_0) / CASE WHEN sum(base_0) > 0 THEN sum(base_0) END AS gross_0,
        sum(again_1) / CASE WHEN sum(base_1) > 0 THEN sum(base_1) END AS net_1,
        sum(again_0) / CASE WHEN sum(base_0) > 0 THEN sum(base_0) END AS net_0
    FROM each
    GROUP BY comparison
),
influences AS (
    SELECT
        each.comparison,
        each.active_1 / totals.active_1 - each.active_0 / totals.active_0 AS active_customers,
        each.new_1 / totals.new_1 - each.new_0 / totals.new_0 AS new_customers,
        each.returning_1 / totals.returning_1 - each.returning_0 / totals.returning_0 AS returning_customers,
        each.reactivated_1 / totals.reactivated_1 - each.reactivated_0 / totals.reactivated_0 AS reactivated_customers,
        each.lapsed_1 / totals.lapsed_1 - each.lapsed_0 / totals.lapsed_0 AS lapsed_customers,
        (each.returning_1 - totals.retention_1 * each.before_1) / totals.before_1
            - (each.returning_0 - totals.retention_0 * each.before_0) / totals.before_0 AS retention_rate,
        (each.repeat_1 - totals.repeats_1 * each.active_1) / totals.active_1
            - (each.repeat_0 - totals.repeats_0 * each.active_0) / totals.active_0 AS repeat_rate,
        each.days_1 / totals.days_1 - each.active_1 / totals.active_1
            - each.days_0 / totals.days_0 + each.active_0 / totals.active_0 AS purchase_frequency,
        each.sales_1 / totals.sales_1 - each.orders_1 / totals.orders_1
            - each.sales_0 / totals.sales_0 + each.orders_0 / totals.orders_0 AS average_order_value,
        each.sales_1 / totals.sales_1 - each.sales_0 / totals.sales_0 AS net_sales,
        each.sales_1 / totals.sales_1 - each.active_1 / totals.active_1
            - each.sales_0 / totals.sales_0 + each.active_0 / totals.active_0 AS sales_per_customer,
        each.orders_1 / totals.orders_1 - each.orders_0 / totals.orders_0 AS orders,
        each.days_1 / totals.days_1 - each.days_0 / totals.days_0 AS purchase_days,
        (each.kept_1 - totals.gross_1 * each.base_1) / totals.base_1
            - (each.kept_0 - totals.gross_0 * each.base_0) / totals.base_0 AS gross_revenue_retention,
        (each.again_1 - totals.net_1 * each.base_1) / totals.base_1
            - (each.again_0 - totals.net_0 * each.base_0) / totals.base_0 AS net_revenue_retention,
        (each.active_1 - totals.growth_1 * each.before_1) / totals.before_1
            - (each.active_0 - totals.growth_0 * each.before_0) / totals.before_0 AS customer_growth,
        each.orders_1 / totals.orders_1 - each.active_1 / totals.active_1
            - each.orders_0 / totals.orders_0 + each.active_0 / totals.active_0 AS orders_per_customer,
        each.active_1 * each.active_0 AS active_in_both
    FROM each
    INNER JOIN totals ON each.comparison = totals.comparison
)
SELECT
    comparison,
    sum(active_customers * active_customers) AS active_customers,
    sum(new_customers * new_customers) AS new_customers,
    sum(returning_customers * returning_customers) AS returning_customers,
    sum(reactivated_customers * reactivated_customers) AS reactivated_customers,
    sum(lapsed_customers * lapsed_customers) AS lapsed_customers,
    sum(retention_rate * retention_rate) AS retention_rate,
    sum(repeat_rate * repeat_rate) AS repeat_rate,
    sum(purchase_frequency * purchase_frequency) AS purchase_frequency,
    sum(average_order_value * average_order_value) AS average_order_value,
    sum(net_sales * net_sales) AS net_sales,
    sum(sales_per_customer * sales_per_customer) AS sales_per_customer,
    sum(orders * orders) AS orders,
    sum(purchase_days * purchase_days) AS purchase_days,
    sum(gross_revenue_retention * gross_revenue_retention) AS gross_revenue_retention,
    sum(net_revenue_retention * net_revenue_retention) AS net_revenue_retention,
    sum(customer_growth * customer_growth) AS customer_growth,
    sum(orders_per_customer * orders_per_customer) AS orders_per_customer,
    sum(active_in_both * active_in_both) AS active_in_both
FROM influences
GROUP BY comparison
ORDER BY comparison
