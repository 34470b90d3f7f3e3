//! The steps of every call before its route does its work: authenticate, find the route, check the scope, parse.

use crate::{Call, Caller, Problem};
use http::Response;
use jiff::Timestamp;
use rekindle_platform::gateway::{self, Body, Request};
use rekindle_platform::{NoRoute, Route, Throttle, spans};
use rekindle_store::Store;
use tracing::Instrument;

/// What a function of the platform team answers to, and what it takes to know its callers.
#[derive(Debug)]
pub struct Api<'f, Id: 'static> {
    /// Its routes. Each asks for a scope.
    pub routes: &'static [Route<Id>],
    /// The longest body that each route reads, in bytes.
    pub max_body_bytes: fn(Id) -> usize,
    /// Where keys are stored.
    pub store: &'f Store,
    /// How much each key may ask for.
    pub throttle: &'f Throttle,
    /// The present instant.
    pub now: Timestamp,
}

impl<Id: Copy> Api<'_, Id> {
    /// Answers a request: `respond` gets the id of its route and the call. What is wrong with the request is an RFC 9457
    /// problem document.
    pub async fn serve(
        &self,
        request: Request,
        respond: impl AsyncFnOnce(Id, Call) -> Result<Response<Body>, Problem>,
    ) -> Response<Body> {
        let work = async {
            let (id, call) = self.accept(request).await?;
            respond(id, call).await
        };
        gateway::secured(work.instrument(spans::http_call()).await.unwrap_or_else(Problem::into_response))
    }

    async fn accept(&self, request: Request) -> Result<(Id, Call), Problem> {
        let (head, body) = request.into_parts();
        let accepted = Route::scopes(self.routes);
        let caller = Caller::authenticate(&head.headers, accepted, self.store, self.throttle, self.now).await?;
        let path = head.uri.path();
        let (route, parts) =
            Route::for_request(self.routes, head.method.as_str(), path).map_err(|none| match none {
                NoRoute::Path => Problem::not_found(path),
                NoRoute::Method { allow } => Problem::wrong_method(&allow),
            })?;
        if let Some(scope) = route.scope {
            caller.require(scope)?;
        }
        let call = Call::parse(&caller, &head, &parts, body, (self.max_body_bytes)(route.id))?;
        Ok((route.id, call))
    }
}
