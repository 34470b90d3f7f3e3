//! Ids that spreadsheets and data tools have changed on their way.

/// What the values of a column of ids have in common.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct IdColumn {
    /// One ends with `.0`.
    has_float: bool,
    /// One has another fraction, or is no number.
    has_other: bool,
}

impl IdColumn {
    pub(crate) fn note(&mut self, text: &str) {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_whole = fraction.bytes().all(|byte| byte == b'0') && !fraction.is_empty();
        self.has_float |= is_whole && text.contains('.') && is_digits(whole);
        self.has_other |= !is_whole && is_digits(whole);
    }

    /// Whether ids lose fractions of zeros.
    pub(crate) fn loses_fractions(self) -> bool {
        self.has_float && !self.has_other
    }

    /// The id of a value: in a column that a program took for numbers with fractions, without the fraction of zeros.
    pub(crate) fn id(self, text: &str) -> &str {
        match text.split_once('.') {
            Some((whole, fraction)) if self.loses_fractions() && is_digits(whole) && is_zeros(fraction) => whole,
            _ => text,
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_zeros(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'0')
}

/// Why an id can no longer be told from others, if that is so. The text is the predicate of a sentence about the field.
pub(crate) fn damage(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let (number, exponent) = lower.split_once("e+")?;
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','));
    let is_shortened = is_number && number.starts_with(|c: char| c.is_ascii_digit()) && is_digits(exponent);
    is_shortened.then(|| {
        format!(
            "is {:?}: a spreadsheet shortened it, and several ids look alike now; export the file again and do not save it in a \
             spreadsheet, or make the column text there",
            text.chars().take(32).collect::<String>()
        )
    })
}

/// Whether a value stands for a customer's id that is not there.
pub(crate) fn is_no_id(text: &str) -> bool {
    const WORDS: [&str; 10] = ["0", "null", "none", "nan", "n/a", "#n/a", "na", "-", "guest", "undefined"];
    WORDS.contains(&text.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_a_column_of_fractions_lose_the_fraction() {
        let column = |values: &[&str]| {
            let mut column = IdColumn::default();
            values.iter().for_each(|value| column.note(value));
            values.iter().map(|value| column.id(value).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(column(&["17850.0", "17850", "13047.00"]), ["17850", "17850", "13047"]);
        assert_eq!(column(&["17850.0", "C536379"]), ["17850", "C536379"]);
        // Versions are not fractions.
        assert_eq!(column(&["1.0", "1.1"]), ["1.0", "1.1"]);
        assert_eq!(column(&["a.0", "007"]), ["a.0", "007"]);
    }

    #[test]
    fn what_a_spreadsheet_shortened_is_damaged() {
        for text in ["6.12346E+12", "6E+12", "6,12346e+012"] {
            assert!(damage(text).is_some_and(|reason| reason.contains("spreadsheet")), "{text}");
        }
        for text in ["12E34", "anna", "e+1", "1e+x", "612346000000"] {
            assert_eq!(damage(text), None, "{text}");
        }
    }
}
