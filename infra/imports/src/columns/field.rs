//! The fields that columns may be.

use std::fmt;

macro_rules! fields {
    ($($(#[$about:meta])* $name:ident = $word:literal,)*) => {
        /// A field of an order, of one of its lines, or of a customer.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field {
            $($(#[$about])* $name,)*
        }

        impl Field {
            /// All fields.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in options and messages.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

fields! {
    /// Who ordered.
    CustomerId = "customer_id",
    /// The order.
    OrderId = "order_id",
    /// What rows of one order have in common, if that is not its id.
    OrderName = "order_name",
    /// When it was ordered.
    OrderedAt = "ordered_at",
    /// What was paid: of the order, or of the line.
    Amount = "amount",
    /// The currency of all amounts of the row.
    Currency = "currency",
    /// The state of the order.
    Status = "status",
    /// An e-mail address.
    Email = "email",
    /// A phone number.
    Phone = "phone",
    /// A first name.
    FirstName = "first_name",
    /// A last name.
    LastName = "last_name",
    /// A whole name.
    Name = "name",
    /// A language.
    Language = "language",
    /// A time zone of the customer.
    TimeZone = "timezone",
    /// How much of the order went back.
    RefundedAmount = "refunded_amount",
    /// When it went back.
    RefundedAt = "refunded_at",
    /// When the order was cancelled.
    CancelledAt = "cancelled_at",
    /// The sum of the lines.
    Subtotal = "subtotal",
    /// What shipping cost.
    Shipping = "shipping",
    /// Taxes.
    Tax = "tax",
    /// Discounts of the order.
    Discount = "discount",
    /// A coupon's code.
    Coupon = "coupon",
    /// The product of a line.
    ProductId = "product_id",
    /// The variant of the product.
    VariantId = "variant_id",
    /// The shop's own number of the article.
    Sku = "sku",
    /// The product's name.
    ProductName = "product_name",
    /// The variant's name.
    Variant = "variant",
    /// A category.
    Category = "category",
    /// A brand.
    Brand = "brand",
    /// How many.
    Quantity = "quantity",
    /// The price of one.
    UnitPrice = "unit_price",
    /// The discount of the line.
    LineDiscount = "line_discount",
    /// What the line cost in all.
    LineTotal = "line_total",
    /// Consent to marketing by e-mail.
    EmailConsent = "email_consent",
    /// When it was given or refused.
    EmailConsentAt = "email_consent_at",
    /// Consent to marketing by text message.
    SmsConsent = "sms_consent",
    /// When it was given or refused.
    SmsConsentAt = "sms_consent_at",
    /// Why no mail may be sent.
    Suppression = "suppression",
    /// Since when.
    SuppressedAt = "suppressed_at",
    /// The name of what happened.
    Event = "event",
    /// When it happened.
    EventAt = "event_at",
    /// The id of what happened.
    EventId = "event_id",
}

impl Field {
    /// The field of a name.
    ///
    /// # Errors
    /// There is none; the message lists all.
    pub fn parse(word: &str) -> Result<Self, String> {
        let plain = word.trim().to_lowercase().replace(['-', ' '], "_");
        Self::ALL.iter().find(|field| field.word() == plain).copied().ok_or_else(|| {
            let words: Vec<&str> = Self::ALL.iter().map(|field| field.word()).collect();
            format!("{word:?} is none of {}", words.join(", "))
        })
    }

    /// Whether its values are amounts of money.
    pub(crate) fn is_money(self) -> bool {
        matches!(
            self,
            Self::Amount
                | Self::RefundedAmount
                | Self::Subtotal
                | Self::Shipping
                | Self::Tax
                | Self::Discount
                | Self::UnitPrice
                | Self::LineDiscount
                | Self::LineTotal
        )
    }

    /// Whether its values are moments.
    pub(crate) fn is_date(self) -> bool {
        matches!(
            self,
            Self::OrderedAt
                | Self::RefundedAt
                | Self::CancelledAt
                | Self::EmailConsentAt
                | Self::SmsConsentAt
                | Self::SuppressedAt
                | Self::EventAt
        )
    }

    /// Whether its values are ids.
    pub(crate) fn is_id(self) -> bool {
        matches!(
            self,
            Self::CustomerId | Self::OrderId | Self::OrderName | Self::ProductId | Self::VariantId | Self::EventId
        )
    }

    /// Whether it is of a line of an order, and not of the whole order.
    pub(crate) fn is_of_line(self) -> bool {
        matches!(
            self,
            Self::ProductId
                | Self::VariantId
                | Self::Sku
                | Self::ProductName
                | Self::Variant
                | Self::Category
                | Self::Brand
                | Self::Quantity
                | Self::UnitPrice
                | Self::LineDiscount
                | Self::LineTotal
        )
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
