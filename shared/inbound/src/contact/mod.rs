//! Addresses and phone numbers, in the notations in which shops have them.
mod email;
mod invisible;
mod phone;

pub use email::parse_email;
pub(crate) use phone::is_national_number;
pub use phone::parse_phone;
