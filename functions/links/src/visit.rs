//! One request: whose link is it, which page, and what did they do there.

use crate::form::Form;
use crate::page::{self, Look, Page};
use crate::{Links, confirm, nps, preferences, referral, unsubscribe};
use http::{Method, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rekindle_lifecycle::channel::{Channel, Purpose};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::id::ShopId;
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::policy::Policy;
use rekindle_messaging::{Brand, Language, LinkClaims, LinkPurpose};
use rekindle_platform::gateway::{Body, Request};
use rekindle_platform::{Route, spans};
use rekindle_store::customers::apply::ApplyError;
use rekindle_store::{CustomerKey, StoreError};
use std::sync::Arc;
use tracing::Instrument;

const PAGE: &str = "GET, HEAD, POST";

/// Everything that this function answers to.
pub const ROUTES: [Route; 5] = [
    Route::new("/u/{token}", PAGE),
    Route::new("/p/{token}", PAGE),
    Route::new("/n/{token}", PAGE),
    Route::new("/c/{token}", PAGE),
    Route::new("/r/{code}", PAGE),
];

/// Longest body that is read, in bytes: a long answer to an open question fits ten times.
const LARGEST_BODY: usize = 64 * 1024;

/// Why a page could not be given. The visitor gets a page that asks them to come back.
#[derive(Debug, thiserror::Error)]
pub enum LinksError {
    /// The database failed.
    #[error("the customer could not be read or written")]
    Store(#[from] StoreError),
    /// What the customer did is stored, but has not taken effect yet.
    #[error("what the customer did did not take effect")]
    Apply(#[from] ApplyError),
    /// The shop has no brand.
    #[error("the shop has no valid brand: store its name, sender, postal address and URL first")]
    NoBrand,
    /// A page could not be filled.
    #[error("a page could not be filled")]
    Page(#[from] minijinja::Error),
}

/// A visitor whose link is good, and everything a page needs to know about them.
pub(crate) struct Visit {
    /// Whose link it is.
    pub(crate) key: CustomerKey,
    /// What the link says.
    pub(crate) claims: LinkClaims,
    /// The message the link was in, if it is still there.
    pub(crate) message: Option<Message>,
    /// The customer.
    pub(crate) customer: Customer,
    /// The rules of their shop.
    pub(crate) policy: Arc<Policy>,
    /// The shop as its customers see it.
    pub(crate) brand: Brand,
    /// The language of the page.
    pub(crate) language: Language,
    /// The present instant.
    pub(crate) now: Timestamp,
}

/// Answers one request. Whatever goes wrong, the visitor gets a page.
pub async fn handle(links: &Links, request: Request) -> Response<Body> {
    respond(links, request).instrument(spans::http_call()).await
}

async fn respond(links: &Links, request: Request) -> Response<Body> {
    match answer(links, &request).await {
        Ok(page) => page.into_response(request.method() == Method::HEAD),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a page could not be given");
            page::come_back().into_response(false)
        }
    }
}

async fn answer(links: &Links, request: &Request) -> Result<Page, LinksError> {
    let Some((known, parts)) = Route::find(&ROUTES, request.uri().path()) else { return Ok(page::no_such_link()) };
    let &[token] = parts.as_slice() else { return Ok(page::no_such_link()) };
    if !known.allows(request.method().as_str()) {
        return Ok(page::wrong_method(known.allow));
    }
    let acts = *request.method() == Method::POST;
    let body: &[u8] = request.body();
    if body.len() > LARGEST_BODY {
        return Ok(page::too_large());
    }
    let purpose = match known.path {
        "/u/{token}" => LinkPurpose::Unsubscribe,
        "/p/{token}" => LinkPurpose::Preferences,
        "/n/{token}" => LinkPurpose::Nps,
        "/c/{token}" => LinkPurpose::Confirm,
        "/r/{code}" => return referral::page(links, request, token, acts).await,
        _ => return Ok(page::no_such_link()),
    };
    let now = links.clock.now();
    let Ok(claims) = links.link_keys.open(purpose, token, now) else { return Ok(page::no_such_link()) };
    spans::note_customer(&claims.shop, &links.link_keys.customer_fingerprint(&claims.shop, &claims.customer));
    spans::note_message(&claims.message);
    let visit = Visit::of(links, claims, now).await?;
    // Nobody is stored under that name: a customer who was erased looks like one who never was.
    if visit.customer.version == 0 {
        return Ok(page::no_such_link());
    }
    let form = acts.then(|| Form::read(body));
    match purpose {
        LinkPurpose::Unsubscribe => unsubscribe::page(links, &visit, token, form.as_ref()).await,
        LinkPurpose::Preferences => preferences::page(links, &visit, token, form.as_ref()).await,
        LinkPurpose::Nps => nps::page(links, &visit, token, form.as_ref()).await,
        LinkPurpose::Confirm => confirm::page(links, &visit, token, form.as_ref()).await,
    }
}

/// The way from here to the preferences of the same customer.
pub(crate) fn preferences_path(links: &Links, visit: &Visit) -> String {
    let claims = LinkClaims { score: None, ..visit.claims.clone() };
    format!("/p/{}", links.link_keys.seal(LinkPurpose::Preferences, &claims, visit.now))
}

impl Links {
    /// The shop as its customers see it.
    pub(crate) async fn brand(&self, shop: &ShopId) -> Result<Brand, LinksError> {
        let brand = self.store.get_setting(shop, rekindle_store::shop::settings::BRAND).await?;
        brand.and_then(|brand| serde_json::from_value(brand).ok()).ok_or(LinksError::NoBrand)
    }
}

impl Visit {
    /// The shop's face in the customer's language.
    pub(crate) fn look(&self) -> Look<'_> {
        Look { brand: &self.brand, language: &self.language }
    }

    /// The channel of the message that the link was in.
    pub(crate) fn channel(&self) -> Channel {
        self.message.as_ref().map_or(Channel::Email, |message| message.channel)
    }

    /// Whether the customer gets messages on a channel for a purpose: they are allowed, and the channel is open.
    pub(crate) fn may(&self, channel: Channel, purpose: Purpose) -> bool {
        let permissions = &self.customer.folded.permissions;
        permissions.allow(&self.policy.consent, channel, purpose) && permissions.suppressed(channel, self.now).is_none()
    }

    /// The day until which the customer wants silence, by the customer's clock, or else the shop's.
    pub(crate) fn paused_until(&self) -> Option<String> {
        let until = self.customer.folded.permissions.paused_until(self.now)?;
        let zone = self.customer.folded.profile.time_zone.as_ref();
        let zone = zone.and_then(|said| TimeZone::get(&said.value).ok());
        let zone = zone.unwrap_or_else(|| self.policy.calendar.zone().rules().clone());
        Some(self.language.day(zone.to_datetime(until).date()))
    }

    /// The instant to note for what the customer does on this visit.
    pub(crate) fn act_at(&self) -> Timestamp {
        self.customer.folded.next_statement_at(self.now)
    }

    /// The same visitor as things stand now.
    pub(crate) async fn again(&self, links: &Links) -> Result<Self, LinksError> {
        Self::of(links, self.claims.clone(), self.now).await
    }

    async fn of(links: &Links, claims: LinkClaims, now: Timestamp) -> Result<Self, LinksError> {
        let store = &links.store;
        let key = CustomerKey { shop: claims.shop.clone(), customer: claims.customer.clone() };
        let brand = links.brand(&key.shop).await?;
        let customer = store.customer(&key).await?;
        let said = customer.folded.profile.language.as_ref().and_then(|said| Language::parse(&said.value).ok());
        let language = said.unwrap_or_else(|| brand.settings().default_language.clone());
        Ok(Self {
            message: store.message(&key, &claims.message).await?,
            policy: store.policy(&key.shop, now).await?,
            key,
            claims,
            customer,
            brand,
            language,
            now,
        })
    }
}
