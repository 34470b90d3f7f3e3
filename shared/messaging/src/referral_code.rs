//! The referral codes that a customer may get, before it is known which one is free.

use crate::key_ring::KeyRing;
use rekindle_lifecycle::id::{CustomerId, ShopId};

/// How many codes are tried until one is free.
const MAX_CANDIDATES: u32 = 5;

impl KeyRing {
    /// The codes that a customer may get, best first: always the same.
    pub fn referral_codes(&self, shop: &ShopId, customer: &CustomerId) -> impl Iterator<Item = String> + Send + use<> {
        let code =
            |attempt: u32| self.short_code(&["referral", shop.as_str(), customer.as_str(), &attempt.to_string()]);
        (0..MAX_CANDIDATES).map(code).collect::<Vec<_>>().into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_is_offered_the_same_codes_every_time_and_no_other_customer_is() {
        let ring = r#"{"current":1,"keys":[{"id":1,"secret":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}]}"#;
        let ring = KeyRing::parse(ring, jiff::Timestamp::UNIX_EPOCH).expect("a ring");
        let codes = |shop: &str, customer: &str| -> Vec<String> {
            let (shop, customer) = (ShopId::parse(shop).expect("an id"), CustomerId::parse(customer).expect("an id"));
            ring.referral_codes(&shop, &customer).collect()
        };
        let anna = codes("vinyl", "anna");
        assert_eq!(anna, codes("vinyl", "anna"));
        let mut all = [anna, codes("vinyl", "bob"), codes("tea", "anna")].concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 15);
        assert!(all.iter().all(|code| rekindle_lifecycle::short_code::is_valid(code)));
    }
}
