//! `/r/{code}`: where a friend arrives; and what a customer can pass on.

use crate::Links;
use crate::error::LinksError;
use crate::page::{self, Look, Page};
use crate::visit::Visit;
use http::{HeaderMap, header};
use minijinja::{Value, context};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rekindle_messaging::{Brand, Language, greeting_name, short_code};
use rekindle_platform::gateway::{Request, SourceIp};
use rekindle_platform::{KeyLimits, spans};
use rekindle_store::CustomerKey;
use std::net::IpAddr;

/// The parameter in the address of the shop's page that carries the code.
const PARAMETER: &str = "referral_code";
/// How often a client sees a page for a code. Who follows a friend's link needs two; who guesses codes needs millions.
const PAGES: KeyLimits = KeyLimits { requests_per_second: 1.0, events_per_second: 1.0 };
/// How many visits with a code are counted. Each new one is an item for half a year.
const VISITS: KeyLimits = KeyLimits { requests_per_second: 2.0, events_per_second: 2.0 };

/// GET shows who invites and what the friend gets. POST counts the visit, once a visitor, and redirects to the shop with
/// the code. Programs that only follow links are not counted, nor are more visits than people make.
pub(crate) async fn page(links: &Links, request: &Request, written: &str, acts: bool) -> Result<Page, LinksError> {
    let now = links.clock.now();
    let client = links.link_keys.fingerprint("client", &client(address(request)));
    if links.throttle.admit(&format!("client {client}"), PAGES, now).is_err() {
        return Ok(page::too_often());
    }
    let code = short_code::normalise(&percent_decode_str(written).decode_utf8_lossy());
    if !short_code::is_valid(&code) {
        return Ok(page::mistyped_code());
    }
    let Some(owner) = links.store.referral_owner(&code).await? else { return Ok(page::unknown_code()) };
    spans::note_shop(&owner.shop);
    let customer = links.store.main_customer(&owner).await?;
    if customer.version == 0 {
        return Ok(page::unknown_code());
    }
    let brand = links.brand(&owner.shop).await?;
    if acts {
        let visitor = links.link_keys.fingerprint("visitor", &visitor(request));
        let is_counted = links.throttle.admit(&format!("code {code}"), VISITS, now).is_ok();
        if is_counted && let Err(error) = links.store.note_visit(&code, &visitor, now).await {
            // The friend continues to the shop: a visit that is not counted must not stop them.
            tracing::error!(error = &error as &dyn std::error::Error, "a visit with a referral code was not counted");
        }
        return Ok(Page::redirect(with_code(&brand.settings().shop_url, &code)));
    }
    let policy = links.store.policy(&owner.shop, now).await?;
    let first_name = customer.folded.profile.first_name.as_ref();
    let language = language(request.headers(), &brand);
    let look = Look { brand: &brand, language: &language };
    let percent = policy.referral.friend_percent;
    let page = look.render(
        "referral.html",
        context! {
            friend => first_name.and_then(|name| greeting_name(&name.value)),
            discount => (percent > 0).then(|| language.percent(percent)),
            code => code.clone(),
            action => format!("/r/{code}"),
        },
    )?;
    Ok(page.with_form_to(&brand.settings().shop_url))
}

/// The code and the link that a customer passes on to friends, and what both get for it. `None` if every code that the
/// customer could have belongs to another customer.
pub(crate) async fn offer(links: &Links, visit: &Visit) -> Result<Option<Value>, LinksError> {
    let CustomerKey { shop, customer } = &visit.key;
    let codes = links.link_keys.referral_codes(shop, customer);
    let Some(code) = links.store.referral_code(&visit.key, codes).await? else { return Ok(None) };
    let link = format!("{}/r/{code}", links.links_base_url);
    let percent = |percent: u8| (percent > 0).then(|| visit.language.percent(percent));
    let texts = page::texts(visit.look().language_of_page());
    let text_of = |name: &str| texts.get_attr("share").and_then(|share| share.get_attr(name)).unwrap_or_default();
    let shop_name = &visit.brand.settings().name;
    let message = format!("{} {shop_name}: {link}", text_of("message"));
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let subject = format!("{} {shop_name}", text_of("subject"));
    Ok(Some(context! {
        code => code,
        link => link,
        mail => format!("mailto:?subject={}&body={}", encoded(&subject), encoded(&message)),
        text => format!("sms:?&body={}", encoded(&message)),
        friend_discount => percent(visit.policy.referral.friend_percent),
        reward_discount => visit.policy.referral_reward_percent().and_then(percent),
    }))
}

/// What distinguishes one visitor from another. Only its fingerprint is stored.
fn visitor(request: &Request) -> String {
    format!("{}\n{}", address(request), header(request, "user-agent"))
}

/// The address of the client.
fn address(request: &Request) -> &str {
    let address = request.extensions().get().map(|SourceIp(address)| address.as_str());
    address.unwrap_or_else(|| header(request, "x-forwarded-for"))
}

/// What one client cannot change about its address: all of an IPv4 address, the network of an IPv6 one.
fn client(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => format!("{:x?}", &address.segments()[..4]),
        Ok(address) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

fn header<'r>(request: &'r Request, name: &str) -> &'r str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// A URL with the code added to its query.
fn with_code(url: &str, code: &str) -> String {
    let (address, fragment) = url.split_once('#').map_or((url, None), |(address, rest)| (address, Some(rest)));
    let separator = match address.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{address}{separator}{PARAMETER}={code}{fragment}")
}

/// The language of a visitor without a profile: the first of their browser's that the pages are written in.
fn language(headers: &HeaderMap, brand: &Brand) -> Language {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let tags = wanted.split(',').map(|part| part.split(';').next().unwrap_or_default().trim());
    let known = tags.filter_map(|tag| Language::parse(tag).ok()).find(|tag| matches!(tag.base().as_str(), "en" | "ru"));
    known.unwrap_or_else(|| brand.settings().default_language.clone())
}

#[cfg(test)]
mod tests {
    use super::{client, with_code};

    #[test]
    fn who_has_a_network_of_addresses_is_one_client() {
        assert_eq!(client("2001:db8:1:2::1"), client("2001:db8:1:2:ffff::9"));
        assert_ne!(client("2001:db8:1:2::1"), client("2001:db8:1:3::1"));
        assert_eq!(client("::ffff:192.0.2.1"), client("192.0.2.1"));
        assert_ne!(client("192.0.2.1"), client("192.0.2.2"));
    }

    #[test]
    fn a_code_joins_whatever_address_a_shop_has() {
        for (url, expected) in [
            ("https://tea.example", "https://tea.example?referral_code=X"),
            ("https://tea.example/new/", "https://tea.example/new/?referral_code=X"),
            ("https://tea.example/?a=b", "https://tea.example/?a=b&referral_code=X"),
            ("https://tea.example/?", "https://tea.example/?referral_code=X"),
            ("https://tea.example/?a=b#top?x", "https://tea.example/?a=b&referral_code=X#top?x"),
        ] {
            assert_eq!(with_code(url, "X"), expected);
        }
    }
}
