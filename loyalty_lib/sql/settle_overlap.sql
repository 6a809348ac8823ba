-- How many orders more than one file holds, and how many of them the files tell differently.
SELECT count(DISTINCT order_id) AS orders, count(DISTINCT order_id) FILTER (WHERE revised) AS revised
FROM settle_common
WHERE order_id NOT IN (SELECT order_id FROM settle_cuts)
