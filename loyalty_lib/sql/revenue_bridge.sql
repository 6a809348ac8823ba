-- The flow of customers and money into the reporting period from each period it is compared with: one row a comparison
-- and flow that has customers, comparisons in the order asked for.
--
-- $start, $end     first and last day of the reporting period ("now")
-- $starts, $ends   first and last day of each period compared with ("then")
--
-- New, reactivated, kept and lapsed customers as in kpis.sql, with the period compared with for the previous one.
-- new, reactivated   their sales now
-- kept_more          bought in both periods: what they spent now above then
-- kept_less          bought in both periods: the same, where it is not above zero
-- lapsed             their sales then, taken off
-- other              money that moved in a period its customer bought nothing in: refunds of earlier purchases
-- Hence the amounts of a comparison add up to net sales now less net sales then.
-- largest_share      the weight of one customer in the amount, refunds by their size
WITH
starts AS (SELECT comparison, start_day FROM unnest($starts) WITH ORDINALITY AS given (start_day, comparison)),
ends AS (SELECT comparison, end_day FROM unnest($ends) WITH ORDINALITY AS given (end_day, comparison)),
periods AS (
    SELECT starts.comparison, starts.start_day, ends.end_day
    FROM starts
    INNER JOIN ends ON starts.comparison = ends.comparison
),
bought AS (  -- one row a comparison and customer with a purchase in either period
    SELECT
        periods.comparison,
        purchase_days.customer_id,
        count(*) FILTER (WHERE purchase_days.day BETWEEN $start AND $end) > 0 AS is_now,
        count(*) FILTER (WHERE purchase_days.day BETWEEN periods.start_day AND periods.end_day) > 0 AS is_then
    FROM purchase_days
    INNER JOIN periods
        ON purchase_days.day BETWEEN $start AND $end
            OR purchase_days.day BETWEEN periods.start_day AND periods.end_day
    GROUP BY periods.comparison, purchase_days.customer_id
),
money AS (  -- one row a comparison and customer with sales or refunds in either period
    SELECT
        periods.comparison,
        net_sales.customer_id,
        coalesce(sum(net_sales.amount) FILTER (WHERE net_sales.day BETWEEN $start AND $end), 0) AS sales_now,
        coalesce(
            sum(net_sales.amount) FILTER (WHERE net_sales.day BETWEEN periods.start_day AND periods.end_day), 0
        ) AS sales_then
    FROM net_sales
    INNER JOIN periods
        ON net_sales.day BETWEEN $start AND $end OR net_sales.day BETWEEN periods.start_day AND periods.end_day
    GROUP BY periods.comparison, net_sales.customer_id
),
first_purchases AS (
    SELECT customer_id, min(day) AS first_day
    FROM purchase_days
    GROUP BY customer_id
),
customers AS (
    SELECT
        coalesce(bought.comparison, money.comparison) AS comparison,
        coalesce(bought.is_now, FALSE) AS is_now,
        coalesce(bought.is_then, FALSE) AS is_then,
        coalesce(first_purchases.first_day >= $start, FALSE) AS is_new,
        coalesce(money.sales_now, 0) AS sales_now,
        coalesce(money.sales_then, 0) AS sales_then
    FROM bought
    FULL OUTER JOIN money ON bought.comparison = money.comparison AND bought.customer_id = money.customer_id
    LEFT JOIN first_purchases ON bought.customer_id = first_purchases.customer_id
),
flows AS (
    SELECT
        comparison,
        CASE
            WHEN is_now AND is_then AND sales_now > sales_then THEN 'kept_more'
            WHEN is_now AND is_then THEN 'kept_less'
            WHEN is_now AND is_new THEN 'new'
            WHEN is_now THEN 'reactivated'
            ELSE 'lapsed'
        END AS flow,
        CASE WHEN is_now THEN sales_now ELSE 0 END - CASE WHEN is_then THEN sales_then ELSE 0 END AS amount
    FROM customers
    WHERE is_now OR is_then
    UNION ALL
    SELECT
        comparison,
        'other' AS flow,
        CASE WHEN is_now THEN 0 ELSE sales_now END - CASE WHEN is_then THEN 0 ELSE sales_then END AS amount
    FROM customers
    WHERE (NOT is_now AND sales_now <> 0) OR (NOT is_then AND sales_then <> 0)
)
SELECT
    CAST(comparison AS BIGINT) AS comparison,
    flow,
    CAST(count(*) AS BIGINT) AS customers,
    CAST(sum(amount) AS DOUBLE) AS amount,
    CAST(coalesce(max(abs(amount)), 0) AS DOUBLE) AS largest_customer,
    CAST(coalesce(sum(abs(amount)), 0) AS DOUBLE) AS all_customers
FROM flows
GROUP BY comparison, flow
ORDER BY comparison, flow
