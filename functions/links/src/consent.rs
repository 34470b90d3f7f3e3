//! The facts of a customer's yes or no.

use crate::visit::Visit;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::facts::{ConsentEvent, Event, Fact, Traits};

/// The version of the text in which the pages say what a customer agrees to or refuses. It is stored with every yes and no,
/// so that people can look up years later what the customer read. A test fails when the wording changes and this does not.
pub(crate) const TEXT_VERSION: &str = "2026-11";

/// The fact that the customer agrees or refuses now. Its identity is the message whose link was used: the same act within
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
    let about = purpose.as_ref().map_or("all", Purpose::code);
    Fact {
        at: visit.act_at(),
        id: format!("{}-{channel}-{about}", visit.claims.message),
        event,
        traits: Traits::default(),
    }
}

/// The purposes for which the customer gets messages on a channel now.
pub(crate) fn allowed(visit: &Visit, channel: Channel) -> Vec<Purpose> {
    Purpose::KNOWN.into_iter().filter(|purpose| visit.may(channel, *purpose)).collect()
}

/// Purposes as a form's field.
pub(crate) fn names(purposes: &[Purpose]) -> String {
    purposes.iter().map(|purpose| purpose.code()).collect::<Vec<_>>().join(" ")
}

/// The purposes in a form's field. Unknown names are left out.
pub(crate) fn purposes(names: &str) -> Vec<Purpose> {
    Purpose::KNOWN.into_iter().filter(|purpose| names.split(' ').any(|name| name == purpose.code())).collect()
}

#[cfg(test)]
mod tests {
    use crate::page::{ENGLISH, RUSSIAN};
    use rekindle_lifecycle::id::short_digest;

    /// The texts that a customer reads before they consent or refuse.
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
    fn a_change_of_the_wording_needs_a_new_version() {
        let sections = [ENGLISH, RUSSIAN].map(|text| {
            let texts: toml::Table = text.parse().expect("TOML");
            SECTIONS.map(|name| texts[name].to_string()).concat()
        });
        let digest = short_digest(&["wording", &sections.concat()], 13);
        let known = ("2026-11", "2rbuqoxalx65m");
        assert_eq!((super::TEXT_VERSION, digest.as_str()), known, "raise TEXT_VERSION, and note both here");
    }
}
