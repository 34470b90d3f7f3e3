//! Under which circumstances an event happened.

use crate::fields::{Field, Fields, clean};
use rekindle_lifecycle::facts::{Campaign, Context};

/// Longest address of a page that is kept, in characters; a longer one is cut.
const MAX_ADDRESS_LEN: usize = 512;
/// Longest title, and longest part of a campaign, in characters; a longer one is cut.
const MAX_TEXT_LEN: usize = 80;
/// Longest name of a locale or of a kind of device, in characters.
const MAX_NAME_LEN: usize = 35;

/// Reads the context of an event, and what it leaves out from that of its batch.
pub(crate) fn parse(event: &Fields<'_>, batch_context: Fields<'_>) -> Context {
    let contexts = [event.object("context", "context").unwrap_or(Fields::EMPTY), batch_context];
    let within = |name: &'static str| contexts.map(|context| context.object(name, "context").unwrap_or(Fields::EMPTY));
    let (pages, campaigns, devices) = (within("page"), within("campaign"), within("device"));
    let properties = event.object("properties", "properties").unwrap_or(Fields::EMPTY);
    let text = |places: &[Fields<'_>], names: &[&str], max_len| {
        places.iter().find_map(|place| text(&place.find(names)?, max_len))
    };
    // A page view has the page in its properties.
    let page = text(&pages, &["url"], MAX_ADDRESS_LEN);
    let campaign = |names: &[&str], parameter: &str| {
        let of_page = || utm(&pages, parameter).or_else(|| utm(&[properties], parameter));
        text(&campaigns, names, MAX_TEXT_LEN).or_else(of_page)
    };
    Context {
        page,
        title: text(&pages, &["title"], MAX_TEXT_LEN),
        referrer: text(&pages, &["referrer"], MAX_ADDRESS_LEN),
        campaign: Campaign {
            source: campaign(&["source"], "utm_source"),
            medium: campaign(&["medium"], "utm_medium"),
            name: campaign(&["name"], "utm_campaign"),
        },
        locale: text(&contexts, &["locale"], MAX_NAME_LEN),
        device: text(&devices, &["type"], MAX_NAME_LEN),
    }
}

/// Whether a program says of itself that it is one: a crawler, or a scanner that opens the pages which mails lead to.
pub(crate) fn is_program(event: &Fields<'_>, batch_context: Fields<'_>) -> bool {
    const PARTS: [&str; 8] = ["bot/", "bot;", "bot)", "crawler", "spider", "headless", "preview", "scanner"];
    let own = event.object("context", "context").unwrap_or(Fields::EMPTY);
    let agent = [own, batch_context].iter().find_map(|context| context.find(&["useragent"]));
    agent.is_some_and(|agent| {
        let agent = agent.value.as_str().unwrap_or_default().to_ascii_lowercase();
        PARTS.iter().any(|part| agent.contains(part))
    })
}

fn text(field: &Field<'_>, max_len: usize) -> Option<String> {
    clean(field.value.as_str()?, max_len)
}

/// A parameter in the address of a page.
fn utm(pages: &[Fields<'_>], parameter: &str) -> Option<String> {
    let addresses = pages.iter().flat_map(|page| [page.get("search"), page.get("url")]).flatten();
    addresses.filter_map(|field| field.value.as_str()).find_map(|address| {
        let (_, query) = address.split_once('?')?;
        let query = query.split('#').next().unwrap_or_default();
        let (_, value) =
            query.split('&').filter_map(|pair| pair.split_once('=')).find(|(name, _)| *name == parameter)?;
        clean(&value.replace('+', " "), MAX_TEXT_LEN)
    })
}
