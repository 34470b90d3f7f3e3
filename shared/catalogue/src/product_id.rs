//! Which product, which variant.

use std::fmt;

/// What can be bought: a product, or one variant of it. The ids are the shop's own, as its order lines have them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductId {
    product: String,
    variant: Option<String>,
}

impl ProductId {
    /// Longest id of a product or a variant, in bytes.
    pub const MAX_LEN: usize = 200;

    /// A product, or one variant of it. `None` if an id is empty, longer than [`ProductId::MAX_LEN`] or has control characters. A
    /// variant with the product's own id is the product: shop systems make one for a product that comes in one form only.
    #[must_use]
    pub fn new(product: &str, variant: Option<&str>) -> Option<Self> {
        let usable = |id: &str| {
            let id = id.trim();
            let is_usable = !id.is_empty() && id.len() <= Self::MAX_LEN && !id.chars().any(char::is_control);
            is_usable.then(|| id.to_owned())
        };
        let product = usable(product)?;
        let variant = match variant {
            Some(variant) => Some(usable(variant)?).filter(|variant| *variant != product),
            None => None,
        };
        Some(Self { product, variant })
    }

    /// The product.
    #[must_use]
    pub fn product(&self) -> &str {
        &self.product
    }

    /// The variant, if it is one.
    #[must_use]
    pub fn variant(&self) -> Option<&str> {
        self.variant.as_deref()
    }

    /// The product of which it is a variant; itself, if it is none.
    #[must_use]
    pub fn whole(&self) -> Self {
        Self { product: self.product.clone(), variant: None }
    }
}

impl fmt::Display for ProductId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.variant {
            Some(variant) => write!(f, "{}, {variant}", self.product),
            None => f.write_str(&self.product),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_cannot_be_one_are_none() {
        assert!(ProductId::new("T-100", None).is_some());
        assert!(ProductId::new("", None).is_none());
        assert!(ProductId::new("  ", None).is_none());
        assert!(ProductId::new("a\nb", None).is_none());
        assert!(ProductId::new("a", Some("")).is_none());
        assert!(ProductId::new(&"x".repeat(ProductId::MAX_LEN + 1), None).is_none());
    }

    #[test]
    fn a_variant_with_the_products_own_id_is_the_product() {
        assert_eq!(ProductId::new("77", Some(" 77 ")), ProductId::new("77", None));
        assert_eq!(ProductId::new("77", Some("78")).map(|id| id.whole()), ProductId::new("77", None));
    }
}
