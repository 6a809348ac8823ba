-- The rows every figure is made of: those of a customer that nothing spoke against.  A refund of nothing is left out
-- here: with no sign to its amount it would pass for a purchase.
SELECT customer_id, order_id, order_date, amount, order_line, product, category, channel, country
FROM settle_rows
WHERE reason IS NULL AND customer_id IS NOT NULL AND NOT (coalesce(refund, false) AND amount = 0)
