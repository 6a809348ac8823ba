-- The rows of all files, typed but not yet judged.  settle_*.sql turns them into usable_rows.
--
-- file       0.. in the order of the files' names; record, line: the row's place in its file
-- refund     whether the row takes back, where the file marks that; amounts of such rows are negative already
-- row_hash   of all the file's columns; NULL on refunds made out of a purchase's column of refunds
-- left_out   'status' or 'summary row', where the row is no sale; detail: what it said
CREATE OR REPLACE TABLE file_rows (
    file INTEGER, record BIGINT, line BIGINT,
    customer_id VARCHAR, email VARCHAR, phone VARCHAR,
    order_id VARCHAR, order_line VARCHAR, order_date DATE, amount DECIMAL(18, 6),
    refund BOOLEAN, test BOOLEAN, status VARCHAR, tags VARCHAR, currency VARCHAR,
    product VARCHAR, category VARCHAR, channel VARCHAR, country VARCHAR,
    consent BOOLEAN, objection BOOLEAN,
    row_hash UBIGINT, left_out VARCHAR, detail VARCHAR
)
