//! Colours and how well one can be read on another.

/// A colour as red, green and blue.
pub(crate) type Rgb = [u8; 3];

/// Reads a colour as CSS writes it: `#rgb`, `#rrggbb`, `rgb(…)`, a name. `None` for what is no opaque colour.
pub(crate) fn parse(css: &str) -> Option<Rgb> {
    let colour = csscolorparser::parse(css.trim()).ok()?;
    let [red, green, blue, alpha] = colour.to_rgba8();
    (alpha == u8::MAX).then_some([red, green, blue])
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
            let found = contrast(parse(one).expect(one), parse(other).expect(other));
            assert!((found - expected).abs() < 0.01, "{one} {other} {found}");
        }
        for none in ["transparent", "inherit", "rgba(0,0,0,0.5)", "", "url(x.png)", "#12345"] {
            assert_eq!(parse(none), None, "{none}");
        }
    }
}
