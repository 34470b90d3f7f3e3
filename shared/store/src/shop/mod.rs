//! What belongs to one shop: its settings, its policy and earlier versions of it, its API keys, the addresses that it may send from, and
//! the tasks of its people.
//! Also the list of all shops.

pub mod api_keys;
pub mod data_requests;
pub(crate) mod known_keys;
pub mod list;
pub mod policies;
pub mod policy_versions;
pub(crate) mod role;
pub mod senders;
pub mod settings;
pub mod task;
pub mod tasks;
pub mod text_tasks;
