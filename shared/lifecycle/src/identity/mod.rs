//! Whom the engine takes for one person: the kinds of ids, the links between them, and the ids that identify no single person.
//!
//! Facts stay where they were stored. A join only says that they are counted together, so it can be taken apart.

mod component;
mod id_kind;
mod identifiers;
mod links;

pub use component::{Component, KnownId, MAX_MEMBERS, may_be_one_customer};
pub use id_kind::{IdKind, device, email_guest, guest_with, phone_guest};
pub use identifiers::Identifiers;
pub use links::{Links, MAX_LINKS, Statement};
