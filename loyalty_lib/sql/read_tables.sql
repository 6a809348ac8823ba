-- What reading fills: one row a usable source row; and the customers who are to be forgotten.
CREATE TABLE usable_rows (
    customer_id VARCHAR, order_id VARCHAR, order_date DATE, amount DECIMAL(18, 6), order_line VARCHAR,
    product VARCHAR, category VARCHAR, channel VARCHAR, country VARCHAR
);
CREATE TABLE drop_list (id VARCHAR);
