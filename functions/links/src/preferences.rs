//! `/p/{token}`: what a customer wants to receive, in which language, by which clock, and when not.

use crate::Links;
use crate::form::Form;
use crate::page::{self, Page};
use crate::unsubscribe::consent;
use crate::visit::{LinksError, Visit};
use jiff::SignedDuration;
use minijinja::context;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::fact::{Event, Fact, Pause, Traits};
use rekindle_lifecycle::policy::Zone;

/// Languages that messages are written in.
const LANGUAGES: [(&str, &str); 2] = [("en", "English"), ("ru", "Русский")];
/// Pauses that are offered, in days.
const PAUSES: [i64; 2] = [30, 90];

/// GET shows the form as things stand. POST stores what differs, and shows the form as things stand then.
pub(crate) async fn page(links: &Links, visit: &Visit, token: &str, form: Option<&Form>) -> Result<Page, LinksError> {
    let Some(form) = form else { return show(visit, token, false, None) };
    let mut facts = choices(visit, form);
    let mut mistake = None;
    let mut traits = Traits::default();
    if let Some(language) = form.text("language").filter(|code| LANGUAGES.iter().any(|(known, _)| known == code)) {
        traits.language = Some(language.to_owned());
    }
    match form.text("time_zone").map(Zone::parse) {
        Some(Ok(zone)) => traits.time_zone = Some(zone.name().to_owned()),
        Some(Err(_)) => mistake = Some("time_zone"),
        None => {}
    }
    if !traits.is_empty() {
        let id = format!("{}-preferences", visit.claims.message);
        facts.push(Fact { at: visit.act_at(), id, event: Event::Identified, traits });
    }
    facts.extend(pause(visit, form));
    links.store.hear_at_once(&visit.key, &facts, visit.now).await?;
    let after = visit.again(links).await?;
    show(&after, token, mistake.is_none(), mistake)
}

/// One fact for each box that differs from what holds.
fn choices(visit: &Visit, form: &Form) -> Vec<Fact> {
    let permissions = &visit.customer.folded.permissions;
    let mut facts = Vec::new();
    for channel in reachable(visit) {
        for purpose in Purpose::ALL {
            let wanted = form.ticked(&format!("{channel}-{purpose}"));
            if wanted != permissions.allow(&visit.policy.consent, channel, purpose) {
                facts.push(consent(visit, channel, Some(purpose), wanted, "preferences page"));
            }
        }
    }
    facts
}

fn pause(visit: &Visit, form: &Form) -> Option<Fact> {
    let until = match form.text("pause")? {
        "end" => visit.now,
        days => {
            let days = PAUSES.into_iter().find(|known| known.to_string() == days)?;
            visit.now + SignedDuration::from_hours(24 * days)
        }
    };
    let id = format!("{}-pause", visit.claims.message);
    Some(Fact { at: visit.act_at(), id, event: Event::Pause(Pause { until }), traits: Traits::default() })
}

fn reachable(visit: &Visit) -> impl Iterator<Item = Channel> {
    Channel::ALL.into_iter().filter(|channel| visit.customer.folded.profile.can_be_reached_by(*channel))
}

fn show(visit: &Visit, token: &str, saved: bool, mistake: Option<&str>) -> Result<Page, LinksError> {
    let folded = &visit.customer.folded;
    let channels: Vec<_> = reachable(visit)
        .map(|channel| {
            let purposes = Purpose::ALL.map(|purpose| {
                let allowed = folded.permissions.allow(&visit.policy.consent, channel, purpose);
                context! { name => purpose.name(), allowed => allowed }
            });
            context! { name => channel.name(), purposes => purposes }
        })
        .collect();
    let paused_until = folded.permissions.paused_until(visit.now).map(|until| until.strftime("%Y-%m-%d").to_string());
    page::render(
        visit,
        "preferences.html",
        context! {
            channels => channels,
            languages => LANGUAGES.map(|(code, name)| context! {
                code => code, name => name, chosen => visit.language.base().as_str() == code
            }),
            time_zone => folded.profile.time_zone.as_ref().map_or("", |zone| zone.value.as_str()),
            pauses => PAUSES.to_vec(),
            paused_until => paused_until,
            saved => saved,
            mistake => mistake.unwrap_or_default(),
            action => format!("/p/{token}"),
        },
    )
}
