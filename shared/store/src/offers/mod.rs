//! What customers are given: coupons with the pools that their codes come from, and referral codes with their visits.

pub mod coupons;
pub mod pools;
pub mod referral_codes;
