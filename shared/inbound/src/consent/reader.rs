//! Finds the answers of an event.

use super::answer::{self, Answer, Said};
use super::channels::Channels;
use super::evidence::Evidence;
use super::meaning::{Meaning, Weight, meaning};
use super::name;
use super::vocabulary::Word;
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::facts::ConsentEvidence;
use serde_json::{Map, Value};

/// Names of the fields that say which of several permissions an object is about.
const NAMES_OF_SUBJECTS: [&str; 8] =
    ["channel", "type", "name", "purpose", "category", "subscription_group_id", "list", "topic"];
/// Objects in which consent tools keep what a visitor said to categories of cookies, in lower case and without signs.
const CONSENTS_OF_BROWSERS: [&str; 4] =
    ["categorypreferences", "consentmanagement", "cookiepreferences", "consentmode"];
/// Fields by which shops report nothing but consent; an answer in one needs no note of its source.
const OWN_FIELDS: [&str; 2] = ["email_marketing_consent", "sms_marketing_consent"];

/// An object of an event, and its path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'v> {
    pub(crate) object: &'v Map<String, Value>,
    pub(crate) path: &'static str,
    /// Members that hold nothing about consent.
    pub(crate) except: &'static [&'static str],
}

/// What one field says.
#[derive(Debug)]
pub(crate) struct Statement<'v> {
    pub(crate) answer: Answer,
    /// The path of the field.
    pub(crate) field: String,
    pub(crate) value: &'v Value,
    /// The channels it names; none if it is about marketing in general.
    channels: Channels,
    /// Whether it refuses everything, also a channel that another field allows.
    refuses_all: bool,
    evidence: Evidence,
}

/// Everything that an event says about consent.
#[derive(Debug, Default)]
pub(crate) struct Answers<'v>(Vec<Statement<'v>>);

/// Reads all fields of these objects, nested ones too.
pub(crate) fn read<'v>(places: &[Place<'v>]) -> Answers<'v> {
    let mut walk = Walk::default();
    for place in places {
        for (name, value) in place.object.iter().filter(|(name, _)| !place.except.contains(&name.as_str())) {
            let evidence = Evidence::beside(place.object, name);
            walk.field(&format!("{}.{name}", place.path), name, value, &evidence);
        }
    }
    Answers(walk.found)
}

impl<'v> Answers<'v> {
    /// The statement that holds for a channel: the strictest. A yes to marketing in general is one to e-mail only.
    pub(crate) fn about(&self, channel: Channel) -> Option<&Statement<'v>> {
        let has_own = self.0.iter().any(|said| said.channels.contains(channel));
        let concerns = |said: &&Statement<'_>| {
            if !said.channels.is_empty() {
                return said.channels.contains(channel);
            }
            match said.answer {
                _ if channel == Channel::Email => true,
                Answer::Yes => false,
                Answer::No | Answer::Unclear => said.refuses_all || !has_own,
            }
        };
        // Of equal ones the first, so that the fact does not depend on how many repeat it.
        self.0.iter().filter(concerns).reduce(|first, next| if next.answer > first.answer { next } else { first })
    }
}

impl Statement<'_> {
    /// Where the answer comes from; nothing if the field is one that shops fill for this engine, without more.
    pub(crate) fn evidence(&self, channel: Channel) -> Option<ConsentEvidence> {
        let name = self.field.rsplit('.').next().unwrap_or_default();
        if self.evidence.is_empty() && OWN_FIELDS.contains(&name) {
            return None;
        }
        let Evidence { source, answered_at, level, wording } = self.evidence.clone();
        Some(ConsentEvidence { channel, field: self.field.clone(), source, answered_at, level, wording })
    }
}

/// The walk through nested fields. Events are at most 32 levels deep.
#[derive(Default)]
struct Walk<'v> {
    names: Vec<Vec<Word>>,
    around: Vec<Word>,
    found: Vec<Statement<'v>>,
}

impl<'v> Walk<'v> {
    fn field(&mut self, path: &str, name: &str, value: &'v Value, evidence: &Evidence) {
        let words = name::words(name);
        // What is inside something foreign is foreign.
        let is_foreign =
            words.contains(&Word::Foreign) || CONSENTS_OF_BROWSERS.contains(&answer::folded(name).as_str());
        if is_foreign || value.is_null() {
            return;
        }
        self.names.push(words);
        self.value(path, value, evidence);
        self.names.pop();
    }

    fn value(&mut self, path: &str, value: &'v Value, evidence: &Evidence) {
        match value {
            Value::Object(object) => self.object(path, value, object, evidence),
            Value::Array(elements) if elements.iter().any(|element| element.is_object() || element.is_array()) => {
                for element in elements {
                    self.value(path, element, evidence);
                }
            }
            _ => {
                if let Some(meaning) = meaning(&self.names, &self.around) {
                    self.state(path, value, meaning, evidence);
                }
            }
        }
    }

    fn object(&mut self, path: &str, value: &'v Value, object: &'v Map<String, Value>, outer: &Evidence) {
        let evidence = Evidence::from_object(object, outer);
        let (around, found) = (self.around.len(), self.found.len());
        for subject in NAMES_OF_SUBJECTS.iter().filter_map(|name| object.get(*name)?.as_str()) {
            self.around.extend(name::words(subject).into_iter().filter(|word| is_subject(*word)));
        }
        for (name, value) in object.iter().filter(|(name, value)| !names_subject(name, value)) {
            self.field(&format!("{path}.{name}"), name, value, &evidence);
        }
        let has_content = object.iter().any(|(name, value)| {
            !names_subject(name, value)
                && !name::words(name).iter().any(|word| matches!(word, Word::Detail | Word::At))
                && !is_blank(value)
        });
        if self.found.len() == found && has_content {
            // An answer is expected here, and none of the fields is one.
            let own = meaning(&self.names, &self.around);
            if let Some(own) = own.filter(|own| own.weight == Weight::Any && own.has_subject) {
                self.add(path, value, own, own.channels, Answer::Unclear, &evidence);
            }
        }
        self.around.truncate(around);
    }

    /// Adds what a value without nested fields says.
    fn state(&mut self, path: &str, value: &'v Value, meaning: Meaning, evidence: &Evidence) {
        if let Some(listed) = Listed::from_value(value) {
            // `consent: ["email"]`: the list is the answer.
            let counts = matches!(meaning.weight, Weight::Any | Weight::NoOnly | Weight::YesOrNo);
            let channels = if listed.channels.is_empty() { meaning.channels } else { listed.channels };
            let answer = if meaning.is_negative { Answer::No } else { Answer::Yes };
            let names_any = listed.marketing || !listed.channels.is_empty();
            if counts && names_any {
                self.add(path, value, meaning, channels, answer, evidence);
            }
            if names_any || value.is_array() {
                return;
            }
        }
        let said = match value {
            Value::Array(elements) => match elements.as_slice() {
                [] => Said::Nothing,
                [only] => answer::read(only),
                _ => Said::Other,
            },
            other => answer::read(other),
        };
        if let Some(answer) = answer_to(meaning, said, value) {
            self.add(path, value, meaning, meaning.channels, answer, evidence);
        }
    }

    fn add(
        &mut self,
        path: &str,
        value: &'v Value,
        about: Meaning,
        channels: Channels,
        answer: Answer,
        with: &Evidence,
    ) {
        let answer = match answer {
            // One of several lists, of which nothing is known: a no to it may be meant for all, a yes is not.
            Answer::Yes if about.is_partial => return,
            Answer::No if about.is_partial => Answer::Unclear,
            other => other,
        };
        let refuses_all = about.is_negative || about.weight == Weight::NoOnly;
        let field = path.to_owned();
        self.found.push(Statement { answer, field, value, channels, refuses_all, evidence: with.clone() });
    }
}

/// What a value answers to a field of this meaning; nothing if it is no answer. A no to a negative name is none either: who has not
/// unsubscribed has not subscribed for that.
fn answer_to(meaning: Meaning, said: Said, value: &Value) -> Option<Answer> {
    let plain = |answer| match answer {
        Answer::Yes if meaning.is_negative => Some(Answer::No),
        Answer::No if meaning.is_negative => None,
        other => Some(other),
    };
    match (meaning.weight, said) {
        (_, Said::Nothing) => None,
        (Weight::EndInstant, Said::Instant) => Some(Answer::No),
        (Weight::EndInstant, _) => None,
        (_, Said::Explicit(answer)) => Some(answer),
        (Weight::ExplicitOnly, _) => None,
        (Weight::NoOnly, Said::Plain(answer)) => plain(answer).filter(|answer| *answer == Answer::No),
        (Weight::Any | Weight::YesOrNo, Said::Plain(answer)) => plain(answer),
        // When somebody unsubscribed: they did.
        (Weight::Any, Said::Instant) if meaning.is_negative => Some(Answer::No),
        (Weight::Any, Said::Instant | Said::Other) => (!is_reference(value)).then_some(Answer::Unclear),
        (Weight::YesOrNo | Weight::NoOnly, Said::Instant | Said::Other) => None,
    }
}

/// What a list, or a text with commas, of channels and purposes names.
struct Listed {
    channels: Channels,
    marketing: bool,
}

impl Listed {
    /// `None` if any part is something else.
    fn from_value(value: &Value) -> Option<Self> {
        let parts: Vec<&str> = match value {
            Value::String(text) => text.split([',', ';', '|']).collect(),
            Value::Array(elements) => elements.iter().map(Value::as_str).collect::<Option<_>>()?,
            _ => return None,
        };
        let mut listed = Self { channels: Channels::default(), marketing: false };
        let mut is_any = false;
        for part in parts.iter().filter(|part| !part.trim().is_empty()) {
            is_any = true;
            let words = name::words(part);
            let is_list = !words.is_empty() && words.iter().all(|word| is_subject(*word));
            // A sentence is no list.
            if !is_list || part.split_whitespace().count() > 2 {
                return None;
            }
            if words.iter().any(|word| matches!(word, Word::Foreign | Word::OtherChannel)) {
                continue;
            }
            let email = words.iter().any(|word| matches!(word, Word::Email | Word::Newsletter));
            listed.channels = listed.channels.or(Channels { email, sms: words.contains(&Word::Sms) });
            listed.marketing |= words.iter().any(|word| matches!(word, Word::Marketing | Word::Newsletter));
        }
        is_any.then_some(listed)
    }
}

fn is_subject(word: Word) -> bool {
    use Word::{Email, Foreign, Marketing, Newsletter, OtherChannel, Sms};
    matches!(word, Email | Sms | Newsletter | Marketing | OtherChannel | Foreign)
}

fn names_subject(name: &str, value: &Value) -> bool {
    NAMES_OF_SUBJECTS.contains(&name) && value.is_string()
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    }
}

/// Whether a value refers to something and so answers nothing: an address, a number to call, a link.
fn is_reference(value: &Value) -> bool {
    let Some(text) = value.as_str().map(str::trim) else { return false };
    text.contains('@') || text.contains("://") || text.starts_with('+')
}
