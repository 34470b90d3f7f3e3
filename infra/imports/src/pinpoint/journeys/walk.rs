//! Follows a journey's activities from its first one, and turns them into steps.

use super::conditions::{self, Conditions};
use super::durations::{MAX_MINUTES, minutes};
use super::notes::Notes;
use serde_json::Value;

/// Most activities that are visited in one journey, over all paths through it.
const MAX_VISITS: usize = 1_000;
/// The kinds of activities by their names in the API, and the fields of each that are translated.
const KINDS: [(&str, &[&str]); 10] = [
    ("EMAIL", &["NextActivity", "TemplateName"]),
    ("SMS", &["NextActivity", "TemplateName"]),
    ("Wait", &["NextActivity", "WaitTime"]),
    ("ConditionalSplit", &["Condition", "EvaluationWaitTime", "TrueActivity", "FalseActivity"]),
    ("MultiCondition", &["Branches", "DefaultActivity", "EvaluationWaitTime"]),
    ("RandomSplit", &["Branches"]),
    ("Holdout", &["NextActivity", "Percentage"]),
    ("ContactCenter", &["NextActivity"]),
    ("PUSH", &["NextActivity"]),
    ("CUSTOM", &["NextActivity"]),
];

/// A message of a journey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// The activity that it comes from.
    pub(super) activity: String,
    pub(super) minutes: i64,
    pub(super) channel: &'static str,
    pub(super) template: String,
    pub(super) conditions: Conditions,
    /// Why it is a comment only.
    pub(super) aside: Option<String>,
}

/// The result of a walk.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) steps: Vec<Step>,
    /// The percentage of customers who are held out.
    pub(super) holdout: Option<i64>,
}

/// The path from the first activity to the current one.
#[derive(Debug, Clone, Default)]
struct Path {
    minutes: i64,
    conditions: Conditions,
    aside: Option<String>,
}

struct Walk<'j> {
    journey: &'j Value,
    place: &'j str,
    notes: &'j mut Notes,
    walked: Walked,
    visits: usize,
}

/// Follows all paths through a journey.
pub(super) fn through(journey: &Value, place: &str, notes: &mut Notes) -> Walked {
    let mut walk = Walk { journey, place, notes, walked: Walked::default(), visits: 0 };
    walk.follow(&journey["StartActivity"], Path::default());
    walk.walked
}

impl Walk<'_> {
    fn note(&mut self, activity: &str, what: &str) {
        self.notes.add(&format!("{}, activity {activity}", self.place), what);
    }

    fn follow(&mut self, activity: &Value, mut path: Path) {
        let mut next = activity.as_str().unwrap_or_default().to_owned();
        while !next.is_empty() {
            self.visits += 1;
            let known = self.journey["Activities"].get(&next).cloned();
            let Some(activity) = known.filter(|_| self.visits <= MAX_VISITS) else {
                let what = if self.visits > MAX_VISITS {
                    "there are too many ways through the journey, or it runs in a circle"
                } else {
                    "is not there"
                };
                self.note(&next, what);
                return;
            };
            let kind = KINDS.iter().find(|(kind, _)| activity.get(kind).is_some_and(|value| !value.is_null()));
            let Some((kind, known)) = kind else {
                self.note(&next, &format!("is of an unknown kind, and ends the journey here: {activity}"));
                return;
            };
            self.notes.leftovers(&format!("{}, activity {next}", self.place), &activity, &[kind, "Description"]);
            let own = &activity[*kind];
            self.notes.leftovers(&format!("{}, activity {next} ({kind})", self.place), own, known);
            match *kind {
                "EMAIL" => self.message(&next, "email", own, &path),
                "SMS" => self.message(&next, "sms", own, &path),
                "ContactCenter" => {
                    self.note(&next, "a call of the contact centre is a task for people here");
                    self.message(&next, "task", own, &path);
                }
                "Wait" => self.wait(&next, &own["WaitTime"], &mut path),
                "Holdout" => {
                    let share = own["Percentage"].as_i64().unwrap_or_default();
                    self.walked.holdout = self.walked.holdout.max(Some(share));
                    if next != self.journey["StartActivity"].as_str().unwrap_or_default() {
                        self.note(&next, "the holdout counts from the beginning of the journey here");
                    }
                }
                "ConditionalSplit" => return self.split(&next, own, path),
                "MultiCondition" => return self.multi(&next, own, path),
                "RandomSplit" => return self.random(&next, own, &path),
                _ => self.note(&next, &format!("{kind} messages are not sent; the journey goes on after it")),
            }
            own["NextActivity"].as_str().unwrap_or_default().clone_into(&mut next);
        }
    }

    fn message(&mut self, activity: &str, channel: &'static str, own: &Value, path: &Path) {
        let template = own["TemplateName"].as_str().unwrap_or_default();
        if template.is_empty() && channel != "task" {
            self.note(activity, "names no template; one is named after the activity");
        }
        let template = if template.is_empty() { activity.to_owned() } else { template.to_owned() };
        let Path { minutes, conditions, aside } = path.clone();
        if conditions.is_impossible() {
            return self.note(activity, "is left out: no customer comes there");
        }
        let step = Step { activity: activity.to_owned(), minutes, channel, template, conditions, aside };
        // Paths that part and meet again lead to the same message, which comes after those on the paths.
        let met = self.walked.steps.iter().enumerate().find_map(|(index, known)| {
            let alike = known.activity == step.activity && known.minutes == step.minutes && known.aside == step.aside;
            let merged = if alike { known.conditions.either(&step.conditions) } else { None };
            merged.map(|merged| (index, merged))
        });
        let conditions = match met {
            Some((index, merged)) => {
                self.walked.steps.remove(index);
                merged
            }
            None => step.conditions.clone(),
        };
        self.walked.steps.push(Step { conditions, ..step });
    }

    fn wait(&mut self, activity: &str, time: &Value, path: &mut Path) {
        if let Some(until) = time["WaitUntil"].as_str().filter(|until| !until.is_empty()) {
            self.note(
                activity,
                &format!("waits until {until}; a step waits for a time only, so what follows is a comment"),
            );
            path.aside.get_or_insert_with(|| format!("after the wait until {until}"));
        }
        if let Some(text) = time["WaitFor"].as_str().filter(|text| !text.is_empty()) {
            match minutes(text).filter(|wait| path.minutes + wait <= MAX_MINUTES) {
                Some(wait) => path.minutes += wait,
                None => {
                    let what = format!("waits for {text:?}, which is no duration here, so what follows is a comment");
                    self.note(activity, &what);
                    path.aside.get_or_insert_with(|| format!("after the wait for {text}"));
                }
            }
        }
    }

    /// A split into yes and no.
    fn split(&mut self, activity: &str, own: &Value, mut path: Path) {
        self.wait(activity, &own["EvaluationWaitTime"], &mut path);
        let conditions = own["Condition"]["Conditions"].as_array().cloned().unwrap_or_default();
        let parsed: Result<Vec<_>, String> = conditions.iter().map(conditions::parse).collect();
        let all = own["Condition"]["Operator"] != "ANY";
        let parsed = match parsed {
            Ok(parsed) if parsed.is_empty() => Err("it asks for nothing".to_owned()),
            other => other,
        };
        match parsed {
            Ok(parsed) => {
                let opposite = |(what, happened): (&'static str, bool)| (what, !happened);
                let fold = |path: &Path, added: Vec<(&'static str, bool)>| Path {
                    conditions: added.into_iter().fold(path.conditions.clone(), Conditions::and),
                    ..path.clone()
                };
                let (yes, no) = (parsed.clone(), parsed.iter().copied().map(opposite).collect());
                // A policy can require all of several conditions or none of them, but not "not all of them".
                let one = parsed.len() == 1;
                self.branch(activity, &own["TrueActivity"], fold(&path, yes), one || all, "yes");
                self.branch(activity, &own["FalseActivity"], fold(&path, no), one || !all, "no");
            }
            Err(reason) => {
                self.note(activity, &format!("the split cannot be carried over: {reason}"));
                self.branch(activity, &own["TrueActivity"], path.clone(), false, "yes");
                self.branch(activity, &own["FalseActivity"], path, false, "no");
            }
        }
    }

    /// A split into several branches: the first one whose condition holds, or else the default.
    fn multi(&mut self, activity: &str, own: &Value, mut path: Path) {
        self.wait(activity, &own["EvaluationWaitTime"], &mut path);
        let branches = own["Branches"].as_array().cloned().unwrap_or_default();
        let mut known = true;
        for (index, branch) in branches.iter().enumerate() {
            let name = format!("branch {}", index + 1);
            match conditions::parse(&branch["Condition"]) {
                Ok((what, happened)) if known => {
                    let here = Path { conditions: path.conditions.clone().and((what, happened)), ..path.clone() };
                    self.branch(activity, &branch["NextActivity"], here, true, &name);
                    path.conditions = path.conditions.and((what, !happened));
                }
                other => {
                    if let Err(reason) = other {
                        self.note(activity, &format!("{name} cannot be carried over: {reason}"));
                    }
                    // Customers who do not fulfil it take a later branch, which a policy cannot express.
                    known = false;
                    self.branch(activity, &branch["NextActivity"], path.clone(), false, &name);
                }
            }
        }
        self.branch(activity, &own["DefaultActivity"], path, known, "default");
    }

    fn random(&mut self, activity: &str, own: &Value, path: &Path) {
        self.note(activity, "a random split cannot be carried over; its branches are comments: keep one of them");
        for branch in own["Branches"].as_array().cloned().unwrap_or_default() {
            let name = format!("{} % at random", branch["Percentage"]);
            self.branch(activity, &branch["NextActivity"], path.clone(), false, &name);
        }
    }

    fn branch(&mut self, activity: &str, next: &Value, mut path: Path, known: bool, name: &str) {
        let leads_somewhere = next.as_str().is_some_and(|next| !next.is_empty());
        if !known && leads_somewhere {
            self.note(activity, &format!("what follows on {name:?} is a comment"));
            path.aside.get_or_insert_with(|| format!("{name} at activity {activity}"));
        }
        self.follow(next, path);
    }
}
