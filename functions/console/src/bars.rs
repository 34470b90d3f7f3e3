//! A bar of shares: how a whole is divided, drawn to scale.

use serde::Serialize;

/// The width of the drawing, in its own units.
const WIDTH: f64 = 1_000.0;
/// The least width of a part that is not empty, so that it is seen.
const MIN_WIDTH: f64 = 4.0;

/// A part of the bar.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) count: u64,
    /// Where it begins.
    pub(crate) x: String,
    /// How wide it is.
    pub(crate) width: String,
}

/// The parts of a bar by their counts; those that are empty are left out.
#[expect(clippy::cast_precision_loss, reason = "a drawing")]
pub(crate) fn parts(counts: &[(&'static str, u64)]) -> Vec<Part> {
    let filled = || counts.iter().filter(|(_, count)| *count > 0);
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    let widths: Vec<f64> = filled().map(|(_, count)| (*count as f64 / total as f64 * WIDTH).max(MIN_WIDTH)).collect();
    let scale = WIDTH / widths.iter().sum::<f64>().max(1.0);
    let mut x = 0.0;
    let part = |((name, count), width): (&(&'static str, u64), f64)| {
        let width = width * scale;
        let part = Part { name, count: *count, x: format!("{x:.1}"), width: format!("{width:.1}") };
        x += width;
        part
    };
    filled().zip(widths).map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_fill_the_bar_and_a_small_one_is_still_seen() {
        let bar = parts(&[("new", 1), ("active", 0), ("lapsed", 99_999)]);
        assert_eq!(bar.iter().map(|part| part.name).collect::<Vec<_>>(), ["new", "lapsed"]);
        let widths: Vec<f64> = bar.iter().map(|part| part.width.parse().expect("a number")).collect();
        assert!(widths[0] > 3.0 && (widths.iter().sum::<f64>() - WIDTH).abs() < 0.2, "{widths:?}");
        assert_eq!(parts(&[("new", 0)]), []);
    }
}
