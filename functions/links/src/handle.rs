//! One request: which page, whose link, and what to do.

use crate::error::LinksError;
use crate::form::Form;
use crate::page::{self, Page};
use crate::routes::{PageId, ROUTES};
use crate::visit::Visit;
use crate::{Links, confirm, nps, preferences, referral, unsubscribe};
use http::{Method, Response};
use percent_encoding::percent_decode_str;
use rekindle_messaging::LinkPurpose;
use rekindle_platform::gateway::{self, Body, Request};
use rekindle_platform::{NoRoute, Route, spans};
use tracing::Instrument;

/// The longest body that is read, in bytes: ten times the longest answer to an open question.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Answers one request. The visitor always gets a page, even if the request fails.
pub async fn handle(links: &Links, request: Request) -> Response<Body> {
    gateway::secured(respond(links, request).instrument(spans::http_call()).await)
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
    let (route, parts) = match Route::for_request(&ROUTES, request.method().as_str(), request.uri().path()) {
        Ok(found) => found,
        Err(NoRoute::Path) => return Ok(page::no_such_link()),
        Err(NoRoute::Method { allow }) => return Ok(page::wrong_method(allow)),
    };
    let &[token] = parts.as_slice() else { return Ok(page::no_such_link()) };
    let acts = *request.method() == Method::POST;
    let body: &[u8] = request.body();
    if body.len() > MAX_BODY_BYTES {
        return Ok(page::too_large());
    }
    let purpose = match route.id {
        PageId::Unsubscribe => LinkPurpose::Unsubscribe,
        PageId::Preferences => LinkPurpose::Preferences,
        PageId::Nps => LinkPurpose::Nps,
        PageId::Confirm => LinkPurpose::Confirm,
        PageId::Referral => return referral::page(links, request, token, acts).await,
    };
    let now = links.clock.now();
    // A mail program may have added a sign behind the link, which a browser escapes.
    let written = percent_decode_str(token).decode_utf8_lossy();
    let Ok(claims) = links.link_keys.open(purpose, &written, now) else { return Ok(page::no_such_link()) };
    spans::note_customer(&claims.shop, &links.link_keys.customer_fingerprint(&claims.shop, &claims.customer));
    spans::note_message(&claims.message);
    let visit = Visit::load(links, claims, now).await?;
    // An erased customer looks like one who never existed. Who wants to leave has left, and a mail program that asks for it is answered
    // as it expects (RFC 8058).
    if visit.customer.version == 0 {
        let has_left = purpose == LinkPurpose::Unsubscribe;
        return Ok(if has_left { page::nothing_stored() } else { page::no_such_link() });
    }
    let form = acts.then(|| Form::parse(body));
    match purpose {
        LinkPurpose::Unsubscribe => unsubscribe::page(links, &visit, token, form.as_ref()).await,
        LinkPurpose::Preferences => preferences::page(links, &visit, token, form.as_ref()).await,
        LinkPurpose::Nps => nps::page(links, &visit, token, form.as_ref()).await,
        LinkPurpose::Confirm => confirm::page(links, &visit, token, form.as_ref()).await,
    }
}
