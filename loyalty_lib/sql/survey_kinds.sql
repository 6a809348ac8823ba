-- How many rows of the window hold an answer, and why the others do not: one row a question and kind.
--
-- survey_scores   as survey_scores.sql makes it; rows without a day belong to no window and are counted here
-- 'earlier' is an answer that a newer one of the same customer replaces.
SELECT
    question,
    CASE WHEN kind = 'answer' AND NOT counted THEN 'earlier' ELSE kind END AS kind,
    count(*) AS file_rows
FROM survey_scores
WHERE span = 'now' OR kind = 'undated'
GROUP BY 1, 2
ORDER BY 1, 2
