-- How many answers to the question of satisfaction are one click: a yes or no word, the figure 0, the figure 1.
--
-- survey_file   the answers as in the file: customer_id, answered_on, nps, csat (both text), weight
-- $blank        codes that mean no answer; $yes, $no  words of one click; all in lower case
WITH codes AS (
    SELECT lower(trim(CAST(csat AS VARCHAR))) AS code
    FROM survey_file
)
SELECT
    count(*) AS codes,
    count(*) FILTER (WHERE list_contains($yes, code) OR list_contains($no, code)) AS words,
    count(*) FILTER (WHERE code IN ('0', '0.0')) AS zeros,
    count(*) FILTER (WHERE code IN ('1', '1.0')) AS ones
FROM codes
WHERE code IS NOT NULL AND NOT list_contains($blank, code)
