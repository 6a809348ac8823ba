-- What the texts of an export mean: dates, amounts, currencies, marks, contact keys.  Run once an engine.
-- None of these raises, whatever the text: what cannot be read is NULL, and the caller reports it.
-- A format, a kind, a zone and a decimal mark are constants of the query (parameters): DuckDB asks that of a format, and
-- the branches not taken cost nothing.

-- Text without the blanks around it: spaces, tabs, line breaks, no-break and narrow spaces.  Most have none.
CREATE OR REPLACE MACRO bare(text) AS
    CASE
        WHEN regexp_full_match(text, '[!-~](.*[!-~])?') THEN text
        ELSE trim(text, chr(32) || chr(9) || chr(10) || chr(13) || chr(160) || chr(8201) || chr(8239) || chr(65279))
    END;

-- Days ----------------------------------------------------------------------------------------------------------------

-- Day, in the shop's zone, of a moment written in naive_zone.  The hour that does not exist in spring is read as the
-- one after it, the hour that exists twice in autumn as its second time round: both keep their day.
CREATE OR REPLACE MACRO naive_day(moment, zone, naive_zone) AS
    CASE
        WHEN zone = naive_zone THEN moment::DATE
        ELSE timezone(zone, timezone(naive_zone, moment))::DATE
    END;

-- A text that ends in an offset, with 'Z', 'UTC' and 'GMT' as offsets that try_cast and %z know.
CREATE OR REPLACE MACRO numeric_offset(text) AS regexp_replace(text, '(?:Z|UTC|GMT)$', '+00');

CREATE OR REPLACE MACRO iso_day(text, zone, naive_zone) AS
    CASE
        WHEN length(text) <= 10
            THEN CASE WHEN regexp_full_match(text, '\d{4}-\d{1,2}-\d{1,2}') THEN try_cast(text AS DATE) END
        WHEN regexp_full_match(text, '\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?')
            THEN naive_day(try_cast(replace(text, ',', '.') AS TIMESTAMP), zone, naive_zone)
        WHEN regexp_full_match(
            text,
            '\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)? ?(Z|UTC|GMT|[+-](0\d|1[0-4])(:?[0-5]\d)?)'
        )
            THEN timezone(
                zone,
                try_cast(
                    regexp_replace(numeric_offset(replace(text, ',', '.')), ' ([+-])', '\1') AS TIMESTAMPTZ
                )
            )::DATE
    END;

-- Days since 1899-12-30, as spreadsheets count them.  Up to 60 they hold a 29 February 1900 that never was.
CREATE OR REPLACE MACRO excel_day(text, zone, naive_zone) AS
    CASE
        WHEN regexp_full_match(text, '\d{1,7}([.,]0*)?')
            THEN CASE
                WHEN try_cast(regexp_extract(text, '^\d+') AS INTEGER) BETWEEN 61 AND 2958465
                    THEN DATE '1899-12-30' + try_cast(regexp_extract(text, '^\d+') AS INTEGER)
            END
        WHEN regexp_full_match(text, '\d{1,7}[.,]\d+')
            THEN CASE
                WHEN try_cast(replace(text, ',', '.') AS DOUBLE) >= 61
                    AND try_cast(replace(text, ',', '.') AS DOUBLE) < 2958466
                    THEN naive_day(
                        TIMESTAMP '1899-12-30'  -- a fraction's last digits are noise below the millisecond
                        + to_milliseconds(round(try_cast(replace(text, ',', '.') AS DOUBLE) * 86400000)::BIGINT),
                        zone,
                        naive_zone
                    )
            END
    END;

-- Units since 1970, UTC; `unit` of them are a second.
CREATE OR REPLACE MACRO epoch_day(text, unit, zone) AS
    CASE
        WHEN regexp_full_match(text, '-?\d{1,14}([.,]\d*)?')
            THEN CASE
                WHEN abs(try_cast(replace(text, ',', '.') AS DOUBLE) / unit) < 100000000000
                    THEN timezone(zone, to_timestamp(try_cast(replace(text, ',', '.') AS DOUBLE) / unit))::DATE
            END
    END;

-- The months of English, the Scandinavian languages and German as the English abbreviations that %b knows.
CREATE OR REPLACE MACRO english_month(word) AS
    MAP {
        'jan': 'Jan', 'january': 'Jan', 'januar': 'Jan', 'januari': 'Jan',
        'feb': 'Feb', 'february': 'Feb', 'februar': 'Feb', 'februari': 'Feb',
        'mar': 'Mar', 'march': 'Mar', 'mars': 'Mar', 'marts': 'Mar', 'märz': 'Mar', 'mär': 'Mar', 'mrz': 'Mar',
        'apr': 'Apr', 'april': 'Apr',
        'may': 'May', 'mai': 'May', 'maj': 'May',
        'jun': 'Jun', 'june': 'Jun', 'juni': 'Jun',
        'jul': 'Jul', 'july': 'Jul', 'juli': 'Jul',
        'aug': 'Aug', 'august': 'Aug', 'augusti': 'Aug',
        'sep': 'Sep', 'sept': 'Sep', 'september': 'Sep',
        'oct': 'Oct', 'okt': 'Oct', 'october': 'Oct', 'oktober': 'Oct',
        'nov': 'Nov', 'november': 'Nov',
        'dec': 'Dec', 'des': 'Dec', 'dez': 'Dec', 'december': 'Dec', 'desember': 'Dec', 'dezember': 'Dec'
    }[word];

CREATE OR REPLACE MACRO english_months(text) AS
    coalesce(
        regexp_replace(text, '\pL{3,}[.]?', english_month(lower(regexp_extract(text, '\pL{3,}')))),
        text
    );

-- What try_strptime can read of a text: an offset in digits, English months, no more than microseconds.
CREATE OR REPLACE MACRO known_offset(text, format) AS
    CASE WHEN contains(format, '%z') THEN numeric_offset(text) ELSE text END;

CREATE OR REPLACE MACRO known_month(text, format) AS
    CASE WHEN contains(format, '%b') THEN english_months(text) ELSE text END;

CREATE OR REPLACE MACRO strptime_text(text, format) AS
    CASE
        WHEN contains(format, '%f')
            THEN regexp_replace(known_month(known_offset(text, format), format), '([.,]\d{6})\d+', '\1')
        -- Without separators %m and %d take one digit where there are not two.
        WHEN starts_with(format, '%Y%m%d') AND NOT regexp_matches(text, '^\d{8}') THEN NULL
        ELSE known_month(known_offset(text, format), format)
    END;

-- The format is never empty for try_strptime, which refuses such a one even in a branch not taken.
CREATE OR REPLACE MACRO strptime_day(text, format, zone, naive_zone) AS
    CASE
        WHEN regexp_matches(format, '%[zZ]')
            THEN CASE
                WHEN ends_with(format, '%Z')
                    OR regexp_matches(text, '(?:Z|UTC|GMT|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)(?:\s*\(.*\))?$')
                    THEN timezone(
                        zone,
                        try_strptime(
                            strptime_text(text, format), coalesce(nullif(format, ''), '%Y-%m-%d')
                        )::TIMESTAMPTZ
                    )::DATE
            END
        WHEN regexp_matches(format, '%-?[HIcTX]')
            THEN naive_day(
                try_strptime(strptime_text(text, format), coalesce(nullif(format, ''), '%Y-%m-%d'))::TIMESTAMP,
                zone,
                naive_zone
            )
        ELSE try_strptime(strptime_text(text, format), coalesce(nullif(format, ''), '%Y-%m-%d'))::TIMESTAMP::DATE
    END;

-- kind: 'iso', 'excel', 'epoch', 'epoch_ms', or 'strptime' with its format.  zone: in which a moment becomes a day;
-- naive_zone: of moments written without an offset.
CREATE OR REPLACE MACRO day_of(text, kind, format, zone, naive_zone) AS
    CASE kind
        WHEN 'iso' THEN iso_day(bare(text), zone, naive_zone)
        WHEN 'excel' THEN excel_day(bare(text), zone, naive_zone)
        WHEN 'epoch' THEN epoch_day(bare(text), 1, zone)
        WHEN 'epoch_ms' THEN epoch_day(bare(text), 1000, zone)
        WHEN 'strptime' THEN strptime_day(bare(text), format, zone, naive_zone)
    END;

-- Amounts -------------------------------------------------------------------------------------------------------------

-- One character each for the minus, the spaces and the apostrophes; an opening parenthesis is a minus, too.
CREATE OR REPLACE MACRO plain_marks(text) AS translate(text, '−’(' || chr(160) || chr(8201) || chr(8239), '-''-   ');

CREATE OR REPLACE MACRO currency_pattern() AS
    '(?:[Kk][Rr]\.?|[A-Z]{3}|[A-Z]{0,2}[$]|[€£¥₹]|zł|Kč)';

-- A whole number, with or without marks between its thousands; before such a mark no number begins with a zero.
CREATE OR REPLACE MACRO number_pattern(decimal) AS
    '(?:\d+|[1-9]\d{0,2}(?: \d{3})+|[1-9]\d{0,2}(?:''\d{3})+|[1-9]\d{0,2}(?:['
    || CASE WHEN decimal = ',' THEN '.' ELSE ',' END || ']\d{3})+)';

-- Signs and number as a text that casts to a number if there is no more than one sign; '' for all else.
CREATE OR REPLACE MACRO number_text(text, decimal) AS
    translate(
        regexp_replace(
            plain_marks(bare(text)),
            '(?s)^([+-]?) *' || currency_pattern() || '? *([+-]?) *'
            || '(?:(' || number_pattern(decimal) || ')[,.:]-'  -- 1 299,-
            || '|(' || number_pattern(decimal) || '(?:[' || decimal || ']\d*)?|[' || decimal || ']\d+) *(-?)'
            || ')(?: *' || currency_pattern() || ')? *(-?)$|^.*$',
            '\6\5\2\1\3\4'
        ),
        CASE WHEN decimal = ',' THEN ',. ''' ELSE ', ''' END,
        CASE WHEN decimal = ',' THEN '.' ELSE '' END
    );

-- DECIMAL(18, 6), rounded; NULL where the text is no amount.  decimal: '.' or ','.
CREATE OR REPLACE MACRO amount_of(text, decimal) AS
    try_cast(
        CASE
            WHEN decimal = '.' AND regexp_full_match(text, '[+-]?(\d+[.]?\d*|[.]\d+)([eE][+-]?\d{1,3})?') THEN text
            WHEN decimal = ',' AND regexp_full_match(text, '[+-]?(\d+,?\d*|,\d+)') THEN replace(text, ',', '.')
            -- Parentheses are a minus: one pair, round the number, and no sign beside.
            WHEN contains(text, '(') OR contains(text, ')')
                THEN CASE
                    WHEN regexp_full_match(text, '[^()+−-]*\([^()+−-]*\d[^()+−-]*\)[^()+−\d-]*')
                        THEN number_text(replace(text, ')', ' '), decimal)
                END
            ELSE number_text(text, decimal)
        END AS DECIMAL(18, 6)
    );

-- Whether a text is a number with this decimal mark, and none with the other.
CREATE OR REPLACE MACRO proves_mark(text, decimal) AS
    amount_of(text, decimal) IS NOT NULL AND amount_of(text, CASE decimal WHEN ',' THEN '.' ELSE ',' END) IS NULL;

-- ISO code of the currency that stands with an amount; of a sign that several currencies share, the sign itself.
CREATE OR REPLACE MACRO currency_of(text) AS
    CASE
        WHEN regexp_full_match(text, '[0-9., +-]*') THEN NULL
        WHEN regexp_matches(text, '(?:^|[^A-Za-z])[A-Z]{3}(?:[^A-Za-z]|$)')
            THEN regexp_extract(text, '(?:^|[^A-Za-z])([A-Z]{3})(?:[^A-Za-z]|$)', 1)
        WHEN contains(text, '€') THEN 'EUR'
        WHEN contains(text, '£') THEN 'GBP'
        WHEN contains(text, '₹') THEN 'INR'
        WHEN contains(text, 'zł') THEN 'PLN'
        WHEN contains(text, 'Kč') THEN 'CZK'
        WHEN contains(text, 'US$') THEN 'USD'
        WHEN contains(text, '$') THEN '$'
        WHEN contains(text, '¥') THEN '¥'
        WHEN regexp_matches(text, '(?i)(?:^|[^a-z])kr(?:[^a-z]|$)') THEN 'kr'
    END;

-- Marks and words -----------------------------------------------------------------------------------------------------

-- Whether the whole text is what spreadsheets call the row with the total.
CREATE OR REPLACE MACRO says_total(text) AS
    coalesce(
        rtrim(regexp_replace(lower(bare(text)), '\s+', ' ', 'g'), ' :.') IN (
            'total', 'totals', 'total sum', 'total amount', 'grand total', 'grand totals', 'sum', 'sum total', 'sums',
            'subtotal', 'subtotals', 'sub total', 'sub-total', 'net total', 'gross total', 'overall total',
            'total net', 'total gross', 'net payout', 'total payout', 'report total',
            'totalt', 'totalsum', 'totalbeløp', 'total sum', 'sum totalt', 'delsum', 'til utbetaling',
            'til utbetaling netto', 'netto til utbetaling', 'sum til utbetaling', 'netto utbetaling',
            'netto utbetalt', 'til sammen', 'tilsammen', 'sammenlagt',
            'i alt', 'ialt', 'subtotal i alt', 'total i alt', 'sum i alt', 'til udbetaling', 'netto til udbetaling',
            'totalbeløb',
            'summa', 'totalsumma', 'slutsumma', 'delsumma', 'summa totalt', 'att betala ut', 'att utbetala',
            'netto att utbetala', 'totalbelopp', 'tillsammans',
            'yhteensä', 'kaikki yhteensä', 'kokonaissumma', 'välisumma', 'loppusumma', 'maksetaan yhteensä',
            'summe', 'gesamt', 'gesamtsumme', 'gesamtbetrag', 'zwischensumme', 'endsumme', 'insgesamt', 'summe gesamt',
            'auszahlungsbetrag'
        ),
        false
    );

-- A mark in a column of marks: blank is none, these words are no, all else is yes.
CREATE OR REPLACE MACRO flag_of(text) AS
    CASE
        WHEN bare(text) <> ''
            THEN lower(bare(text)) NOT IN ('no', 'nei', 'nej', 'ei', 'nein', 'false', 'f', 'n', '0', '0.0')
    END;

-- Contact keys --------------------------------------------------------------------------------------------------------

-- x@y.z of a text, in lower case and composed Unicode, without "mailto:" and what follows a plus; else NULL.
CREATE OR REPLACE MACRO mailbox(text) AS
    nullif(
        regexp_extract(
            regexp_replace(
                regexp_replace(nfc_normalize(lower(bare(text))), '^mailto:\s*', ''), '^([^@+]+)[+][^@]*@', '\1@'
            ),
            '^[^@\s,;<>"]+@[^@\s,;<>".]+(?:[.][^@\s,;<>".]+)+$'
        ),
        ''
    );

-- Two spellings of one mailbox have one key; Gmail's dots do not count.
CREATE OR REPLACE MACRO email_key(text) AS
    CASE
        WHEN regexp_matches(mailbox(text), '@(?:gmail|googlemail)[.]com$')
            THEN nullif(replace(split_part(mailbox(text), '@', 1), '.', ''), '') || '@gmail.com'
        ELSE mailbox(text)
    END;

-- A phone number's digits without the + or 00 in front; NULL for what is none: other characters in it (4.79E+10), fewer
-- than seven digits, one digit all along (99999999).  Numbers that became decimals lose their ".0".
CREATE OR REPLACE MACRO phone_digits(text) AS
    nullif(
        regexp_extract(
            regexp_replace(
                regexp_replace(bare(text), '[.]0$|^([+]\d[^()]*)[(]0[)]', '\1'),
                '[\s\x{00a0}\x{2009}\x{202f}()./''\x{2010}\x{2011}\x{2013}-]', '', 'g'
            ),
            '^(?:[+]|00)?(\d{7,})$',
            1
        ),
        ''
    );

CREATE OR REPLACE MACRO phone_key(text) AS
    CASE WHEN replace(phone_digits(text), left(phone_digits(text), 1), '') <> '' THEN phone_digits(text) END;
