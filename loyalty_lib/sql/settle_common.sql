-- The parts of orders (or their lines) that more than one file holds: by how many, by which (the first and the last of
-- them), the age of the newest, and whether the files tell them differently.
WITH told AS (
    SELECT
        shared.order_id, shared.order_date, shared.taken_back, shared.line, shared.file,
        count(*) AS count, sum(CAST(shared.content AS HUGEINT)) AS content
    FROM settle_shared AS shared
    GROUP BY shared.order_id, shared.order_date, shared.taken_back, shared.line, shared.file
)

SELECT
    told.order_id, told.order_date, told.taken_back, told.line,
    count(*) AS files,
    min(told.file) AS first_file,
    max(told.file) AS last_file,
    max(ages.age) AS newest,
    min(told.count) <> max(told.count) OR min(told.content) <> max(told.content) AS revised
FROM told
INNER JOIN settle_ages AS ages ON told.file = ages.file
GROUP BY told.order_id, told.order_date, told.taken_back, told.line
HAVING count(*) > 1
