-- Counts and sums behind the key figures: one row a period asked for, in the order asked.
--
-- $starts, $ends   first and last day of each period, both inside it
-- $previous        for each period the number (from 1) of the period it is compared with; 0 for none
--
-- active       a purchase day in the period (a refund alone does not make a customer active)
-- new          first purchase day ever in the period
-- returning    active, and active in the previous period
-- reactivated  active, bought before, but not in the previous period
-- lapsed       active in the previous period, not in this one
-- Hence active = previous active - lapsed + new + reactivated.
-- largest_customer / all_customers is the weight of one customer in the money of the period, refunds by their size.
WITH
starts AS (SELECT period, start_day FROM unnest($starts) WITH ORDINALITY AS given (start_day, period)),
ends AS (SELECT period, end_day FROM unnest($ends) WITH ORDINALITY AS given (end_day, period)),
befores AS (SELECT period, before FROM unnest($previous) WITH ORDINALITY AS given (before, period)),
periods AS (
    SELECT starts.period, starts.start_day, ends.end_day, befores.before
    FROM starts
    INNER JOIN ends ON starts.period = ends.period
    INNER JOIN befores ON starts.period = befores.period
),
first_purchases AS (
    SELECT customer_id, min(day) AS first_day
    FROM purchase_days
    GROUP BY customer_id
),
bought AS (  -- one row a period and customer active in it
    SELECT periods.period, purchase_days.customer_id, count(*) AS purchase_days, sum(purchase_days.orders) AS orders
    FROM purchase_days
    INNER JOIN periods ON purchase_days.day BETWEEN periods.start_day AND periods.end_day
    GROUP BY periods.period, purchase_days.customer_id
),
money AS (  -- one row a period and customer with sales or refunds in it
    SELECT periods.period, net_sales.customer_id, sum(net_sales.amount) AS amount
    FROM net_sales
    INNER JOIN periods ON net_sales.day BETWEEN periods.start_day AND periods.end_day
    GROUP BY periods.period, net_sales.customer_id
),
active AS (
    SELECT
        bought.period,
        count(*) AS active_customers,
        sum(CASE WHEN first_purchases.first_day >= periods.start_day THEN 1 ELSE 0 END) AS new_customers,
        sum(CASE WHEN earlier.customer_id IS NOT NULL THEN 1 ELSE 0 END) AS returning_customers,
        sum(CASE WHEN bought.purchase_days >= 2 THEN 1 ELSE 0 END) AS repeat_customers,
        sum(bought.purchase_days) AS purchase_days,
        sum(bought.orders) AS orders
    FROM bought
    INNER JOIN periods ON bought.period = periods.period
    INNER JOIN first_purchases ON bought.customer_id = first_purchases.customer_id
    LEFT JOIN bought AS earlier
        ON periods.before = earlier.period AND bought.customer_id = earlier.customer_id
    GROUP BY bought.period
),
sales AS (
    SELECT
        period,
        count(*) AS moving_customers,
        sum(amount) AS net_sales,
        max(abs(amount)) AS largest_customer,
        sum(abs(amount)) AS all_customers
    FROM money
    GROUP BY period
),
kept AS (  -- what the customers of the previous period spent then, and spend now
    SELECT
        periods.period,
        count(*) AS previous_customers,
        sum(coalesce(money_then.amount, 0)) AS sales_then,
        sum(coalesce(money_now.amount, 0)) AS sales_now,
        sum(least(coalesce(money_now.amount, 0), coalesce(money_then.amount, 0))) AS sales_kept,
        count(*) FILTER (WHERE coalesce(money_now.amount, 0) > coalesce(money_then.amount, 0)) AS spent_more,
        count(*) FILTER (WHERE coalesce(money_now.amount, 0) < coalesce(money_then.amount, 0)) AS spent_less,
        max(greatest(coalesce(money_now.amount, 0) - coalesce(money_then.amount, 0), 0)) AS largest_more,
        max(greatest(coalesce(money_then.amount, 0) - coalesce(money_now.amount, 0), 0)) AS largest_less
    FROM periods
    INNER JOIN bought AS earlier ON periods.before = earlier.period
    LEFT JOIN money AS money_then
        ON earlier.period = money_then.period AND earlier.customer_id = money_then.customer_id
    LEFT JOIN money AS money_now
        ON periods.period = money_now.period AND earlier.customer_id = money_now.customer_id
    GROUP BY periods.period
)
SELECT
    CAST(coalesce(active.active_customers, 0) AS BIGINT) AS active_customers,
    CAST(coalesce(active.new_customers, 0) AS BIGINT) AS new_customers,
    CAST(coalesce(active.returning_customers, 0) AS BIGINT) AS returning_customers,
    CAST(coalesce(active.repeat_customers, 0) AS BIGINT) AS repeat_customers,
    CAST(coalesce(active.purchase_days, 0) AS BIGINT) AS purchase_days,
    CAST(coalesce(active.orders, 0) AS BIGINT) AS orders,
    CAST(coalesce(sales.moving_customers, 0) AS BIGINT) AS moving_customers,
    CAST(coalesce(sales.net_sales, 0) AS DOUBLE) AS net_sales,
    CAST(coalesce(sales.largest_customer, 0) AS DOUBLE) AS largest_customer,
    CAST(coalesce(sales.all_customers, 0) AS DOUBLE) AS all_customers,
    CAST(coalesce(kept.previous_customers, 0) AS BIGINT) AS previous_customers,
    CAST(coalesce(kept.sales_then, 0) AS DOUBLE) AS sales_then,
    CAST(coalesce(kept.sales_now, 0) AS DOUBLE) AS sales_now,
    CAST(coalesce(kept.sales_kept, 0) AS DOUBLE) AS sales_kept,
    CAST(coalesce(kept.spent_more, 0) AS BIGINT) AS spent_more,
    CAST(coalesce(kept.spent_less, 0) AS BIGINT) AS spent_less,
    CAST(coalesce(kept.largest_more, 0) AS DOUBLE) AS largest_more,
    CAST(coalesce(kept.largest_less, 0) AS DOUBLE) AS largest_less
FROM periods
LEFT JOIN active ON periods.period = active.period
LEFT JOIN sales ON periods.period = sales.period
LEFT JOIN kept ON periods.period = kept.period
ORDER BY periods.period
