//! Colours and how well one can be read on another.

/// A colour as red, green and blue.
pub(crate) type Rgb = [u8; 3];

/// A colour that may let through what is behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rgba {
    pub(crate) rgb: Rgb,
    /// 0, not to be seen, to 1.
    pub(crate) alpha: f64,
}

impl Rgba {
    /// A colour that lets nothing through.
    pub(crate) fn opaque(rgb: Rgb) -> Self {
        Self { rgb, alpha: 1.0 }
    }

    /// What is seen of it in front of another.
    pub(crate) fn over(self, behind: Rgb) -> Rgb {
        let mut seen = behind;
        for (seen, own) in seen.iter_mut().zip(self.rgb) {
            let mixed = f64::from(own) * self.alpha + f64::from(*seen) * (1.0 - self.alpha);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two bytes")]
            let mixed = mixed.round() as u8;
            *seen = mixed;
        }
        seen
    }
}

/// Reads a colour as CSS writes it: `#rgb`, `#rrggbb`, `rgb(…)`, a name. `None` for what is no colour.
pub(crate) fn parse(css: &str) -> Option<Rgba> {
    let colour = csscolorparser::parse(css.trim()).ok()?;
    let [red, green, blue, _] = colour.to_rgba8();
    Some(Rgba { rgb: [red, green, blue], alpha: f64::from(colour.a).clamp(0.0, 1.0) })
}

/// How a colour is written in a message to people.
pub(crate) fn name([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// The relative luminance of a colour, 0 to 1 (WCAG 2.2, <https://www.w3.org/TR/WCAG22/#dfn-relative-luminance>).
pub(crate) fn luminance(rgb: Rgb) -> f64 {
    let linear = rgb.map(|channel| {
        let c = f64::from(channel) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

/// The contrast of two colours, 1 to 21 (WCAG 2.2, <https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>).
pub(crate) fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrasts_are_those_that_the_guidelines_give() {
        for (one, other, expected) in [
            ("#000", "white", 21.0),
            ("#777777", "#fff", 4.48),
            ("rgb(118, 118, 118)", "#ffffff", 4.54),
            ("#ececec", "#fff8dc", 1.11),
            ("red", "RED", 1.0),
        ] {
            let found = contrast(parse(one).expect(one).rgb, parse(other).expect(other).rgb);
            assert!((found - expected).abs() < 0.01, "{one} {other} {found}");
        }
        for none in ["inherit", "", "url(x.png)", "#12345"] {
            assert_eq!(parse(none), None, "{none}");
        }
    }

    #[test]
    fn what_lets_something_through_is_mixed_with_what_is_behind() {
        let seen = |colour: &str, behind| name(parse(colour).expect(colour).over(behind));
        assert_eq!(seen("rgba(0,0,0,0.5)", [255; 3]), "#808080");
        assert_eq!(seen("transparent", [1, 2, 3]), "#010203");
        assert_eq!(seen("#ff0000", [1, 2, 3]), "#ff0000");
    }
}
