//! The words of which names of fields consist.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a word in the name of a field says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// E-mail.
    Email,
    /// Text messages.
    Sms,
    /// *Text*: text messages in front of a permission, as in *text opt-in*; otherwise the wording of something.
    Text,
    /// A channel that the engine does not have.
    OtherChannel,
    /// A mailing, which is marketing by e-mail.
    Newsletter,
    /// Marketing.
    Marketing,
    /// Being contacted in general.
    Contact,
    /// Permission was given: *accepts*, *consent*.
    Permission,
    /// Permission was refused: *blocked*, *denied*.
    Refusal,
    /// *Consent*, which means permission even alone, though not to what.
    Consent,
    /// *Subscribed*, which means mailings even alone, if nothing else is named.
    Subscribed,
    /// *Unsubscribed*, which means mailings always.
    Unsubscribed,
    /// *Subscription*, *subscriber*: a permission, or what a shop sells.
    Subscription,
    /// *State*, *status*: the field holds an answer if the rest of its name is about permission.
    State,
    /// Holds the answer in an object about permission: *value*, *granted*.
    Answer,
    /// *Opt*, of *opt in* and *opt out*.
    Opt,
    In,
    Out,
    Do,
    /// Inverts what follows.
    Not,
    No,
    /// Groups, lists or topics: one of several permissions.
    Group,
    /// The field holds something about the permission: an id, a date, a reason.
    Detail,
    /// A date, if it says when something ended.
    At,
    /// The field is about something else.
    Foreign,
}

/// Words by what they say, in lower case, without accents where people leave them out. Besides English, those by which shops of
/// the languages of [`super::answer`] name such fields.
const WORDS: &[(Word, &str)] = &[
    (Word::Text, "text"),
    (Word::Email, "email emails mail mails courriel correo"),
    (Word::Sms, "sms смс mms texts textmessage textmessages smsmessages"),
    (
        Word::OtherChannel,
        "push ios android whatsapp call calls calling telephone telephonic viber telegram fax postal post webpush browser \
         inapp rcs line messenger wechat facebook instagram other",
    ),
    (
        Word::Newsletter,
        "newsletter newsletters mailing mailings mailinglist nieuwsbrief infolettre boletin рассылка рассылки рассылку рассылок bulletin",
    ),
    (
        Word::Marketing,
        "marketing markettin marketin marketting promo promos promotion promotions promotional offers commercial werbung werbe \
         publicidad pubblicita publicite reklama реклама рекламу рекламы marketingowa marketingowe",
    ),
    (Word::Contact, "contact contacted contacts contacting"),
    (
        Word::Permission,
        "permission permissions permitted permit permits accept accepts accepted accepting agree agrees agreed agreement allow \
         allows allowed want wants wanted wishes receive receives receiving enable enabled enables approve approved \
         authorize authorized authorise authorised authorization signup signed contactable mailable einwilligung zustimmung \
         zugestimmt erlaubt consentement accepte acepta consentimiento consenso consentimento aceita toestemming zgoda согласие \
         согласен разрешение",
    ),
    (
        Word::Refusal,
        "block blocked blocks suppress suppressed disable disabled refuse refused refuses decline declined declines deny denied \
         reject rejected revoke revoked withdraw withdrawn objection objected stop stopped exclude excluded mute muted optedout \
         unwanted widerspruch widersprochen",
    ),
    (Word::Consent, "consent consents consented consenting"),
    (
        Word::Subscribed,
        "subscribe subscribed subscribes angemeldet abonniert inscrit suscrito iscritto ingeschreven inscrito zapisany подписан \
         подписана подписался подписалась inscrite inscrita iscritta suscrita zapisana abonnee aangemeld",
    ),
    (
        Word::Unsubscribed,
        "unsubscribe unsubscribed unsub unsubbed unsubscription abgemeldet abbestellt desinscrit desinscrite desabonne \
         desabonnee disiscritto disiscritta uitgeschreven afgemeld wypisany wypisana отписан отписана отписался отписалась отписка",
    ),
    (Word::Subscription, "subscription subscriptions subscriber subscribers preference preferences подписка"),
    (Word::State, "state status"),
    (Word::Answer, "value granted given answer active selected checked"),
    (Word::Opt, "opt opted opts"),
    (Word::In, "in ins"),
    (Word::Out, "out outs"),
    (Word::Do, "do dont donot"),
    (Word::Not, "not never non nicht keine kein ne pas не"),
    (Word::No, "no"),
    (Word::Group, "group groups list lists topic topics"),
    (
        Word::Detail,
        "id ids uuid type kind updated created modified changed source level wording version url uri link \
         links ip method name alias period reason why phone address count number rate ratio provider tool platform page form \
         language locale frequency interval template token key collected collector format content subject description \
         label title sender device note notes hash score index length day days hour received sent delivered opened opens clicked \
         clicks read total sum discount amount size volume history archive",
    ),
    (Word::At, "at date datetime time timestamp"),
    (
        Word::Foreign,
        "plan tier price fee billing payment payments invoice invoices renewal trial premium pro cookie cookies analytics ad ads \
         advertising storage personalization personalisation functional tracking track privacy terms tos policy age location gps \
         sell sale sso login password auth authentication verification verified verify 2fa mfa otp transactional receipt \
         receipts shipping delivery order orders product products item items service support security management manager \
         categorypreferences cookiecategories campaign campaigns experiment budget parental medical waiver quality once \
         return returns review reviews calendar app box coupon",
    ),
];

/// Minimum length of the first of several words written together, in characters.
const SHORTEST_PART: usize = 2;

/// What a word says; none if it is not in the vocabulary.
fn look_up(word: &str) -> Option<Word> {
    static BY_WORD: LazyLock<HashMap<&'static str, Word>> = LazyLock::new(|| {
        WORDS.iter().flat_map(|(meaning, list)| list.split_ascii_whitespace().map(|word| (word, *meaning))).collect()
    });
    BY_WORD.get(word).copied()
}

/// The meanings of a word, which may be several words written together. A word that is not in the vocabulary has none.
pub(super) fn meanings(word: &str) -> Vec<Word> {
    match look_up(word) {
        Some(meaning) => vec![meaning],
        None => take_apart(word).unwrap_or_default(),
    }
}

/// Takes the longest known beginning from which the rest can be taken apart, too.
fn take_apart(word: &str) -> Option<Vec<Word>> {
    let ends = word.char_indices().map(|(at, _)| at).skip(SHORTEST_PART).collect::<Vec<_>>();
    ends.into_iter().rev().find_map(|end| {
        let first = look_up(&word[..end])?;
        let rest = &word[end..];
        let mut meanings = vec![first];
        match look_up(rest) {
            Some(last) => meanings.push(last),
            None => meanings.extend(take_apart(rest)?),
        }
        Some(meanings)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_word_has_two_meanings() {
        let mut seen = BTreeSet::new();
        for word in WORDS.iter().flat_map(|(_, list)| list.split_ascii_whitespace()) {
            assert!(seen.insert(word), "{word}");
        }
    }

    #[test]
    fn words_written_together_are_taken_apart() {
        assert_eq!(meanings("emailoptout"), [Word::Email, Word::Opt, Word::Out]);
        assert_eq!(meanings("textoptin"), [Word::Text, Word::Opt, Word::In]);
        assert_eq!(meanings("smsmarketingconsent"), [Word::Sms, Word::Marketing, Word::Consent]);
        assert_eq!(meanings("acceptsmarketing"), [Word::Permission, Word::Marketing]);
        for word in ["mailchimp", "optional", "notification", "textile", "information"] {
            assert_eq!(meanings(word), [], "{word}");
        }
    }
}
