//! `/n/{token}`: how likely are you to recommend us?

use crate::Links;
use crate::form::Form;
use crate::page::{self, Page};
use crate::visit::{LinksError, Visit};
use minijinja::context;
use rekindle_lifecycle::fact::{Event, Fact, NpsAnswer, Traits};

/// Longest answer to the open question that is kept, in characters.
const COMMENT: usize = 2_000;

/// GET shows the score of the link, chosen but not counted, and the open question. POST counts; of several
/// answers to one survey the last one holds.
pub(crate) async fn page(links: &Links, visit: &Visit, token: &str, form: Option<&Form>) -> Result<Page, LinksError> {
    let from_link = visit.claims.score.unwrap_or(10);
    let Some(form) = form else { return show(visit, token, &Shown { score: from_link, ..Shown::default() }) };
    let score = form.text("score").and_then(|text| text.parse().ok()).filter(|score| *score <= 10);
    let score = score.unwrap_or(from_link);
    let comment: String = form
        .text("comment")
        .unwrap_or_default()
        .chars()
        .filter(|c| *c == '\n' || !c.is_control())
        .take(COMMENT)
        .collect();
    let may_call = (score <= 6).then(|| form.ticked("may_call"));
    let shown = Shown { score, comment: comment.clone(), may_call: may_call == Some(true), answered: true };
    let answer = NpsAnswer { score, comment: (!comment.is_empty()).then_some(comment), may_call };
    let fact = Fact {
        at: visit.act_at(),
        id: visit.claims.message.to_string(),
        event: Event::NpsAnswer(answer),
        traits: Traits::default(),
    };
    links.store.hear_at_once(&visit.key, &[fact], visit.now).await?;
    show(visit, token, &shown)
}

/// What the form holds.
#[derive(Default)]
struct Shown {
    score: u8,
    comment: String,
    may_call: bool,
    answered: bool,
}

fn show(visit: &Visit, token: &str, shown: &Shown) -> Result<Page, LinksError> {
    page::render(
        visit,
        "nps.html",
        context! {
            score => shown.score,
            scores => (0..=10).collect::<Vec<u8>>(),
            group => match shown.score { 0..=6 => "detractor", 7..=8 => "passive", _ => "promoter" },
            comment => shown.comment.clone(),
            may_call => shown.may_call,
            answered => shown.answered,
            action => format!("/n/{token}"),
        },
    )
}
