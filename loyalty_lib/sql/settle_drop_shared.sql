-- Leaves out of all but the newest file what more than one file holds.
UPDATE settle_rows
SET reason = 'overlap', detail = NULL
FROM (
    SELECT shared.id
    FROM settle_shared AS shared
    INNER JOIN settle_ages AS ages ON shared.file = ages.file
    INNER JOIN settle_common AS common
        ON shared.order_id = common.order_id AND shared.order_date = common.order_date
            AND shared.taken_back = common.taken_back AND shared.line IS NOT DISTINCT FROM common.line
    WHERE ages.age < common.newest AND shared.order_id NOT IN (SELECT order_id FROM settle_cuts)
) AS older
WHERE settle_rows.rowid = older.id
