-- What members spent in the days before and after they joined: one row.
--
-- programme_list   a frame: customer_id, since (NULL where unknown), one row a member or more; the earliest day counts
-- $begin, $as_of   first and last day of the data
-- $days            how many days before the day of joining, and after it; the day itself, often one of a purchase, is
--                  in neither
--
-- customers        members whose days before and after are all within the data, and who had bought by the first of
--                  these days: customers throughout
-- largest_before, largest_after   the largest customer's spend, by size; all_before, all_after the sum of such
WITH
joined AS (
    SELECT customer_id, CAST(min(since) AS DATE) AS since
    FROM programme_list
    GROUP BY customer_id
    HAVING min(since) IS NOT NULL
),
first_purchases AS (
    SELECT customer_id, min(day) AS first_day
    FROM purchase_days
    GROUP BY customer_id
),
members AS (
    SELECT joined.customer_id, joined.since
    FROM joined
    INNER JOIN first_purchases ON joined.customer_id = first_purchases.customer_id
    WHERE joined.since - CAST($days AS INTEGER) >= CAST($begin AS DATE)
        AND joined.since + CAST($days AS INTEGER) <= CAST($as_of AS DATE)
        AND first_purchases.first_day <= joined.since - CAST($days AS INTEGER)
),
spent AS (
    SELECT
        members.customer_id,
        coalesce(sum(net_sales.amount) FILTER (WHERE net_sales.day < members.since), 0) AS sales_before,
        coalesce(sum(net_sales.amount) FILTER (WHERE net_sales.day > members.since), 0) AS sales_after
    FROM members
    LEFT JOIN net_sales
        ON members.customer_id = net_sales.customer_id
            AND net_sales.day BETWEEN members.since - CAST($days AS INTEGER) AND members.since + CAST($days AS INTEGER)
    GROUP BY members.customer_id
)
SELECT
    CAST(count(*) AS BIGINT) AS customers,
    CAST(coalesce(sum(sales_before), 0) AS DOUBLE) AS sales_before,
    CAST(coalesce(sum(sales_after), 0) AS DOUBLE) AS sales_after,
    CAST(coalesce(max(abs(sales_before)), 0) AS DOUBLE) AS largest_before,
    CAST(coalesce(sum(abs(sales_before)), 0) AS DOUBLE) AS all_before,
    CAST(coalesce(max(abs(sales_after)), 0) AS DOUBLE) AS largest_after,
    CAST(coalesce(sum(abs(sales_after)), 0) AS DOUBLE) AS all_after
FROM spent
