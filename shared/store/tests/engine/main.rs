//! The store against the real engine, behind the real SDK client.

mod api_keys;
mod coupons;
mod customers_of_shop;
mod erasure;
mod evidence;
mod fact_scan;
mod facts;
mod inbound_text_log;
mod mailboxes;
mod opt_out_mirror;
mod phone_numbers;
mod policy_versions;
mod prime;
mod products;
mod quarantine;
mod recent_facts;
mod referral_codes;
mod reputation;
mod sending_pause;
mod sending_rate;
mod settings;
mod shop_list;
mod suppressions;
mod tables;
mod tasks;
mod timeline;
