//! Whether something can be bought.

rekindle_lifecycle::stored_codes! {
    /// Whether something can be bought.
    pub enum Availability {
        /// It can be bought.
        InStock = "in_stock",
        /// It can be ordered before it is sold for the first time.
        Preorder = "preorder",
        /// It can be ordered and comes later.
        Backorder = "backorder",
        /// There is none at present.
        OutOfStock = "out_of_stock",
        /// It exists, but is not shown to customers.
        Hidden = "hidden",
        /// It is not sold any more.
        Discontinued = "discontinued",
    }
}

impl Availability {
    /// Reads the word of a feed or a call: the codes, with spaces or hyphens for underscores, in any case; and the addresses of
    /// schema.org's `ItemAvailability`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let word = text.trim().rsplit('/').next().unwrap_or_default();
        let letters: String =
            word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        Some(match letters.as_str() {
            "instock" | "available" | "availablefororder" | "limitedavailability" | "instoreonly" | "onlineonly" => {
                Self::InStock
            }
            "preorder" | "presale" => Self::Preorder,
            "backorder" | "onbackorder" => Self::Backorder,
            "outofstock" | "soldout" | "unavailable" => Self::OutOfStock,
            "hidden" | "draft" | "archived" => Self::Hidden,
            "discontinued" | "deleted" => Self::Discontinued,
            _ => return None,
        })
    }

    /// Whether a customer who is shown it can buy it now.
    #[must_use]
    pub fn can_be_bought(&self) -> bool {
        match self {
            Self::InStock | Self::Preorder | Self::Backorder => true,
            Self::OutOfStock | Self::Hidden | Self::Discontinued | Self::Unrecognised(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_feeds_and_shop_systems_are_understood() {
        for (text, expected) in [
            ("in_stock", Availability::InStock),
            ("in stock", Availability::InStock),
            (" In-Stock ", Availability::InStock),
            ("https://schema.org/InStock", Availability::InStock),
            ("http://schema.org/OutOfStock", Availability::OutOfStock),
            ("onbackorder", Availability::Backorder),
            ("PREORDER", Availability::Preorder),
            ("discontinued", Availability::Discontinued),
        ] {
            assert_eq!(Availability::parse(text), Some(expected), "{text}");
        }
        for code in Availability::CODES {
            assert_eq!(Availability::parse(code).map(|it| it.code().to_owned()).as_deref(), Some(*code));
        }
        assert_eq!(Availability::parse("yes"), None);
        assert_eq!(Availability::parse(""), None);
    }

    #[test]
    fn codes_never_change() {
        insta::assert_snapshot!(
            Availability::CODES.join(" "),
            @"in_stock preorder backorder out_of_stock hidden discontinued"
        );
    }
}
