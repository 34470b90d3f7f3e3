//! One request: whose link is it, which page, and what did they do there.

use crate::form::Form;
use crate::page::{self, Page};
use crate::{Links, nps, preferences, unsubscribe};
use jiff::Timestamp;
use lambda_http::http::Method;
use lambda_http::{Body, Request, Response};
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::message::Message;
use rekindle_lifecycle::policy::Policy;
use rekindle_messaging::{Brand, Language, LinkClaims, LinkPurpose};
use rekindle_store::hearing::HearError;
use rekindle_store::{CustomerKey, StoreError};
use std::sync::Arc;

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
    Hear(#[from] HearError),
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
    match answer(links, &request).await {
        Ok(page) => page.into_response(request.method() == Method::HEAD),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a page could not be given");
            page::come_back().into_response(false)
        }
    }
}

async fn answer(links: &Links, request: &Request) -> Result<Page, LinksError> {
    let mut parts = request.uri().path().trim_matches('/').split('/');
    let (purpose, token) = match (parts.next(), parts.next(), parts.next()) {
        (Some("u"), Some(token), None) => (LinkPurpose::Unsubscribe, token),
        (Some("p"), Some(token), None) => (LinkPurpose::Preferences, token),
        (Some("n"), Some(token), None) => (LinkPurpose::Nps, token),
        _ => return Ok(page::no_such_link()),
    };
    let acts = match *request.method() {
        Method::GET | Method::HEAD => false,
        Method::POST => true,
        _ => return Ok(page::wrong_method()),
    };
    let now = links.clock.now();
    let Ok(claims) = links.link_keys.open(purpose, token, now) else { return Ok(page::no_such_link()) };
    let body: &[u8] = request.body();
    if body.len() > LARGEST_BODY {
        return Ok(page::too_large());
    }
    let visit = Visit::of(links, claims, now).await?;
    let form = acts.then(|| Form::read(body));
    match purpose {
        LinkPurpose::Unsubscribe => unsubscribe::page(links, &visit, token, form.as_ref()).await,
        LinkPurpose::Preferences => preferences::page(links, &visit, token, form.as_ref()).await,
        LinkPurpose::Nps => nps::page(links, &visit, token, form.as_ref()).await,
        LinkPurpose::Referral | LinkPurpose::Confirm => Ok(page::no_such_link()),
    }
}

/// The way from here to the preferences of the same customer.
pub(crate) fn preferences_path(links: &Links, visit: &Visit) -> String {
    let claims = LinkClaims { score: None, ..visit.claims.clone() };
    format!("/p/{}", links.link_keys.seal(LinkPurpose::Preferences, &claims, visit.now))
}

impl Visit {
    /// The instant to note for what the customer does on this visit.
    pub(crate) fn act_at(&self) -> Timestamp {
        self.customer.folded.next_word_at(self.now)
    }

    /// The same visitor as things stand now.
    pub(crate) async fn again(&self, links: &Links) -> Result<Self, LinksError> {
        Self::of(links, self.claims.clone(), self.now).await
    }

    async fn of(links: &Links, claims: LinkClaims, now: Timestamp) -> Result<Self, LinksError> {
        let store = &links.store;
        let key = CustomerKey { shop: claims.shop.clone(), customer: claims.customer.clone() };
        let brand = store.get_setting(&key.shop, rekindle_store::shops::BRAND).await?;
        let brand: Brand = brand.and_then(|brand| serde_json::from_value(brand).ok()).ok_or(LinksError::NoBrand)?;
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
