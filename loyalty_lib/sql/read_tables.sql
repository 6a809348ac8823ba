-- What reading fills: one row a usable source row, and one row a file with what was left out of it.
CREATE TABLE usable_rows (
    customer_id VARCHAR, order_id VARCHAR, order_date DATE, amount DECIMAL(18, 6), order_line VARCHAR,
    product VARCHAR, category VARCHAR, channel VARCHAR, country VARCHAR
);
CREATE TABLE files_read (
    rows_read BIGINT, rows_without_customer BIGINT, amount_without_customer DECIMAL(38, 6), dropped_rows BIGINT
);
CREATE TABLE drop_list (id VARCHAR);
