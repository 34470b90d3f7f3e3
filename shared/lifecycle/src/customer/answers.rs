//! What one side, the shop or the customer, answered to the question of consent, by channel and purpose.

use super::register::{self, Register, apply};
use crate::channel::{Channel, Purpose};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The slot's name, in place of a purpose, for all purposes that have no slot of their own.
const OTHER_PURPOSES: char = '*';

/// What one side answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Answers {
    /// By channel and purpose, those to all purposes included.
    answers: BTreeMap<(Channel, Purpose), Register<Answer>>,
    /// The latest answer to all purposes of a channel: it also holds for the purposes that only other versions know.
    all_purposes: BTreeMap<Channel, Register<Answer>>,
    /// Slots of channels and purposes that this version does not know, as they were read.
    unrecognised: BTreeMap<String, Register<Answer>>,
}

crate::stored_codes! {
    /// An answer to the question of consent. A refusal is larger than a grant, so that of two answers of one instant the
    /// refusal holds.
    pub enum Answer {
        /// Yes.
        Granted = "y",
        /// No.
        Refused = "n",
    }
}

impl Answers {
    pub(super) fn apply(&mut self, channel: Channel, purpose: Option<Purpose>, answer: Answer, at: Timestamp) {
        for known in Purpose::KNOWN.into_iter().filter(|known| purpose.is_none_or(|only| only == *known)) {
            let mut register = self.answers.remove(&(channel, known));
            apply(&mut register, answer, at);
            self.answers.extend(register.map(|register| ((channel, known), register)));
        }
        if purpose.is_none() {
            let mut register = self.all_purposes.remove(&channel);
            apply(&mut register, answer, at);
            self.all_purposes.extend(register.map(|register| (channel, register)));
        }
    }

    pub(super) fn get(&self, channel: Channel, purpose: Purpose) -> Option<&Register<Answer>> {
        self.answers.get(&(channel, purpose))
    }

    pub(super) fn instants(&self) -> impl Iterator<Item = Timestamp> {
        let known = self.answers.values().chain(self.all_purposes.values());
        known.chain(self.unrecognised.values()).map(|register| register.at)
    }

    /// When a yes to any purpose of a channel was last given.
    pub(super) fn last_yes(&self, channel: Channel) -> Option<Timestamp> {
        let given = self.answers.iter().filter(|((of, _), said)| *of == channel && said.value == Answer::Granted);
        given.map(|(_, said)| said.at).max()
    }

    /// Whether every purpose of a channel is refused, those of other versions included.
    pub(super) fn refuse_all(&self, channel: Channel) -> bool {
        let refuses = |register: Option<&Register<Answer>>| register.is_some_and(|said| said.value == Answer::Refused);
        let each = Purpose::KNOWN.into_iter().all(|purpose| refuses(self.get(channel, purpose)));
        each && refuses(self.all_purposes.get(&channel))
    }

    /// The answers about one channel alone.
    pub(super) fn about(&self, channel: Channel) -> Self {
        let is_about = |slot: &str| channel.slot().is_some_and(|letter| slot.starts_with(letter));
        let mut answers = self.clone();
        answers.answers.retain(|(of, _), _| *of == channel);
        answers.all_purposes.retain(|of, _| *of == channel);
        answers.unrecognised.retain(|slot, _| is_about(slot));
        answers
    }

    /// Those that are no yes.
    pub(super) fn refusals(mut self) -> Self {
        let is_none = |said: &Register<Answer>| said.value != Answer::Granted;
        self.answers.retain(|_, said| is_none(said));
        self.all_purposes.retain(|_, said| is_none(said));
        self.unrecognised.retain(|_, said| is_none(said));
        self
    }

    /// Whether these answer the same questions in the same way as others, whenever that was.
    pub(super) fn say_the_same_as(&self, other: &Self) -> bool {
        same(&self.answers, &other.answers)
            && same(&self.all_purposes, &other.all_purposes)
            && same(&self.unrecognised, &other.unrecognised)
    }

    /// Joins what was answered elsewhere: of two answers to one question the later holds.
    pub(super) fn join(&mut self, other: &Self) {
        join(&mut self.answers, &other.answers);
        join(&mut self.all_purposes, &other.all_purposes);
        join(&mut self.unrecognised, &other.unrecognised);
    }
}

fn same<K: Ord>(one: &BTreeMap<K, Register<Answer>>, other: &BTreeMap<K, Register<Answer>>) -> bool {
    let values = |answers: &BTreeMap<K, Register<Answer>>| answers.values().map(|said| said.value).collect::<Vec<_>>();
    one.keys().eq(other.keys()) && values(one) == values(other)
}

fn join<K: Ord + Clone>(known: &mut BTreeMap<K, Register<Answer>>, other: &BTreeMap<K, Register<Answer>>) {
    for (key, said) in other {
        let mut register = known.remove(key);
        apply(&mut register, said.value, said.at);
        known.extend(register.map(|register| (key.clone(), register)));
    }
}

pub(super) fn to_slots(side: &Answers, latest: Timestamp) -> BTreeMap<String, register::Stored<Answer>> {
    let mut slots: BTreeMap<String, register::Stored<Answer>> =
        side.unrecognised.iter().map(|(slot, register)| (slot.clone(), register.stored(latest))).collect();
    for (channel, letter) in Channel::KNOWN.into_iter().filter_map(|channel| Some((channel, channel.slot()?))) {
        let all = side.all_purposes.get(&channel);
        let answer = |purpose| side.get(channel, purpose);
        if all.is_some() && Purpose::KNOWN.into_iter().all(|purpose| answer(purpose) == all) {
            slots.extend(all.map(|register| (letter.to_string(), register.stored(latest))));
            continue;
        }
        slots.extend(all.map(|register| (format!("{letter}{OTHER_PURPOSES}"), register.stored(latest))));
        for purpose in Purpose::KNOWN {
            let slot = purpose.slot().zip(answer(purpose));
            slots.extend(slot.map(|(purpose, register)| (format!("{letter}{purpose}"), register.stored(latest))));
        }
    }
    slots
}

pub(super) fn from_slots(slots: BTreeMap<String, register::Stored<Answer>>, latest: Timestamp) -> Answers {
    let mut slots: BTreeMap<String, Register<Answer>> =
        slots.into_iter().map(|(slot, stored)| (slot, stored.into_register(latest))).collect();
    let mut side = Answers::default();
    for (channel, letter) in Channel::KNOWN.into_iter().filter_map(|channel| Some((channel, channel.slot()?))) {
        let all = slots.remove(&letter.to_string()).or_else(|| slots.remove(&format!("{letter}{OTHER_PURPOSES}")));
        if let Some(Register { value, at }) = all {
            side.apply(channel, None, value, at);
        }
        for (purpose, end) in Purpose::KNOWN.into_iter().filter_map(|purpose| Some((purpose, purpose.slot()?))) {
            if let Some(Register { value, at }) = slots.remove(&format!("{letter}{end}")) {
                side.apply(channel, Some(purpose), value, at);
            }
        }
    }
    side.unrecognised = slots;
    side
}
