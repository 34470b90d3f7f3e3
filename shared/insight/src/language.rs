//! The languages in which results are said, and how each writes numbers.

/// A language in which results are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Russian.
    Russian,
}

impl Language {
    /// A whole number with the form of its noun: one (1; Russian 21, 31, …), few (Russian 2–4, 22–24, …), many.
    /// English takes the second form for all but 1. The rules are those of Unicode CLDR.
    #[must_use]
    pub fn count(self, n: u64, forms: [&str; 3]) -> String {
        let form = match self {
            Self::English => usize::from(n != 1),
            Self::Russian => match (n % 10, n % 100) {
                (1, tens) if tens != 11 => 0,
                (2..=4, tens) if !(12..=14).contains(&tens) => 1,
                _ => 2,
            },
        };
        format!("{} {}", self.whole(n), forms[form])
    }

    /// A whole number: `12,345` or, with no-break spaces, `12 345`.
    #[must_use]
    pub fn whole(self, n: u64) -> String {
        let digits = n.to_string();
        let mut text = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(match self {
                    Self::English => ',',
                    Self::Russian => '\u{a0}',
                });
            }
            text.push(digit);
        }
        text
    }

    /// A number with this many decimals: `1.4` or `1,4`.
    #[must_use]
    pub fn decimal(self, value: f64, decimals: usize) -> String {
        let text = format!("{value:.decimals$}");
        // What rounds to zero has no sign.
        let text = match text.strip_prefix('-') {
            Some(zero) if zero.chars().all(|digit| matches!(digit, '0' | '.')) => zero.to_owned(),
            _ => text,
        };
        match self {
            Self::English => text,
            Self::Russian => text.replace('.', ","),
        }
    }

    /// An amount in major units with two decimals and groups of digits: `1,365,000.00`.
    #[must_use]
    pub fn amount(self, amount: f64) -> String {
        let text = self.decimal(amount.abs(), 2);
        let (whole, rest) = text.split_at(text.len() - 3);
        let whole = whole.parse().map_or_else(|_| whole.to_owned(), |whole| self.whole(whole));
        // What rounds to nothing has no sign.
        let is_nothing = text.bytes().all(|byte| !matches!(byte, b'1'..=b'9'));
        let sign = if amount < 0.0 && !is_nothing { "-" } else { "" };
        format!("{sign}{whole}{rest}")
    }

    /// An amount with its interval: `100.00 (80.00–120.00)`.
    #[must_use]
    pub fn amount_between(self, (amount, lo, hi): (f64, f64, f64)) -> String {
        format!("{} ({}–{})", self.amount(amount), self.amount(lo), self.amount(hi))
    }

    /// A share in percent with one decimal, and no unit: `17.4` or `17,4`.
    #[must_use]
    pub fn percent(self, share: f64) -> String {
        self.decimal(share * 100.0, 1)
    }

    /// A share with its interval: `17.4 % (15.9–19.0)`.
    #[must_use]
    pub fn percent_between(self, (share, lo, hi): (f64, f64, f64)) -> String {
        format!("{}\u{a0}% ({}–{})", self.percent(share), self.percent(lo), self.percent(hi))
    }

    /// So many days: `50 days`, `50 дней`.
    #[must_use]
    pub fn days(self, days: u64) -> String {
        match self {
            Self::English => self.count(days, ["day", "days", ""]),
            Self::Russian => self.count(days, ["день", "дня", "дней"]),
        }
    }

    /// Within this many days: `within 50 days`, `в течение 50 дней`.
    #[must_use]
    pub fn within_days(self, days: u64) -> String {
        match self {
            Self::English => format!("within {}", self.days(days)),
            Self::Russian => format!("в течение {}", self.count(days, ["дня", "дней", "дней"])),
        }
    }

    /// Within the horizon of a curve: `within a year`, or fewer days if the history is shorter.
    #[must_use]
    pub fn horizon(self, days: u32) -> String {
        match self {
            Self::English if days >= 365 => "within a year".to_owned(),
            Self::Russian if days >= 365 => "в течение года".to_owned(),
            _ => self.within_days(u64::from(days)),
        }
    }

    /// So many customers: `50 customers`, `50 покупателей`.
    #[must_use]
    pub fn customers(self, customers: u64) -> String {
        match self {
            Self::English => self.count(customers, ["customer", "customers", ""]),
            Self::Russian => self.count(customers, ["покупатель", "покупателя", "покупателей"]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_follow_their_numbers() {
        let days = |n| Language::Russian.days(n);
        assert_eq!(
            [1, 2, 5, 11, 12, 21, 24, 111].map(days),
            ["1 день", "2 дня", "5 дней", "11 дней", "12 дней", "21 день", "24 дня", "111 дней"]
        );
        assert_eq!([0, 1, 2, 21].map(|n| Language::English.days(n)), ["0 days", "1 day", "2 days", "21 days"]);
    }

    #[test]
    fn numbers_are_written_as_each_language_does() {
        assert_eq!(Language::English.whole(1_234_567), "1,234,567");
        assert_eq!(Language::Russian.whole(12_345), "12\u{a0}345");
        assert_eq!(Language::English.whole(999), "999");
        assert_eq!(Language::Russian.decimal(1.44, 1), "1,4");
        assert_eq!(Language::English.decimal(-0.04, 1), "0.0");
        assert_eq!(Language::English.amount(1_365_000.0), "1,365,000.00");
        assert_eq!(Language::Russian.amount(-1_234.5), "-1\u{a0}234,50");
        assert_eq!(Language::English.amount(-0.001), "0.00");
        assert_eq!(Language::English.percent_between((0.174, 0.1592, 0.19)), "17.4\u{a0}% (15.9–19.0)");
    }
}
