//! What a reader does about a letter: a function of the letter, the rates and a seed, without a clock and without
//! chance. The same letter is read the same way in every run.

use super::{Action, Choice, DeliveredMessage, Rates, Timed};
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::channel::TemplateForm;
use rekindle_lifecycle::id::fraction;
use rekindle_lifecycle::nps::NpsGroup;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Most mails are opened on the day on which they come, some on the next.
const OPENED_WITHIN: i64 = 36 * HOUR;
/// Of the mails to a full mailbox.
const STILL_FULL: f64 = 0.8;

/// Reasons of people who are happy, who are nearly so, and who are not.
const HAPPY: [&str; 3] =
    ["It came the next day", "You found me a record I had given up on", "Always a kind word with the parcel"];
const NEARLY: [&str; 2] = ["A little dear, but good", "I'd like more jazz"];
const UNHAPPY: [&str; 4] = [
    "The sleeve was bent",
    "It took three weeks",
    "Nobody answered my <b>two</b> letters",
    "=1+1 copies, I had ordered one",
];
const SENTENCES: [&str; 2] = ["Do you have it on vinyl?", "Thanks, I'll look in on Saturday"];

/// Readers who behave by rates.
#[derive(Debug, Clone)]
pub struct Model {
    rates: Rates,
    seed: String,
}

/// The draws about one letter: each name gives one number, always the same.
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

    /// A number of seconds from `least` to `most`.
    fn seconds(&self, name: &str, least: i64, most: i64) -> SignedDuration {
        SignedDuration::from_secs(least + part(self.number(name), most - least + 1))
    }

    fn of<'t>(&self, name: &str, texts: &[&'t str]) -> &'t str {
        texts[usize::try_from(part(self.number(name), i64::try_from(texts.len()).unwrap_or(1))).unwrap_or(0)]
    }
}

/// That share of a whole, rounded down.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "spans of time are far below 2^52")]
fn part(fraction: f64, whole: i64) -> i64 {
    (fraction * whole as f64) as i64
}

impl Model {
    /// Readers who behave by these rates. Another seed makes other people of them.
    #[must_use]
    pub fn new(rates: Rates, seed: u64) -> Self {
        Self { rates, seed: seed.to_string() }
    }

    /// The rates.
    #[must_use]
    pub fn rates(&self) -> &Rates {
        &self.rates
    }

    /// Whether something happens that does so at this rate.
    #[must_use]
    pub fn chance(&self, what: &str, about: &str, rate: f64) -> bool {
        Draws { seed: &self.seed, about }.chance(what, rate)
    }

    /// A number from 0 to 1 that orders things as if by chance.
    #[must_use]
    pub fn lot(&self, what: &str, about: &str) -> f64 {
        Draws { seed: &self.seed, about }.number(what)
    }

    /// Everything that is done about a letter, in order of time, each act later than its delivery.
    #[must_use]
    pub fn acts(&self, letter: &DeliveredMessage) -> Vec<Timed> {
        let mut acts = match letter.channel.row().template {
            TemplateForm::Text => self.about_text(letter),
            TemplateForm::Mail | TemplateForm::Title => self.about_mail(letter),
        };
        acts.sort_by_key(|timed| timed.at);
        acts
    }

    fn about_text(&self, letter: &DeliveredMessage) -> Vec<Timed> {
        let (draws, rates) = (self.draws(letter), &self.rates.text);
        let answered_at = letter.sent_at + draws.seconds("text answered", 30, 3 * HOUR);
        let reply = |text| vec![Timed { at: answered_at, act: Action::Reply(text) }];
        if letter.links_to("c").next().is_some() {
            return match draws.number("text confirm") / rates.confirm {
                yes if yes < 0.7 => reply(draws.of("yes", &["YES", "Yes.", "y"])),
                yes if yes < 1.0 => vec![Timed { at: answered_at, act: Action::Confirm }],
                _ => Vec::new(),
            };
        }
        if draws.chance("stop", rates.stop) {
            return reply(draws.of("stop word", &["STOP", "Stop.", "unsubscribe"]));
        }
        if draws.chance("help", rates.help) {
            return reply("HELP");
        }
        if draws.chance("reply", rates.reply) {
            return reply(draws.of("sentence", &SENTENCES));
        }
        Vec::new()
    }

    fn about_mail(&self, letter: &DeliveredMessage) -> Vec<Timed> {
        let (draws, rates) = (self.draws(letter), &self.rates.mail);
        let bounced_at = letter.sent_at + draws.seconds("bounced", 2, 50);
        let bounce = |permanent| vec![Timed { at: bounced_at, act: Action::Bounce { permanent } }];
        let full =
            self.chance("full mailbox", &letter.to, rates.full_mailbox) && draws.chance("still full", STILL_FULL);
        if self.chance("dead address", &letter.to, rates.dead_address) {
            return bounce(true);
        }
        if full || draws.chance("transient bounce", rates.transient_bounce) {
            return bounce(false);
        }
        let mut acts = Vec::new();
        let mut later = |at: Timestamp, act| acts.push(Timed { at, act });
        let looked = draws.number("opened after");
        let opened_at = letter.sent_at + SignedDuration::from_secs(40 + part(looked * looked, OPENED_WITHIN));
        if draws.chance("scanned", rates.scanned) {
            let at_once = draws.chance("scanned at once", 0.5);
            later(if at_once { letter.sent_at + SignedDuration::from_secs(3) } else { opened_at }, Action::Scan);
        }
        if draws.chance("complaint", rates.complaint) {
            later(opened_at, Action::Complain);
            return acts;
        }
        let read_at = opened_at + draws.seconds("read", 15, 3 * MINUTE);
        let mut acted = true;
        if draws.chance("unsubscribe", rates.unsubscribe) {
            let one_click = letter.one_click.is_some() && draws.chance("one click", 0.5);
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
        } else if letter.links_to("c").next().is_some() && draws.chance("confirm", rates.confirm) {
            later(read_at, Action::Confirm);
        } else if letter.links_to("n").count() == 11 && draws.chance("answer", self.rates.survey.answer) {
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
        let to_shop = letter.link_to_shop().and_then(|shop| letter.links.iter().position(|link| link == shop));
        if let Some(link) = to_shop.filter(|_| draws.chance("click", rates.click)) {
            later(read_at, Action::Click { link });
            if draws.chance("click again", 0.2) {
                later(read_at + draws.seconds("clicked again", HOUR, 2 * DAY), Action::Click { link });
            }
            acted = true;
        }
        // Who acts has opened the mail, and others have as well.
        if acted || draws.chance("open", rates.open) {
            later(opened_at, Action::Open);
        }
        acts
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
            NpsGroup::Promoter => &HAPPY,
            NpsGroup::Passive => &NEARLY,
            NpsGroup::Detractor => &UNHAPPY,
        };
        let comment = draws.chance("comment", rates.comment).then(|| draws.of("reason", reasons));
        let may_call = NpsGroup::from_score(score) == NpsGroup::Detractor && draws.chance("may call", rates.may_call);
        Action::Answer { score, comment, may_call }
    }

    fn draws<'m>(&'m self, letter: &'m DeliveredMessage) -> Draws<'m> {
        Draws { seed: &self.seed, about: &letter.draw }
    }
}

#[cfg(test)]
mod tests {
    use super::super::delivered_message::tests::letter;
    use super::*;

    fn model(changes: &str, seed: u64) -> Model {
        Model::new(Rates::parse(changes).expect("rates"), seed)
    }

    /// What is done about one mail to each of many customers.
    fn all_acts(model: &Model, text: &str) -> Vec<Vec<Timed>> {
        (0..2_000).map(|n| model.acts(&letter(&format!("c{n}"), "nps", "question", text))).collect()
    }

    fn share(acts: &[Vec<Timed>], is_one: impl Fn(&Action) -> bool) -> f64 {
        let found = acts.iter().filter(|acts| acts.iter().any(|timed| is_one(&timed.act))).count();
        f64::from(u32::try_from(found).expect("a small number")) / 2_000.0
    }

    fn survey() -> String {
        let scores = (0..=10).map(|score| format!("{score}: http://127.0.0.1:1/n/t{score}\n"));
        scores.collect::<String>() + "https://tea.example/new"
    }

    #[test]
    fn the_same_letter_is_read_the_same_way_and_another_seed_makes_other_readers() {
        let acts = all_acts(&model("", 1), &survey());
        assert_eq!(acts, all_acts(&model("", 1), &survey()));
        assert_ne!(acts, all_acts(&model("", 2), &survey()));
    }

    #[test]
    fn people_behave_as_often_as_the_rates_say() {
        let acts = all_acts(&model("[mail]\nunsubscribe = 0.05\n", 1), &survey());
        for (rate, found) in [
            (0.05, share(&acts, |act| matches!(act, Action::Unsubscribe { .. }))),
            (0.15 * 0.94, share(&acts, |act| matches!(act, Action::Answer { .. }))),
            (0.04, share(&acts, |act| matches!(act, Action::Click { .. }))),
            (0.15 * 0.94 * 0.55, share(&acts, |act| matches!(act, Action::Answer { score: 9.., .. }))),
            (0.15 * 0.94 * 0.20, share(&acts, |act| matches!(act, Action::Answer { score: ..=6, .. }))),
        ] {
            assert!((found - rate).abs() < 0.025, "{found} where {rate} was expected");
        }
    }

    #[test]
    fn nothing_is_done_before_a_letter_is_there_and_acts_are_in_order() {
        let acts =
            all_acts(&model("[mail]\nscanned = 0.5\nfull_mailbox = 0.5\nunsubscribe = 0.5\nundo = 1\n", 3), &survey());
        let delivered_at = letter("anna", "nps", "question", "").sent_at;
        for acts in acts {
            assert!(acts.is_sorted_by_key(|timed| timed.at));
            assert!(acts.iter().all(|timed| timed.at > delivered_at), "{acts:?}");
        }
    }

    #[test]
    fn who_does_not_exist_reads_nothing_and_bounces_every_time() {
        let model = model("[mail]\ndead_address = 0.3\n", 1);
        for n in 0..200 {
            let name = format!("c{n}");
            let about = |step| model.acts(&letter(&name, "welcome", step, &survey()));
            let dead = |acts: &[Timed]| matches!(acts, [Timed { act: Action::Bounce { permanent: true }, .. }]);
            assert_eq!(dead(&about("thanks")), dead(&about("guide")), "an address is there or not");
        }
    }
}
