//! Which of point and comma is the decimal mark of a column, decided by its values.

use super::amount::{Amount, AmountShape, Mark};
use super::decimal::Decimal;

/// The amounts of a column, or of one currency in it, in short.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    point: MarkEvidence,
    comma: MarkEvidence,
}

/// How one of the two marks is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct MarkEvidence {
    /// Bit n: it was the decimal mark with n digits behind it.
    decimal_places: u32,
    /// It stood between thousands.
    is_thousands: bool,
    /// The first unclear amount that ends with a zero, and the first that does not.
    unclear_zero: Option<(u64, String)>,
    unclear_other: Option<(u64, String)>,
}

/// How the marks of a column are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Marks {
    /// Each amount by itself; there is no unclear one.
    #[default]
    Clear,
    /// Unclear amounts have this decimal mark.
    Decimal(Mark),
    /// All amounts have this decimal mark, since an option says so.
    Only(Mark),
}

impl MarkEvidence {
    fn unclear(&self) -> Option<&(u64, String)> {
        [&self.unclear_zero, &self.unclear_other].into_iter().flatten().min_by_key(|(line, _)| *line)
    }

    fn add(&mut self, other: &Self) {
        self.decimal_places |= other.decimal_places;
        self.is_thousands |= other.is_thousands;
        for (mine, its) in
            [(&mut self.unclear_zero, &other.unclear_zero), (&mut self.unclear_other, &other.unclear_other)]
        {
            if mine.is_none() {
                mine.clone_from(its);
            }
        }
    }

    /// Whether the mark, as the decimal one, was used in a way that explains its unclear amounts: with three digits; or with
    /// fewer, by a program that leaves zeros out.
    fn explains_unclear_as_decimals(&self) -> bool {
        let has_three = self.decimal_places & (1 << 3) != 0;
        let varies = self.decimal_places.count_ones() > 1;
        self.decimal_places != 0 && (has_three || (varies && self.unclear_zero.is_none()))
    }
}

impl Evidence {
    /// Notes an amount of a line. `places` are those of its currency: an amount of a currency without decimals has none.
    pub(crate) fn note(&mut self, line: u64, text: &str, amount: Amount, places: Option<usize>) {
        match amount.shape {
            AmountShape::Plain(_) => {}
            AmountShape::Decimal(mark, count, _) => self.evidence_of(mark).decimal_places |= 1 << count.min(31),
            AmountShape::Thousands(mark, _) => self.evidence_of(mark).is_thousands = true,
            AmountShape::Unclear(mark, decimal, _) => {
                if places == Some(0) && decimal.needed_places() > 0 {
                    self.evidence_of(mark).is_thousands = true;
                    return;
                }
                let ends_with_zero = text.trim_end_matches(|c: char| !c.is_ascii_digit()).ends_with('0');
                let own = self.evidence_of(mark);
                let unclear = if ends_with_zero { &mut own.unclear_zero } else { &mut own.unclear_other };
                unclear.get_or_insert_with(|| (line, text.chars().take(32).collect()));
            }
        }
    }

    fn evidence_of(&mut self, mark: Mark) -> &mut MarkEvidence {
        if mark == Mark::Point { &mut self.point } else { &mut self.comma }
    }

    /// The evidence of both.
    pub(crate) fn and(mut self, other: &Self) -> Self {
        self.point.add(&other.point);
        self.comma.add(&other.comma);
        self
    }

    /// The first unclear amount, with its line.
    pub(crate) fn unclear(&self) -> Option<&(u64, String)> {
        [self.point.unclear(), self.comma.unclear()].into_iter().flatten().min_by_key(|(line, _)| *line)
    }

    /// How the unclear amounts of a part are read by what is known of the whole.
    pub(crate) fn decide_for(&self, part: &Self) -> Option<Marks> {
        if part.unclear().is_none() { Some(Marks::Clear) } else { self.decide() }
    }

    /// How the unclear amounts are read; `None` if the evidence does not say.
    pub(crate) fn decide(&self) -> Option<Marks> {
        if self.unclear().is_none() {
            return Some(Marks::Clear);
        }
        let (point, comma) = (&self.point, &self.comma);
        let is_decimal = |own: &MarkEvidence, other: &MarkEvidence| {
            // The other mark is never the decimal one, and this never stands between thousands.
            other.decimal_places == 0
                && !own.is_thousands
                && (own.decimal_places != 0 || other.is_thousands)
                && (own.unclear().is_none() || own.explains_unclear_as_decimals() || other.is_thousands)
        };
        match (is_decimal(point, comma), is_decimal(comma, point)) {
            (true, false) => Some(Marks::Decimal(Mark::Point)),
            (false, true) => Some(Marks::Decimal(Mark::Comma)),
            _ => None,
        }
    }
}

impl Marks {
    /// The number of an amount; `None` if the amount cannot be read so.
    pub(crate) fn number(self, amount: Amount) -> Option<Decimal> {
        let number =
            match (amount.shape, self) {
                (AmountShape::Plain(number), _) => number,
                (AmountShape::Decimal(mark, _, _), Self::Only(only)) if mark != only => return None,
                (AmountShape::Thousands(mark, _), Self::Only(only)) if mark == only => return None,
                (AmountShape::Decimal(_, _, number) | AmountShape::Thousands(_, number), _) => number,
                // Only an amount of a currency without decimals is not decided.
                (AmountShape::Unclear(_, _, thousands), Self::Clear) => thousands,
                (AmountShape::Unclear(mark, decimal, thousands), Self::Decimal(own) | Self::Only(own)) => {
                    if mark == own { decimal } else { thousands }
                }
            };
        Some(if amount.is_negative { number.negated() } else { number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(amounts: &[&str]) -> Option<String> {
        let mut evidence = Evidence::default();
        for (line, text) in amounts.iter().enumerate() {
            evidence.note(line as u64 + 2, text, Amount::parse(text).expect(text), Some(2));
        }
        let marks = evidence.decide()?;
        let last = Amount::parse(amounts.last().expect("an amount")).expect("an amount");
        Some(marks.number(last).expect("readable").to_string())
    }

    #[test]
    fn an_unclear_amount_is_decided_by_the_others_of_its_column() {
        for (amounts, expected) in [
            (&["12.50", "1,500"][..], "1500"),
            (&["12,50", "1.500"], "1500"),
            (&["1.234,56", "1.500"], "1500"),
            (&["1.234.567", "1.500"], "1500"),
            (&["1,234,567", "1.500"], "1.500"),
            // Three decimals elsewhere.
            (&["0.750", "12.500"], "12.500"),
            (&["1234.500", "12.500"], "12.500"),
            // A program that leaves zeros out.
            (&["15.3", "20.34", "1.125"], "1.125"),
        ] {
            assert_eq!(decided(amounts).as_deref(), Some(expected), "{amounts:?}");
        }
    }

    #[test]
    fn an_amount_that_may_be_a_thousand_times_another_is_not_guessed() {
        for amounts in [
            &["1.500"][..],
            &["12", "1.500"],
            // Two decimals elsewhere do not explain three.
            &["12.50", "1.500"],
            &["15.3", "20.34", "1.500"],
            // The evidence contradicts itself.
            &["12,50", "12.50", "1.500"],
            &["1,500", "1.500"],
        ] {
            assert_eq!(decided(amounts), None, "{amounts:?}");
        }
    }

    #[test]
    fn a_currency_without_decimals_decides_by_itself() {
        let mut evidence = Evidence::default();
        evidence.note(2, "1.250", Amount::parse("1.250").expect("an amount"), Some(0));
        let marks = evidence.decide().expect("decided");
        assert_eq!(marks.number(Amount::parse("1.250").expect("an amount")).expect("read").to_string(), "1250");
        evidence.note(3, "250.000", Amount::parse("250.000").expect("an amount"), Some(0));
        let marks = evidence.decide().expect("the other amount shows it");
        assert_eq!(marks.number(Amount::parse("250.000").expect("an amount")).expect("read").to_string(), "250000");
    }
}
