//! What the name of a field says about consent.

use super::channels::Channels;
use super::vocabulary::Word;

/// What a field is about, by its name and the names that enclose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) weight: Weight,
    /// The channels it names.
    pub(super) channels: Channels,
    /// Whether a plain yes means no.
    pub(super) is_negative: bool,
    /// Whether it names a channel or marketing, and not permission alone.
    pub(super) has_subject: bool,
    /// Whether it is one of several lists of which the name says nothing.
    pub(super) is_partial: bool,
}

/// Which values count as an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// All: the name says a channel or marketing, and permission. What is neither yes nor no is unclear.
    Any,
    /// Yes and no: `newsletter`, `subscribed`.
    YesOrNo,
    /// No, and what is explicit: `consent`, which does not say to what.
    NoOnly,
    /// Only what is explicit: `subscription_status`, which may be a plan's.
    ExplicitOnly,
    /// The instant at which somebody unsubscribed or withdrew a permission: any is a no.
    EndInstant,
}

/// What the field at the end of a path of names says; nothing if it is not about consent to marketing. `around` are words from
/// values beside the field, such as that of `channel`.
pub(super) fn meaning(path: &[Vec<Word>], around: &[Word]) -> Option<Meaning> {
    let leaf = path.last()?;
    let all: Vec<Word> = path.iter().flatten().chain(around).copied().collect();
    let has = |word: Word| all.contains(&word);
    let leaf_has = |word: Word| leaf.contains(&word);
    if has(Word::Foreign) || leaf_has(Word::Detail) {
        return None;
    }
    let named = |words: &[Word]| Channels {
        email: words.contains(&Word::Email) || words.contains(&Word::Newsletter),
        sms: words.contains(&Word::Sms),
    };
    let channels = named(&all);
    let is_other = |words: &[Word]| words.contains(&Word::OtherChannel) && named(words).is_empty();
    if is_other(leaf) || is_other(around) || is_other(&all) {
        return None;
    }
    let permission = Permission::of(path);
    let marketing = has(Word::Marketing) || has(Word::Newsletter);
    let has_subject = !channels.is_empty() || marketing || leaf_has(Word::Contact);
    let contributes = permission.in_leaf
        || !named(leaf).is_empty()
        || [Word::Marketing, Word::Contact, Word::Subscription, Word::State, Word::Answer]
            .iter()
            .any(|word| leaf_has(*word));
    if !contributes {
        return None;
    }
    let list = has(Word::Subscription);
    let weight = if leaf_has(Word::At) {
        let ended = permission.ends || permission.given && (has_subject || permission.consents);
        (ended && permission.is_negative).then_some(Weight::EndInstant)?
    } else if permission.ends
        || permission.opts
        || (permission.given && has_subject)
        || (list && !channels.is_empty() && has(Word::State))
    {
        Weight::Any
    } else if permission.subscribed
        || has(Word::Newsletter)
        || (marketing && !channels.is_empty())
        || (list && has_subject)
    {
        Weight::YesOrNo
    } else if permission.consents {
        Weight::NoOnly
    } else if has(Word::State) && (list || has_subject) {
        Weight::ExplicitOnly
    } else {
        return None;
    };
    Some(Meaning {
        weight,
        channels,
        is_negative: permission.is_negative,
        has_subject,
        is_partial: has(Word::Group) && !has_subject,
    })
}

/// What names say of permission.
#[derive(Default)]
struct Permission {
    /// They name it.
    given: bool,
    /// They say *opt in* or *opt out*.
    opts: bool,
    /// They say *unsubscribed* or *opt out*.
    ends: bool,
    subscribed: bool,
    consents: bool,
    /// The last of them names it.
    in_leaf: bool,
    is_negative: bool,
}

impl Permission {
    fn of(path: &[Vec<Word>]) -> Self {
        let mut found = Self::default();
        for words in path {
            found.in_leaf = false;
            for (place, word) in words.iter().enumerate() {
                let next = words.get(place + 1);
                let (names, inverts) = match word {
                    Word::Permission => (true, false),
                    Word::Refusal => (true, true),
                    Word::Consent => {
                        found.consents = true;
                        (true, false)
                    }
                    Word::Subscribed => {
                        found.subscribed = true;
                        (true, false)
                    }
                    Word::Unsubscribed => {
                        found.ends = true;
                        (true, true)
                    }
                    Word::Opt if matches!(next, Some(Word::In | Word::Out)) => {
                        found.opts = true;
                        found.ends |= next == Some(&Word::Out);
                        (true, next == Some(&Word::Out))
                    }
                    // The *not* of *do not* inverts.
                    Word::Do => (true, next != Some(&Word::Not)),
                    Word::Not => (false, true),
                    Word::No => {
                        (matches!(next, Some(Word::Marketing | Word::Newsletter | Word::Email | Word::Sms)), true)
                    }
                    _ => (false, false),
                };
                found.given |= names;
                found.in_leaf |= names;
                found.is_negative ^= inverts;
            }
        }
        found
    }
}
