//! What a bounce says about the address that it came from.
//!
//! A provider sorts bounces into permanent and passing ones by rules of its own. The report behind it says more: the status
//! of RFC 3463 and the reply of the other mail server (RFC 5321). Both are read beside the provider's type.

/// How the provider sorted a bounce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BounceType {
    /// The address will never accept a message.
    Permanent,
    /// The next message may arrive.
    Transient,
    /// The provider could not tell.
    Undetermined,
}

/// A bounce as a provider reports it.
#[derive(Debug, Clone, Copy)]
pub struct BounceReport<'r> {
    /// The provider's type.
    pub of_type: BounceType,
    /// The provider named a cause, such as a full mailbox, in addition to the type.
    pub names_cause: bool,
    /// The provider did not try the delivery, because the address is on a list of its own.
    pub is_on_provider_list: bool,
    /// What the mail server did (RFC 3464): `failed`, `delayed`, `delivered`, `relayed` or `expanded`.
    pub action: Option<&'r str>,
    /// The status (RFC 3463), such as `5.1.1`.
    pub status: Option<&'r str>,
    /// The other mail server's reply, such as `smtp; 550 5.1.1 user unknown`.
    pub diagnosis: Option<&'r str>,
}

/// What a bounce says about the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BounceMeaning {
    /// There is no such mailbox.
    NoSuchMailbox,
    /// The provider delivers nothing to the address, because of earlier bounces.
    OnProviderList,
    /// This message did not arrive; the next one may.
    MayArrive,
    /// The message did not arrive, unless a delivery was reported: then an answer of a machine came back.
    MayArriveUnlessDelivered,
    /// Nothing: the message arrived, and a machine answered it.
    Nothing,
}

/// Statuses that say that there is no such mailbox or domain: bad address, bad domain, bad syntax, moved, no mail accepted
/// (RFC 7505), disabled. Other statuses of the class 5.1 are about the sender.
const NO_SUCH_MAILBOX: [&str; 7] = ["5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"];
/// Replies of a mail server that has no such mailbox (RFC 5321, 4.2.3). 552 is a full mailbox, 554 can be anything.
const MAILBOX_REPLIES: [&str; 3] = ["550", "551", "553"];
/// Words of a refusal because of who sends or what is sent, which servers give with the same replies.
const ABOUT_THE_SENDER: [&str; 20] = [
    "spam",
    "block",
    "policy",
    "reputation",
    "blacklist",
    "blocklist",
    "dnsbl",
    "rbl",
    "dmarc",
    "spf",
    "dkim",
    "virus",
    "content",
    "rate",
    "too many",
    "banned",
    "sender",
    "relay",
    "greylist",
    "authenticat",
];
/// Words for a full mailbox.
const FULL: [&str; 4] = ["full", "quota", "storage", "insufficient"];

impl BounceReport<'_> {
    /// What the bounce says about the address.
    ///
    /// - An address on the provider's own list is reported as such: the provider knows it from earlier bounces.
    /// - A permanent bounce is believed: the provider puts the address on its own list.
    /// - Another one is permanent where the status or the reply says that there is no such mailbox.
    /// - A report of something else than a failure, and a passing bounce that names neither a cause nor a code, is an answer
    ///   of a machine, for example that somebody is out of office.
    ///
    /// The errors: a server that says 550 for a reason that none of the known words names closes an address that works (the
    /// shop can open it again); a real bounce without any code does not count, and the next message is tried.
    #[must_use]
    pub fn meaning(&self) -> BounceMeaning {
        let status = self.status.map(str::trim).filter(|status| !status.is_empty());
        let diagnosis = self.diagnosis.map(str::to_ascii_lowercase).unwrap_or_default();
        if self.is_on_provider_list {
            return BounceMeaning::OnProviderList;
        }
        if self.action.is_some_and(|action| !action.eq_ignore_ascii_case("failed"))
            || status.is_some_and(|status| status.starts_with('2'))
        {
            return BounceMeaning::Nothing;
        }
        let reply = codes(&diagnosis).find(|code| is_reply(code));
        let enhanced = status.or_else(|| codes(&diagnosis).find(|code| is_status(code)));
        let has_code = reply.is_some() || enhanced.is_some();
        match self.of_type {
            BounceType::Permanent => BounceMeaning::NoSuchMailbox,
            BounceType::Transient | BounceType::Undetermined if says_no_mailbox(enhanced, reply, &diagnosis) => {
                BounceMeaning::NoSuchMailbox
            }
            BounceType::Transient if !has_code && !self.names_cause => BounceMeaning::Nothing,
            BounceType::Undetermined if !has_code => BounceMeaning::MayArriveUnlessDelivered,
            BounceType::Transient | BounceType::Undetermined => BounceMeaning::MayArrive,
        }
    }
}

/// Words of a reply that can be codes.
fn codes(diagnosis: &str) -> impl Iterator<Item = &str> {
    diagnosis.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).map(|word| word.trim_matches('.'))
}

fn is_reply(code: &str) -> bool {
    code.len() == 3 && code.starts_with(['4', '5']) && code.bytes().all(|b| b.is_ascii_digit())
}

fn is_status(code: &str) -> bool {
    let mut parts = code.split('.');
    let is_number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    matches!(parts.next(), Some("4" | "5")) && parts.clone().count() == 2 && parts.all(is_number)
}

fn says_no_mailbox(status: Option<&str>, reply: Option<&str>, diagnosis: &str) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| diagnosis.contains(word));
    if status.is_some_and(|status| NO_SUCH_MAILBOX.contains(&status)) {
        return reply.is_none_or(|reply| reply.starts_with('5'));
    }
    // A status of another kind says what it is about: the mailbox is full, the network, the policy. 5.0.0 and 5.3.0 say
    // nothing.
    let is_open = status.is_none_or(|status| matches!(status, "5.0.0" | "5.3.0" | "5.5.0" | "5.2.0"));
    is_open && reply.is_some_and(|reply| MAILBOX_REPLIES.contains(&reply)) && !has(&ABOUT_THE_SENDER) && !has(&FULL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use BounceMeaning::{MayArrive, MayArriveUnlessDelivered, NoSuchMailbox, Nothing, OnProviderList};
    use BounceType::{Permanent, Transient, Undetermined};

    fn report<'r>(of_type: BounceType, status: &'r str, diagnosis: &'r str) -> BounceReport<'r> {
        let some = |text: &'r str| (!text.is_empty()).then_some(text);
        let (status, diagnosis) = (some(status), some(diagnosis));
        BounceReport { of_type, names_cause: false, is_on_provider_list: false, action: None, status, diagnosis }
    }

    #[test]
    fn status_and_reply_are_read_beside_the_type() {
        for (of_type, status, diagnosis, meaning) in [
            (Permanent, "5.1.1", "smtp; 550 5.1.1 user unknown", NoSuchMailbox),
            (Permanent, "", "", NoSuchMailbox),
            (Transient, "5.1.1", "", NoSuchMailbox),
            (Transient, "5.1.10", "smtp; 556 5.1.10 null MX", NoSuchMailbox),
            (
                Transient,
                "5.3.0",
                "smtp; 550 permanent failure for one or more recipients (a@b.example:550 denied)",
                NoSuchMailbox,
            ),
            (Transient, "", "smtp; 550 5.1.1 <a@b.example>: user unknown", NoSuchMailbox),
            (Transient, "", "smtp; 551 user not local", NoSuchMailbox),
            (Undetermined, "5.2.1", "smtp; 550 5.2.1 the account is disabled", NoSuchMailbox),
            (Transient, "5.7.1", "smtp; 550 5.7.1 message refused", MayArrive),
            (Transient, "5.3.0", "smtp; 550 blocked because of spam", MayArrive),
            (Transient, "5.2.2", "smtp; 552 5.2.2 mailbox full", MayArrive),
            (Transient, "", "smtp; 550 mailbox full", MayArrive),
            (Transient, "", "smtp; 554 transaction failed", MayArrive),
            (Transient, "4.2.2", "smtp; 452 4.2.2 mailbox full", MayArrive),
            (Transient, "4.4.7", "smtp; 550 4.4.7 message expired", MayArrive),
            (Transient, "5.1.1", "smtp; 450 5.1.1 try again", MayArrive),
            (Transient, "5.1.8", "smtp; 550 5.1.8 bad address of the sender", MayArrive),
            (Undetermined, "", "", MayArriveUnlessDelivered),
            (Undetermined, "", "smtp; 421 busy", MayArrive),
            (Transient, "", "", Nothing),
            (Transient, "", "I am out of office until Monday 2026", Nothing),
            (Transient, "2.0.0", "", Nothing),
        ] {
            assert_eq!(report(of_type, status, diagnosis).meaning(), meaning, "{of_type:?} {status} {diagnosis}");
        }
    }

    #[test]
    fn a_named_cause_is_a_bounce_without_any_code() {
        assert_eq!(BounceReport { names_cause: true, ..report(Transient, "", "") }.meaning(), MayArrive);
    }

    #[test]
    fn an_action_other_than_failed_is_no_bounce() {
        for action in ["delayed", "delivered", "Relayed", "expanded"] {
            let report = BounceReport { action: Some(action), ..report(Transient, "4.4.1", "") };
            assert_eq!(report.meaning(), Nothing, "{action}");
        }
    }

    #[test]
    fn an_address_on_the_providers_own_list_is_reported_as_such() {
        let report = BounceReport { is_on_provider_list: true, ..report(Permanent, "5.1.1", "") };
        assert_eq!(report.meaning(), OnProviderList);
    }
}
