//! What the pages note of a customer's yes or no.

use crate::visit::Visit;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::facts::{ConsentEvent, Event, Fact, Traits};

/// The version of what the pages say about what a customer agrees to or refuses. It is noted with every yes and no, so
/// that somebody can look up years later what the customer read. A test tells when the wording changed without it.
pub(crate) const TEXT_VERSION: &str = "2026-11";

/// A fact about consent, said now by the customer. Its identity is the message whose link was used: the same act within
/// the same instant is the same fact.
pub(crate) fn consent(visit: &Visit, channel: Channel, purpose: Option<Purpose>, granted: bool, source: &str) -> Fact {
    let event = Event::Consent(ConsentEvent {
        channel,
        purpose,
        granted,
        source: source.to_owned(),
        text_version: Some(format!("{TEXT_VERSION}.{}", visit.look().language_of_page())),
        own: true,
    });
    let about = purpose.map_or("all", Purpose::name);
    Fact {
        at: visit.act_at(),
        id: format!("{}-{channel}-{about}", visit.claims.message),
        event,
        traits: Traits::default(),
    }
}

/// The purposes for which the customer gets messages on a channel now.
pub(crate) fn allowed(visit: &Visit, channel: Channel) -> Vec<Purpose> {
    Purpose::ALL.into_iter().filter(|purpose| visit.may(channel, *purpose)).collect()
}

/// Purposes as a form carries them.
pub(crate) fn names(purposes: &[Purpose]) -> String {
    purposes.iter().map(|purpose| purpose.name()).collect::<Vec<_>>().join(" ")
}

/// Purposes as a form carried them. What is none is left out.
pub(crate) fn purposes(names: &str) -> Vec<Purpose> {
    Purpose::ALL.into_iter().filter(|purpose| names.split(' ').any(|name| name == purpose.name())).collect()
}

#[cfg(test)]
mod tests {
    use crate::page::{ENGLISH, RUSSIAN};
    use rekindle_lifecycle::id::short_digest;

    /// What a customer reads before a yes or a no.
    const SECTIONS: [&str; 9] = [
        "unsubscribe",
        "unsubscribe_email",
        "unsubscribe_sms",
        "channel",
        "purpose",
        "preferences",
        "confirm",
        "confirm_email",
        "confirm_sms",
    ];

    #[test]
    fn whoever_changes_the_wording_raises_its_version() {
        let sections = [ENGLISH, RUSSIAN].map(|text| {
            let texts: toml::Table = text.parse().expect("TOML");
            SECTIONS.map(|name| texts[name].to_string()).concat()
        });
        let digest = short_digest(&["wording", &sections.concat()], 13);
        let known = ("2026-11", "2rbuqoxalx65m");
        assert_eq!((super::TEXT_VERSION, digest.as_str()), known, "raise TEXT_VERSION, and note both here");
    }
}
