//! How many people stand behind one id, judged by the addresses that came with it.
//!
//! A shop that has no id for a guest sends the same one for all of them: `0`, `"null"`, `"guest"`. No list of such words is
//! complete, so what came with the id decides: a person keeps their name when they change their address, and orders more often than they
//! change it; behind a placeholder nearly every order has another address.

use crate::facts::Traits;
use crate::id::short_digest;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// People behind one id from which on it can be taken for a placeholder at all.
const FEWEST_STRANGERS: usize = 3;
/// People behind one id from which on it is taken for a placeholder however often they order.
const MANY_STRANGERS: usize = 6;
/// Most identifiers of one kind that are remembered: the first by digest.
const MAX_IDENTIFIERS: usize = 12;
/// Most names that are remembered with one address: the first by digest.
const MAX_NAMES: usize = 4;
/// Length of an identifier's digest: short, because two of the few of one customer hardly ever have the same.
const DIGEST_LEN: usize = 6;
/// Length of a name's digest. Two names with the same one count as one person.
const NAME_DIGEST_LEN: usize = 3;
const EMAIL: char = 'e';
const PHONE: char = 'p';
const DEVICE: char = 'd';

/// The addresses and devices that came with an id, as digests, each with the names that came with it. Folding is a join.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Identifiers(BTreeMap<String, BTreeSet<String>>);

/// The form in a customer's item, which must be short: each identifier with the names behind it, and a blank between two.
impl From<Identifiers> for String {
    fn from(Identifiers(identifiers): Identifiers) -> Self {
        let with_names =
            |(digest, names): (String, BTreeSet<String>)| names.into_iter().fold(digest, |all, name| all + &name);
        identifiers.into_iter().map(with_names).collect::<Vec<_>>().join(" ")
    }
}

impl From<String> for Identifiers {
    fn from(text: String) -> Self {
        let identifier = |word: &str| {
            let (digest, names) = word.split_at_checked(1 + DIGEST_LEN)?;
            let names =
                names.as_bytes().chunks_exact(NAME_DIGEST_LEN).map(|name| String::from_utf8_lossy(name).into_owned());
            Some((digest.to_owned(), names.collect()))
        };
        Self(text.split(' ').filter_map(identifier).collect())
    }
}

impl Identifiers {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Applies what came with one fact.
    pub fn apply(&mut self, traits: &Traits) {
        let name =
            traits.first_name.as_ref().map(|name| short_digest(&["name", &name.to_lowercase()], NAME_DIGEST_LEN));
        for digest in digests(traits) {
            let kind = digest.chars().next();
            let is_device = kind == Some(DEVICE);
            let names = self.0.entry(digest).or_default();
            names.extend(name.clone().filter(|_| !is_device));
            while names.len() > MAX_NAMES {
                names.pop_last();
            }
            let same: Vec<String> = self.0.keys().filter(|known| known.chars().next() == kind).cloned().collect();
            for one_too_many in same.iter().skip(MAX_IDENTIFIERS) {
                self.0.remove(one_too_many);
            }
        }
        if self.of_kind(EMAIL).next().is_some() {
            // People are told apart by these then.
            self.0.iter_mut().filter(|(digest, _)| digest.starts_with(PHONE)).for_each(|(_, names)| names.clear());
        }
    }

    /// Whether all addresses and the device of a fact came with this id before. Also `true` if as many are known as are remembered.
    #[must_use]
    pub fn knows(&self, traits: &Traits) -> bool {
        digests(traits).iter().all(|digest| {
            self.0.contains_key(digest)
                || self.0.keys().filter(|known| known.chars().next() == digest.chars().next()).count()
                    >= MAX_IDENTIFIERS
        })
    }

    /// Whether enough addresses came with the id for several people to stand behind it, however they ordered.
    #[must_use]
    pub fn may_be_shared(&self) -> bool {
        self.0.keys().filter(|known| !known.starts_with(DEVICE)).count() >= FEWEST_STRANGERS
    }

    /// Whether several people stand behind the id, who placed this many orders under it: three of whom none came back, or more, of
    /// whom hardly anybody did.
    ///
    /// The errors are measured on made-up bases in `tests/identity.rs`. Who is taken apart wrongly, as a family who orders under one
    /// id, counts by address from then on.
    #[must_use]
    pub fn is_shared(&self, orders: u32) -> bool {
        let most_orders = match self.people() {
            0..FEWEST_STRANGERS => return false,
            FEWEST_STRANGERS => 3,
            4 => 5,
            5 => 7,
            MANY_STRANGERS.. => return true,
        };
        orders <= most_orders
    }

    fn of_kind(&self, kind: char) -> impl Iterator<Item = &BTreeSet<String>> {
        self.0.iter().filter(move |(digest, _)| digest.starts_with(kind)).map(|(_, names)| names)
    }

    /// How many people the addresses tell of: addresses that came with the same name belong to one person, and so do a phone
    /// number's changes where there are no e-mail addresses.
    fn people(&self) -> usize {
        let emails: Vec<_> = self.of_kind(EMAIL).collect();
        let addresses = if emails.is_empty() { self.of_kind(PHONE).collect() } else { emails };
        let mut groups: Vec<BTreeSet<&String>> = Vec::new();
        for names in addresses {
            let mut group: BTreeSet<&String> = names.iter().collect();
            let (same, others): (Vec<_>, Vec<_>) = groups.into_iter().partition(|known| !known.is_disjoint(&group));
            group.extend(same.into_iter().flatten());
            groups = others;
            groups.push(group);
        }
        groups.len()
    }
}

fn digests(traits: &Traits) -> Vec<String> {
    let digest = |kind: char, text: &str| format!("{kind}{}", short_digest(&["identifier", text], DIGEST_LEN));
    let email = traits.email.as_ref().map(|email| digest(EMAIL, &email.as_str().to_lowercase()));
    let phone = traits.phone.as_ref().map(|phone| digest(PHONE, phone.as_str()));
    let device = traits.device.as_ref().map(|device| digest(DEVICE, device));
    [email, phone, device].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{EmailAddress, PhoneNumber};

    fn traits(email: &str, name: &str) -> Traits {
        let phone = PhoneNumber::parse("+442071838750").ok();
        Traits { email: EmailAddress::parse(email).ok(), phone, first_name: Some(name.to_owned()), ..Traits::default() }
    }

    #[test]
    fn the_stored_form_is_short_and_read_back() {
        let mut seen = Identifiers::default();
        seen.apply(&traits("anna@example.com", "Anna"));
        let stored = serde_json::to_string(&seen).expect("JSON");
        assert_eq!(stored.len(), "\"e123456abc p123456\"".len(), "{stored}");
        assert_eq!(serde_json::from_str::<Identifiers>(&stored).expect("JSON"), seen);
        seen.apply(&traits("a@example.org", "Ann"));
        let stored = serde_json::to_string(&seen).expect("JSON");
        assert_eq!(serde_json::from_str::<Identifiers>(&stored).expect("JSON"), seen);
        assert_eq!(seen.people(), 2);
    }

    #[test]
    fn the_order_in_which_addresses_come_does_not_matter() {
        let phone_only = Traits { email: None, ..traits("anna@example.com", "Anna") };
        let all = [phone_only, traits("anna@example.com", "Anna"), traits("bo@example.com", "Bo")];
        let told = |order: [usize; 3]| {
            let mut seen = Identifiers::default();
            order.iter().for_each(|place| seen.apply(&all[*place]));
            seen
        };
        for order in [[0, 2, 1], [1, 0, 2], [2, 1, 0]] {
            assert_eq!(told(order), told([0, 1, 2]), "{order:?}");
        }
    }
}
