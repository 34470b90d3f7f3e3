//! A number with its interval, as a picture: a line from its lower to its upper end, a dot for the number, and where zero is.

use serde::Serialize;

/// Half of the picture's width, in its own units: zero is in the middle.
const HALF: f64 = 100.0;
/// The smallest range that is drawn, in the number's units, either way: a small effect must not look large.
const MIN_RANGE: f64 = 5.0;

/// Where the parts of the picture are, from 0 to 200.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Interval {
    from: String,
    to: String,
    dot: String,
}

impl Interval {
    /// The picture of a number, if it is known.
    pub(crate) fn new(value: Option<f64>, lo: Option<f64>, hi: Option<f64>) -> Option<Self> {
        let (value, lo, hi) = (value?, lo?, hi?);
        let range = lo.abs().max(hi.abs()).max(MIN_RANGE);
        let place = |number: f64| format!("{:.1}", HALF + number / range * (HALF - 4.0));
        [value, lo, hi].iter().all(|number| number.is_finite()).then(|| Self {
            from: place(lo),
            to: place(hi),
            dot: place(value),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_in_the_middle_and_the_larger_end_at_the_edge() {
        let picture = Interval::new(Some(5.0), Some(-10.0), Some(20.0)).expect("known");
        let expected = Interval { from: "52.0".to_owned(), to: "196.0".to_owned(), dot: "124.0".to_owned() };
        assert_eq!(picture, expected);
        let small = Interval::new(Some(0.5), Some(0.0), Some(1.0)).expect("known");
        assert_eq!((small.from.as_str(), small.to.as_str()), ("100.0", "119.2"));
        assert_eq!(Interval::new(None, Some(0.0), Some(1.0)), None);
        assert_eq!(Interval::new(Some(f64::NAN), Some(0.0), Some(1.0)), None);
    }
}
