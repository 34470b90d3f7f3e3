//! The query of a URL: `?to=&journey=&step=&channel=&before=&after=&limit=&view=`. An empty parameter counts as absent, since
//! forms send it so.

use super::InboxError;
use rekindle_emulators::{MailboxFilter, Page};
use rekindle_lifecycle::channel::Channel;
use serde::{Deserialize, Serialize};

/// The query of a URL, which links keep from page to page.
#[derive(Deserialize, Serialize, Clone, Default)]
#[serde(default)]
pub(super) struct Query {
    pub(super) to: String,
    pub(super) journey: String,
    pub(super) step: String,
    pub(super) channel: String,
    pub(super) before: String,
    pub(super) after: String,
    #[serde(skip_serializing)]
    pub(super) limit: String,
    #[serde(skip_serializing)]
    pub(super) view: String,
}

impl Query {
    /// The messages to show.
    pub(super) fn filter(&self) -> Result<MailboxFilter, InboxError> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(MailboxFilter {
            // A `+` that was not encoded arrives as a space, which no phone number contains.
            to: given(&self.to).map(|to| match self.to.strip_prefix(' ') {
                Some(digits) if !to.contains('@') => format!("+{}", digits.trim()),
                _ => to,
            }),
            journey: given(&self.journey),
            step: given(&self.step),
            channel: channel(&self.channel)?,
        })
    }

    /// The page to show.
    pub(super) fn page(&self) -> Result<Page, InboxError> {
        match (number("before", &self.before)?, number("after", &self.after)?) {
            (Some(id), _) => Ok(Page::Before(id)),
            (None, Some(id)) => Ok(Page::After(id)),
            (None, None) => Ok(Page::Newest),
        }
    }

    /// How many messages to show, if the query says.
    pub(super) fn limit(&self) -> Result<Option<u64>, InboxError> {
        let limit = number("limit", &self.limit)?;
        limit.map(|limit| u64::try_from(limit).map_err(|_| not_a_number("limit", &self.limit))).transpose()
    }

    /// Whether the query selects some of the messages only.
    pub(super) fn is_filtered(&self) -> bool {
        [&self.to, &self.journey, &self.step, &self.channel].into_iter().any(|text| !text.is_empty())
    }
}

fn channel(given: &str) -> Result<Option<Channel>, InboxError> {
    if given.is_empty() {
        return Ok(None);
    }
    let known = Channel::parse(given).filter(|channel| channel.has_addresses());
    known.map(Some).ok_or_else(|| {
        let channels = Channel::either(Channel::with_addresses());
        InboxError::InvalidQuery(format!("channel is {given:?}; it can be {channels}"))
    })
}

fn number(name: &str, given: &str) -> Result<Option<i64>, InboxError> {
    if given.is_empty() {
        return Ok(None);
    }
    given.parse().map(Some).map_err(|_| not_a_number(name, given))
}

fn not_a_number(name: &str, given: &str) -> InboxError {
    InboxError::InvalidQuery(format!("{name} is {given:?}; it must be a whole number"))
}
