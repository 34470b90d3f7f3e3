//! Names that a shop has of its own for events that the engine knows.

use serde::Deserialize;
use std::collections::BTreeMap;

/// Names that a shop has of its own for events that the engine knows. Names are compared by their letters and digits, in any case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "BTreeMap<String, String>")]
pub struct EventNames(Vec<EventName>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct EventName {
    /// As the shop writes it.
    own: String,
    letters: String,
    meant: String,
}

impl EventNames {
    /// The names that can be meant: those of Segment's specification that change anything here.
    pub const KNOWN: [&'static str; 19] = [
        "Order Completed",
        "Order Placed",
        "Order Updated",
        "Order Cancelled",
        "Order Refunded",
        "Product Viewed",
        "Product Clicked",
        "Product Added",
        "Product Removed",
        "Product Shared",
        "Product Reviewed",
        "Product Added to Wishlist",
        "Product Removed from Wishlist",
        "Cart Viewed",
        "Checkout Started",
        "Coupon Entered",
        "Coupon Applied",
        "Coupon Denied",
        "Coupon Removed",
    ];

    /// What a name means, if the shop says so.
    #[must_use]
    pub fn meant_by(&self, name: &str) -> Option<&str> {
        if self.0.is_empty() {
            return None;
        }
        let letters = letters(name);
        self.0.iter().find(|known| known.letters == letters).map(|known| known.meant.as_str())
    }

    /// How many names there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps only the first `most` names.
    pub(crate) fn truncate(&mut self, most: usize) {
        self.0.truncate(most);
    }

    /// The first name that cannot be used, and the predicate of a sentence about it.
    pub(crate) fn mistake(&self) -> Option<(&str, String)> {
        self.0.iter().enumerate().find_map(|(place, EventName { own, letters, meant })| {
            let is_known = |letters: &str| Self::KNOWN.iter().any(|known| self::letters(known) == letters);
            let reason = if letters.is_empty() {
                "is a name without letters and digits".to_owned()
            } else if is_known(letters) {
                "is known already, and means what it says".to_owned()
            } else if self.0[..place].iter().any(|before| before.letters == *letters) {
                "is there twice, in two spellings".to_owned()
            } else if !Self::KNOWN.contains(&meant.as_str()) {
                format!("means {meant:?}, which must be one of {}", Self::KNOWN.join(", "))
            } else {
                return None;
            };
            Some((own.as_str(), reason))
        })
    }
}

impl From<BTreeMap<String, String>> for EventNames {
    fn from(names: BTreeMap<String, String>) -> Self {
        let name = |(own, meant): (String, String)| EventName { letters: letters(&own), own, meant };
        Self(names.into_iter().map(name).collect())
    }
}

/// The letters and digits of a name, in small letters.
fn letters(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[(&str, &str)]) -> EventNames {
        let all = names.iter().map(|(own, meant)| ((*own).to_owned(), (*meant).to_owned()));
        EventNames::from(all.collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn a_name_means_what_the_shop_says_however_it_is_spelled() {
        let names = names(&[("Bestellung abgeschlossen", "Order Completed")]);
        for name in ["Bestellung abgeschlossen", "bestellung_abgeschlossen", "BestellungAbgeschlossen"] {
            assert_eq!(names.meant_by(name), Some("Order Completed"), "{name}");
        }
        assert_eq!(names.meant_by("Bestellung"), None);
        assert_eq!(names.mistake(), None);
    }

    #[test]
    fn a_name_that_means_nothing_known_or_is_known_itself_is_a_mistake() {
        for (own, meant, reason) in [
            ("Kauf", "Purchase", "which must be one of Order Completed, "),
            ("Kauf", "order completed", "which must be one of"),
            ("order_placed", "Order Completed", "is known already"),
            ("--", "Order Completed", "without letters"),
        ] {
            let found = names(&[(own, meant)]);
            let (name, told) = found.mistake().expect("a mistake");
            assert!(name == own && told.contains(reason), "{name} {told}");
        }
        let twice = names(&[("my buy", "Order Completed"), ("My-Buy", "Order Placed")]);
        assert!(twice.mistake().is_some_and(|(_, told)| told.contains("twice")));
    }
}
