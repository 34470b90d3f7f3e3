//! What allows, slows or stops a message on its way to a provider: suppressions, pauses, limits and the leased slots. Also what
//! comes back: the record of bounces and complaints, how far the provider has reported, and texts from customers.

pub mod evidence;
pub mod inbound_text_log;
pub mod limits;
pub mod mailboxes;
pub mod opt_out_mirror;
pub mod pause;
pub mod phone_numbers;
pub mod rate;
pub mod reputation;
pub mod suppressions;
