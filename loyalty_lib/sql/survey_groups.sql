-- Answers by question, window, segment and band, with the sums of their weights and of the squares of these.
--
-- survey_scores     as survey_scores.sql makes it
-- survey_segments   customer_id, segment
-- Without a segment: 'inactive' for who bought, but not in the segments' window; 'unknown' for nameless answers and for
-- who never bought.
SELECT
    survey_scores.question,
    survey_scores.span,
    coalesce(
        CAST(survey_segments.segment AS VARCHAR),
        CASE WHEN survey_scores.first_day IS NOT NULL THEN 'inactive' ELSE 'unknown' END
    ) AS segment,
    survey_scores.band,
    count(*) AS answers,
    CAST(sum(survey_scores.weight) AS DOUBLE) AS weight,
    CAST(sum(survey_scores.weight * survey_scores.weight) AS DOUBLE) AS squares
FROM survey_scores
LEFT JOIN survey_segments ON survey_scores.customer_id = survey_segments.customer_id
WHERE survey_scores.counted AND survey_scores.span IS NOT NULL
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
