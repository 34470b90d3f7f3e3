//! Decides what a simulated customer does with a message: a function of the message, the rates and a seed, without a clock or
//! randomness. The same message has the same reactions in every run.

use super::{Action, Choice, DeliveredMessage, Rates, TimedAction};
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::TemplateForm;
use rekindle_lifecycle::id::fraction;
use rekindle_lifecycle::nps::NpsGroup;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// How long after delivery a mail may be opened, in seconds. Most are opened on the same day.
const MAX_OPEN_DELAY: i64 = 36 * HOUR;
/// The share of mails to a full mailbox that bounce.
const FULL_MAILBOX_BOUNCE_RATE: f64 = 0.8;

/// Comments of promoters.
const PROMOTER_COMMENTS: [&str; 3] =
    ["It came the next day", "You found me a record I had given up on", "Always a kind word with the parcel"];
/// Comments of passives.
const PASSIVE_COMMENTS: [&str; 2] = ["A little dear, but good", "I'd like more jazz"];
/// Comments of detractors.
const DETRACTOR_COMMENTS: [&str; 4] = [
    "The sleeve was bent",
    "It took three weeks",
    "Nobody answered my <b>two</b> letters",
    "=1+1 copies, I had ordered one",
];
/// Answers to texts.
const TEXT_REPLIES: [&str; 2] = ["Do you have it on vinyl?", "Thanks, I'll look in on Saturday"];

/// Simulated customers who behave by rates.
#[derive(Debug, Clone)]
pub struct Model {
    rates: Rates,
    seed: String,
}

/// The draws about one message: each name gives a number, which is always the same.
struct Draws<'m> {
    seed: &'m str,
    about: &'m str,
}

impl Draws<'_> {
    fn number(&self, name: &str) -> f64 {
        fraction(&["reader", self.seed, name, self.about])
    }

    fn chance(&self, name: &str, rate: f64) -> bool {
        self.number(name) < rate
    }

    /// A number of seconds from `min` to `max`.
    fn seconds(&self, name: &str, min: i64, max: i64) -> SignedDuration {
        SignedDuration::from_secs(min + part(self.number(name), max - min + 1))
    }

    /// One of several texts.
    fn choose<'t>(&self, name: &str, texts: &[&'t str]) -> &'t str {
        texts[usize::try_from(part(self.number(name), i64::try_from(texts.len()).unwrap_or(1))).unwrap_or(0)]
    }
}

/// A share of a whole, rounded down.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "spans of time are far below 2^52")]
fn part(fraction: f64, whole: i64) -> i64 {
    (fraction * whole as f64) as i64
}

impl Model {
    /// Simulated customers who behave by these rates. Another seed gives other behaviour.
    #[must_use]
    pub fn new(rates: Rates, seed: u64) -> Self {
        Self { rates, seed: seed.to_string() }
    }

    /// The rates.
    #[must_use]
    pub fn rates(&self) -> &Rates {
        &self.rates
    }

    /// Whether something with a rate happens.
    #[must_use]
    pub fn chance(&self, what: &str, about: &str, rate: f64) -> bool {
        Draws { seed: &self.seed, about }.chance(what, rate)
    }

    /// A number from 0 to 1, by which things are put in a random order.
    #[must_use]
    pub fn random(&self, what: &str, about: &str) -> f64 {
        Draws { seed: &self.seed, about }.number(what)
    }

    /// All actions about a message in the order of time, each later than its delivery.
    #[must_use]
    pub fn actions(&self, message: &DeliveredMessage) -> Vec<TimedAction> {
        let mut actions = match message.channel.row().template {
            TemplateForm::Text => self.text_actions(message),
            TemplateForm::Mail | TemplateForm::Title => self.mail_actions(message),
        };
        actions.sort_by_key(|timed| timed.at);
        actions
    }

    fn text_actions(&self, message: &DeliveredMessage) -> Vec<TimedAction> {
        let (draws, rates) = (self.draws(message), &self.rates.text);
        let answered_at = message.sent_at + draws.seconds("text answered", 30, 3 * HOUR);
        let reply = |text| vec![TimedAction { at: answered_at, action: Action::Reply(text) }];
        if message.links_to("c").next().is_some() {
            return match draws.number("text confirm") / rates.confirm {
                yes if yes < 0.7 => reply(draws.choose("yes", &["YES", "Yes.", "y"])),
                yes if yes < 1.0 => vec![TimedAction { at: answered_at, action: Action::Confirm }],
                _ => Vec::new(),
            };
        }
        if draws.chance("stop", rates.stop) {
            return reply(draws.choose("stop word", &["STOP", "Stop.", "unsubscribe"]));
        }
        if draws.chance("help", rates.help) {
            return reply("HELP");
        }
        if draws.chance("reply", rates.reply) {
            return reply(draws.choose("sentence", &TEXT_REPLIES));
        }
        Vec::new()
    }

    fn mail_actions(&self, message: &DeliveredMessage) -> Vec<TimedAction> {
        let (draws, rates) = (self.draws(message), &self.rates.mail);
        let bounced_at = message.sent_at + draws.seconds("bounced", 2, 50);
        let bounce = |permanent| vec![TimedAction { at: bounced_at, action: Action::Bounce { permanent } }];
        let full = self.chance("full mailbox", &message.to, rates.full_mailbox)
            && draws.chance("still full", FULL_MAILBOX_BOUNCE_RATE);
        if self.chance("dead address", &message.to, rates.dead_address) {
            return bounce(true);
        }
        if full || draws.chance("transient bounce", rates.transient_bounce) {
            return bounce(false);
        }
        let mut actions = Vec::new();
        let mut later = |at: Timestamp, action| actions.push(TimedAction { at, action });
        let looked = draws.number("opened after");
        let opened_at = message.sent_at + SignedDuration::from_secs(40 + part(looked * looked, MAX_OPEN_DELAY));
        if draws.chance("scanned", rates.scanned) {
            let at_once = draws.chance("scanned at once", 0.5);
            later(if at_once { message.sent_at + SignedDuration::from_secs(3) } else { opened_at }, Action::Scan);
        }
        if draws.chance("complaint", rates.complaint) {
            later(opened_at, Action::Complain);
            return actions;
        }
        let read_at = opened_at + draws.seconds("read", 15, 3 * MINUTE);
        let mut acted = true;
        if draws.chance("unsubscribe", rates.unsubscribe) {
            let one_click = message.one_click.is_some() && draws.chance("one click", 0.5);
            later(read_at, Action::Unsubscribe { one_click });
            if !one_click && draws.chance("undo", rates.undo) {
                later(read_at + draws.seconds("undone", 20, 5 * MINUTE), Action::Undo);
            }
        } else if draws.chance("preferences", rates.preferences) {
            later(
                read_at,
                Action::Choose(match draws.number("choice") {
                    pause if pause < 0.4 => Choice::Pause,
                    referral if referral < 0.7 => Choice::Without("referral"),
                    _ => Choice::Without("survey"),
                }),
            );
        } else if message.links_to("c").next().is_some() && draws.chance("confirm", rates.confirm) {
            later(read_at, Action::Confirm);
        } else if message.links_to("n").count() == 11 && draws.chance("answer", self.rates.survey.answer) {
            let score = self.score(&draws);
            later(read_at, self.answer(&draws, score));
            if draws.chance("second thoughts", self.rates.survey.second_thoughts) {
                let instead = if score == 0 { 1 } else { score - 1 };
                later(
                    read_at + draws.seconds("reconsidered", MINUTE, 10 * MINUTE),
                    Action::Reconsider { score, instead },
                );
            }
        } else {
            acted = false;
        }
        let to_shop = message.link_to_shop().and_then(|shop| message.links.iter().position(|link| link == shop));
        if let Some(link) = to_shop.filter(|_| draws.chance("click", rates.click)) {
            later(read_at, Action::Click { link });
            if draws.chance("click again", 0.2) {
                later(read_at + draws.seconds("clicked again", HOUR, 2 * DAY), Action::Click { link });
            }
            acted = true;
        }
        // A customer who acts opens the mail, and some others do too.
        if acted || draws.chance("open", rates.open) {
            later(opened_at, Action::Open);
        }
        actions
    }

    fn score(&self, draws: &Draws<'_>) -> u8 {
        let (rates, group) = (&self.rates.survey, draws.number("group"));
        if group < rates.promoters {
            if draws.chance("score", 0.6) { 10 } else { 9 }
        } else if group < 1.0 - rates.detractors {
            if draws.chance("score", 0.6) { 8 } else { 7 }
        } else {
            u8::try_from(part(draws.number("score"), 7)).unwrap_or(0)
        }
    }

    fn answer(&self, draws: &Draws<'_>, score: u8) -> Action {
        let rates = &self.rates.survey;
        let reasons: &[&str] = match NpsGroup::from_score(score) {
            NpsGroup::Promoter => &PROMOTER_COMMENTS,
            NpsGroup::Passive => &PASSIVE_COMMENTS,
            NpsGroup::Detractor => &DETRACTOR_COMMENTS,
        };
        let comment = draws.chance("comment", rates.comment).then(|| draws.choose("reason", reasons));
        let may_call = NpsGroup::from_score(score) == NpsGroup::Detractor && draws.chance("may call", rates.may_call);
        Action::Answer { score, comment, may_call }
    }

    fn draws<'m>(&'m self, message: &'m DeliveredMessage) -> Draws<'m> {
        Draws { seed: &self.seed, about: &message.draw_key }
    }
}

#[cfg(test)]
mod tests {
    use super::super::delivered_message::tests::message;
    use super::*;

    fn model(changes: &str, seed: u64) -> Model {
        Model::new(Rates::parse(changes).expect("rates"), seed)
    }

    /// The actions about one mail to each of many customers.
    fn all_actions(model: &Model, text: &str) -> Vec<Vec<TimedAction>> {
        (0..2_000).map(|n| model.actions(&message(&format!("c{n}"), "nps", "question", text))).collect()
    }

    fn share(actions: &[Vec<TimedAction>], is_one: impl Fn(&Action) -> bool) -> f64 {
        let found = actions.iter().filter(|actions| actions.iter().any(|timed| is_one(&timed.action))).count();
        f64::from(u32::try_from(found).expect("a small number")) / 2_000.0
    }

    fn survey() -> String {
        let scores = (0..=10).map(|score| format!("{score}: http://127.0.0.1:1/n/t{score}\n"));
        scores.collect::<String>() + "https://tea.example/new"
    }

    #[test]
    fn the_same_message_has_the_same_reactions_and_another_seed_other_ones() {
        let actions = all_actions(&model("", 1), &survey());
        assert_eq!(actions, all_actions(&model("", 1), &survey()));
        assert_ne!(actions, all_actions(&model("", 2), &survey()));
    }

    #[test]
    fn actions_are_as_frequent_as_the_rates_say() {
        let actions = all_actions(&model("[mail]\nunsubscribe = 0.05\n", 1), &survey());
        for (rate, found) in [
            (0.05, share(&actions, |action| matches!(action, Action::Unsubscribe { .. }))),
            (0.15 * 0.94, share(&actions, |action| matches!(action, Action::Answer { .. }))),
            (0.04, share(&actions, |action| matches!(action, Action::Click { .. }))),
            (0.15 * 0.94 * 0.55, share(&actions, |action| matches!(action, Action::Answer { score: 9.., .. }))),
            (0.15 * 0.94 * 0.20, share(&actions, |action| matches!(action, Action::Answer { score: ..=6, .. }))),
        ] {
            assert!((found - rate).abs() < 0.025, "{found} where {rate} was expected");
        }
    }

    #[test]
    fn actions_are_in_order_and_later_than_the_delivery() {
        let actions = all_actions(
            &model("[mail]\nscanned = 0.5\nfull_mailbox = 0.5\nunsubscribe = 0.5\nundo = 1\n", 3),
            &survey(),
        );
        let delivered_at = message("anna", "nps", "question", "").sent_at;
        for actions in actions {
            assert!(actions.is_sorted_by_key(|timed| timed.at));
            assert!(actions.iter().all(|timed| timed.at > delivered_at), "{actions:?}");
        }
    }

    #[test]
    fn mails_to_a_dead_address_bounce_every_time() {
        let model = model("[mail]\ndead_address = 0.3\n", 1);
        for n in 0..200 {
            let name = format!("c{n}");
            let about = |step| model.actions(&message(&name, "welcome", step, &survey()));
            let dead = |actions: &[TimedAction]| {
                matches!(actions, [TimedAction { action: Action::Bounce { permanent: true }, .. }])
            };
            assert_eq!(dead(&about("thanks")), dead(&about("guide")), "an address is there or not");
        }
    }
}
