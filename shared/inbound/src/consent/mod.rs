//! What an event says about consent to marketing, in whatever fields and words.
//!
//! A field counts if its name says a channel or marketing *and* permission: `accepts_marketing`, `emailOptOut`,
//! `sms.consent.state`. The names that enclose it count as well. Negative names invert a plain answer: `unsubscribed: true` is
//! a no, and `unsubscribed: false` nothing, because it is what every customer has who was never asked. Names of plans, ids, dates, cookie categories, and other channels hold nothing
//! ([`meaning`]).
//!
//! A value that is plainly yes or no in the languages of customers is that answer ([`answer`]). Anything else is unclear, which
//! is a no to marketing until a later event is clear. Of several answers in one event the strictest holds ([`reader`]).
mod answer;
mod channels;
mod evidence;
mod meaning;
mod name;
mod reader;
mod vocabulary;

pub(crate) use answer::Answer;
pub(crate) use reader::{Answers, Place, read};
