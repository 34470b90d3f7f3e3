//! `/n/{token}`: how likely are you to recommend us?

use crate::error::LinksError;
use crate::form::Form;
use crate::page::Page;
use crate::visit::Visit;
use crate::{Links, referral};
use minijinja::context;
use rekindle_lifecycle::facts::{Event, Fact, NpsAnswer, Traits};
use rekindle_lifecycle::nps::NpsGroup;

/// The longest answer to the open question that is stored, in characters.
const MAX_COMMENT_CHARS: usize = 2_000;

/// GET shows the score of the link, chosen but not stored, and the open question. POST stores the answer; the last of
/// several answers to one survey holds. A customer who would recommend the shop gets a referral code.
pub(crate) async fn page(links: &Links, visit: &Visit, token: &str, form: Option<&Form>) -> Result<Page, LinksError> {
    let from_link = visit.claims.score.unwrap_or(10);
    let Some(form) = form else {
        let asked = NpsAnswer { score: from_link, comment: None, may_call: None };
        return show(links, visit, token, &asked, false).await;
    };
    let answer = answer(form, from_link);
    let fact = Fact {
        at: visit.act_at(),
        id: visit.claims.message.to_string(),
        event: Event::NpsAnswer(answer.clone()),
        traits: Traits::default(),
    };
    links.store.store_and_apply(&visit.key, &[fact], visit.now).await?;
    show(links, visit, token, &answer, true).await
}

fn answer(form: &Form, from_link: u8) -> NpsAnswer {
    let score = form.text("score").and_then(|text| text.parse().ok()).filter(|score| *score <= 10);
    let score = score.unwrap_or(from_link);
    let comment = form.text("comment").unwrap_or_default().chars();
    let comment: String = comment.filter(|c| *c == '\n' || !c.is_control()).take(MAX_COMMENT_CHARS).collect();
    NpsAnswer {
        score,
        comment: (!comment.is_empty()).then_some(comment),
        may_call: (NpsGroup::from_score(score) == NpsGroup::Detractor).then(|| form.ticked("may_call")),
    }
}

async fn show(
    links: &Links,
    visit: &Visit,
    token: &str,
    answer: &NpsAnswer,
    answered: bool,
) -> Result<Page, LinksError> {
    let group = NpsGroup::from_score(answer.score);
    let share = match group {
        NpsGroup::Promoter if answered => referral::offer(links, visit).await?,
        _ => None,
    };
    visit.look().render(
        "nps.html",
        context! {
            score => answer.score,
            scores => (0..=10).collect::<Vec<u8>>(),
            group => group.name(),
            comment => answer.comment.as_deref().unwrap_or_default(),
            may_call => answer.may_call == Some(true),
            has_phone => visit.customer.folded.profile.phone.is_some(),
            answered => answered,
            share => share,
            action => format!("/n/{token}"),
        },
    )
}
