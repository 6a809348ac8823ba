-- Orders cut in two where an export was split: the one order that two files share, told by them without a single row in
-- common.  Files with one row an order cannot have cut any; where lines are numbered, lines are compared.
WITH of_two_files AS (
    SELECT order_id, min(first_file) AS first_file, min(last_file) AS last_file
    FROM settle_common
    GROUP BY order_id
    HAVING max(files) = 2 AND min(first_file) = max(first_file) AND min(last_file) = max(last_file)
        AND bool_and(line IS NULL)
),

candidates AS (
    SELECT min(order_id) AS order_id, first_file, last_file
    FROM of_two_files
    GROUP BY first_file, last_file
    HAVING count(*) = 1
),

-- Rows of files with a candidate: of the order itself, and of others that the same two files share.
near AS (
    SELECT
        candidates.order_id AS candidate, candidates.first_file, shared.order_id, shared.order_date, shared.taken_back,
        shared.line, shared.file, shared.content
    FROM settle_shared AS shared
    INNER JOIN candidates ON shared.file = candidates.first_file OR shared.file = candidates.last_file
),

with_other_orders AS (
    SELECT DISTINCT candidate
    FROM (
        SELECT candidate
        FROM near
        WHERE order_id <> candidate
        GROUP BY candidate, order_id, order_date, taken_back, line
        HAVING min(file) <> max(file)
    )
),

with_common_rows AS (
    SELECT DISTINCT one.candidate
    FROM near AS one
    INNER JOIN near AS other
        ON one.candidate = other.candidate AND one.content = other.content AND one.order_date = other.order_date
    WHERE one.order_id = one.candidate AND one.file = one.first_file
        AND other.order_id = other.candidate AND other.file <> other.first_file
),

of_many_rows AS (
    SELECT DISTINCT file
    FROM (
        SELECT rows.file
        FROM settle_rows AS rows
        WHERE rows.reason IS NULL AND rows.order_id IS NOT NULL
            AND rows.file IN (SELECT unnest([first_file, last_file]) FROM candidates)
        GROUP BY rows.file, rows.order_id
        HAVING count(*) > 1
    )
)

SELECT order_id
FROM candidates
WHERE (first_file IN (SELECT file FROM of_many_rows) OR last_file IN (SELECT file FROM of_many_rows))
    AND order_id NOT IN (SELECT candidate FROM with_other_orders)
    AND order_id NOT IN (SELECT candidate FROM with_common_rows)
