//! One attempt to hand a message to a provider: one file for each provider, and one outcome for all of them.

mod canary;
mod mail_stream;
mod mailbox;
mod outcome;
mod provider_lists;
mod quota;
mod ses;
mod sns;
mod tags;

pub use canary::CANARY_TAG;
pub use mail_stream::{AutoSubmitted, MailStream};
pub use provider_lists::{ProviderLists, ReleaseError};
pub use quota::{QuotaError, SendQuota};
pub use ses::{Mailer, OutgoingEmail};
pub use sns::{OutgoingSms, Texter};
