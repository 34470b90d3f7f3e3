//! What an export says about consent to marketing.

use crate::columns::{Field, RowFields};
use crate::history::{Options, RowError};
use crate::orders::Plan;
use crate::values::fold_word;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// What a word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    /// The person was never asked, or did not answer.
    Nothing,
}

/// The consents of a row as traits, and the earliest moment at which all of them hold.
#[derive(Debug, Default)]
pub(super) struct Consents {
    pub(super) traits: Map<String, Value>,
    pub(super) at: Option<Timestamp>,
    pub(super) warnings: Vec<RowError>,
}

/// Reads the consents of a row. A refusal needs no more; an agreement needs its time, or the owner's statement. What shop systems write
/// for everybody who never answered says nothing.
pub(super) fn from_row(
    line: u64,
    fields: &RowFields<'_>,
    plan: &Plan,
    options: &Options,
) -> Result<Consents, RowError> {
    let mut found = Consents::default();
    for (name, field, at) in [
        ("email_marketing_consent", Field::EmailConsent, Field::EmailConsentAt),
        ("sms_marketing_consent", Field::SmsConsent, Field::SmsConsentAt),
    ] {
        let text = fields.text(field);
        let refuse = |field: Field, reason: String| RowError { line, field: fields.column(field), reason };
        let at = instant(fields, plan, at).map_err(|reason| refuse(at, reason))?;
        let answer = match answer(&text) {
            Some(answer) => answer,
            None => {
                found.warnings.push(refuse(field, format!("is {text:?}, which is neither yes nor no; it is left out")));
                continue;
            }
        };
        let state = match (answer, at, &options.consent_statement) {
            (Answer::Nothing, _, _) => continue,
            (Answer::No, _, _) => json!({ "state": "unsubscribed", "source": "import" }),
            (Answer::Yes, Some(_), None) => json!({ "state": "subscribed", "source": "import" }),
            (Answer::Yes, Some(_), Some(statement)) => {
                json!({ "state": "subscribed", "source": "import", "text": statement })
            }
            (Answer::Yes, None, Some(statement)) => {
                json!({ "state": "subscribed", "source": "imported, unknown time", "text": statement })
            }
            (Answer::Yes, None, None) => {
                let reason =
                    "says yes, but not when; it is left out. --consent-statement TEXT is the owner's statement that \
                              they agreed, and takes it"
                        .to_owned();
                found.warnings.push(refuse(field, reason));
                continue;
            }
        };
        found.add(name, state, at);
    }
    let cause = fields.text(Field::Suppression);
    let is_suppressed = !cause.is_empty()
        && cause != "[]"
        && !matches!(fold_word(&cause).as_str(), "no" | "false" | "never subscribed");
    if is_suppressed {
        let refuse = |reason: String| RowError { line, field: fields.column(Field::SuppressedAt), reason };
        let at = instant(fields, plan, Field::SuppressedAt).map_err(refuse)?;
        let source = format!("import: {}", fold_word(&cause).chars().take(60).collect::<String>());
        found.add("email_marketing_consent", json!({ "state": "unsubscribed", "source": source }), at);
    }
    Ok(found)
}

impl Consents {
    /// Adds an answer; a later one about the same channel replaces it.
    fn add(&mut self, name: &str, mut state: Value, at: Option<Timestamp>) {
        if let Some(at) = at {
            state["consent_updated_at"] = json!(at.to_string());
        }
        self.at = self.at.max(at);
        self.traits.insert(name.to_owned(), state);
    }
}

fn instant(fields: &RowFields<'_>, plan: &Plan, field: Field) -> Result<Option<Timestamp>, String> {
    let text = fields.text(field);
    if text.is_empty() {
        return Ok(None);
    }
    let rules = plan.dates.get(&field).cloned().unwrap_or_default();
    rules.instant(&text).map(Some).map_err(|error| error.to_string())
}

/// What a word says; `None` if it is neither.
fn answer(text: &str) -> Option<Answer> {
    Some(match fold_word(text).as_str() {
        "" | "never subscribed" | "not subscribed" | "no" | "false" | "0" | "n" | "pending" => Answer::Nothing,
        "subscribed" | "yes" | "true" | "1" | "y" | "opted in" | "subscribe" => Answer::Yes,
        "unsubscribed" | "opted out" | "redacted" | "invalid" | "unsubscribe" | "suppressed" => Answer::No,
        _ => return None,
    })
}
