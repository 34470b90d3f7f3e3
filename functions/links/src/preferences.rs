//! `/p/{token}`: what a customer wants to receive, in which language, in which time zone, and a pause.

use crate::consent::consent;
use crate::data_request::DataRequest;
use crate::error::LinksError;
use crate::form::Form;
use crate::page::Page;
use crate::pause::{end_pause, pause_for};
use crate::visit::Visit;
use crate::{Links, data_request};
use minijinja::{Value, context};
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::customer::Profile;
use rekindle_lifecycle::facts::{Event, Fact, SuppressionCause, Traits};
use rekindle_lifecycle::time::Zone;

/// Languages that messages are written in.
const LANGUAGES: [(&str, &str); 2] = [("en", "English"), ("ru", "Русский")];
/// Pauses that are offered, in days.
const PAUSE_DAYS: [i64; 2] = [30, 90];

/// The hidden field of a box that the page showed ticked; any other value means an empty one.
const TICKED: &str = "on";

/// What the page shows beside the form.
#[derive(Default)]
struct Notes<'a> {
    saved: bool,
    /// The time zone as it was typed, if there is none of that name.
    no_such_zone: Option<&'a str>,
    /// The channels that the customer wants and that cannot be opened now.
    not_reopened: Vec<Channel>,
    /// What the customer asked the shop for.
    requested: Option<DataRequest>,
}

/// GET shows the form with what is stored. POST stores what differs, and shows the form again.
pub(crate) async fn page(links: &Links, visit: &Visit, token: &str, form: Option<&Form>) -> Result<Page, LinksError> {
    let act = form.and_then(|form| form.text("act"));
    if let (Some("save"), Some(form)) = (act, form) {
        let (facts, no_such_zone) = changes(visit, form);
        if facts.is_empty() {
            visit.note_again(links).await?;
        }
        let not_reopened = links.store_statements(visit, facts).await?;
        let after = visit.reload(links).await?;
        let saved = no_such_zone.is_none() && not_reopened.is_empty();
        return show(&after, token, &Notes { saved, no_such_zone, not_reopened, requested: None });
    }
    let requested = act.and_then(DataRequest::from_form);
    if let Some(request) = requested {
        data_request::file(links, visit, request).await?;
    }
    show(visit, token, &Notes { requested, ..Notes::default() })
}

/// The facts of what the reader changed, compared with what the page showed them, and the time zone as it was typed, if there is none
/// of that name. What has changed since the page was shown stays as it is by now.
///
/// The page carries what it showed in hidden fields. A form without them comes from a page of an earlier version: it cannot be told
/// which of its ticks the reader set, so it refuses what is not ticked and allows nothing.
fn changes<'a>(visit: &Visit, form: &'a Form) -> (Vec<Fact>, Option<&'a str>) {
    let mut facts = choices(visit, form);
    let mut no_such_zone = None;
    let mut traits = Traits::default();
    let profile = &visit.customer.folded.profile;
    if let Some(language) = form.text("language").filter(|code| LANGUAGES.iter().any(|(known, _)| known == code))
        && form.shown("language") != Some(language)
        && visit.language.base().as_str() != language
    {
        traits.language = Some(language.to_owned());
    }
    let typed = form.text("time_zone").filter(|typed| form.shown("time_zone") != Some(*typed));
    match typed.map(Zone::parse) {
        Some(Ok(zone)) if time_zone(profile) != zone.name() => traits.time_zone = Some(zone.name().to_owned()),
        Some(Err(_)) => no_such_zone = typed,
        Some(Ok(_)) | None => {}
    }
    if !traits.is_empty() {
        let id = format!("{}-preferences", visit.claims.message);
        facts.push(Fact { at: visit.act_at(), id, event: Event::Identified, traits });
    }
    facts.extend(match form.text("pause") {
        Some("end") => end_pause(visit),
        days => PAUSE_DAYS
            .into_iter()
            .find(|known| Some(known.to_string().as_str()) == days)
            .and_then(|days| pause_for(visit, days)),
    });
    (facts, no_such_zone)
}

/// One fact for each box that the reader changed and that differs from what is stored.
fn choices(visit: &Visit, form: &Form) -> Vec<Fact> {
    let mut facts = Vec::new();
    for channel in reachable(visit) {
        for purpose in Purpose::KNOWN {
            let name = format!("{channel}-{purpose}");
            let wanted = form.ticked(&name);
            let was_ticked = form.shown(&name).is_none_or(|shown| shown == TICKED);
            if wanted != was_ticked && !visit.has_chosen(channel, purpose, wanted) {
                facts.push(consent(visit, channel, Some(purpose), wanted, "preferences page"));
            }
        }
    }
    facts
}

fn reachable(visit: &Visit) -> impl Iterator<Item = Channel> {
    Channel::KNOWN.into_iter().filter(|channel| visit.customer.folded.profile.can_be_reached_by(*channel))
}

fn time_zone(profile: &Profile) -> &str {
    profile.time_zone.as_ref().map_or("", |zone| zone.value.as_str())
}

fn show(visit: &Visit, token: &str, notes: &Notes<'_>) -> Result<Page, LinksError> {
    let profile = &visit.customer.folded.profile;
    visit.look().render(
        "preferences.html",
        context! {
            channels => reachable(visit).map(|channel| shown_channel(visit, channel)).collect::<Vec<_>>(),
            languages => LANGUAGES.map(|(code, name)| context! {
                code => code, name => name, chosen => visit.language.base().as_str() == code
            }),
            stored_time_zone => time_zone(profile),
            time_zone => notes.no_such_zone.unwrap_or_else(|| time_zone(profile)),
            pauses => PAUSE_DAYS.to_vec(),
            paused_until => visit.paused_until(),
            saved => notes.saved,
            no_such_zone => notes.no_such_zone.is_some(),
            not_reopened => notes.not_reopened.iter().map(ToString::to_string).collect::<Vec<_>>(),
            requested => notes.requested.map_or("", DataRequest::name),
            action => format!("/p/{token}"),
        },
    )
}

fn shown_channel(visit: &Visit, channel: Channel) -> Value {
    let purposes = Purpose::KNOWN.map(|purpose| {
        context! { name => purpose.code(), allowed => visit.may(channel, purpose) }
    });
    let permissions = &visit.customer.folded.permissions;
    // A cause of another version has no text of its own.
    let closed = visit.customer.folded.suppressed(channel, visit.now);
    let closed = closed.map(|cause| if cause.is_recognised() { cause } else { SuppressionCause::Manual });
    let unconfirmed = permissions.unconfirmed_since(&visit.policy.consent, channel).is_some();
    context! {
        name => channel.code(),
        purposes => purposes,
        closed => closed.as_ref().map_or("", SuppressionCause::code),
        unconfirmed => unconfirmed,
    }
}
