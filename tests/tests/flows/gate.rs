//! A gate between the SDK and the tables: a test can have single calls refused, held until the test releases them, or
//! answered wrongly after they were applied. The SDK, its serialisation and its retries stay the real ones.

use crate::stage::Stage;
use aws_sdk_dynamodb::Client;
use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use rekindle_store::{Store, Tables};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// What happens to a call at the gate.
#[derive(Debug, Clone)]
pub(crate) enum Stop {
    /// Refused; not applied.
    Refuse,
    /// Held until the test releases it; the first notification says that it has arrived, the second releases it.
    Hold(Arc<Notify>, Arc<Notify>),
}

/// The plan of a gate: which calls it stops.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gate(Arc<Mutex<Vec<Rule>>>);

#[derive(Debug)]
struct Rule {
    operation: &'static str,
    containing: String,
    times: usize,
    stop: Stop,
}

impl Gate {
    /// A stage whose `advance` reaches the tables through a gate.
    pub(crate) async fn before_advance() -> (Stage, Self) {
        let gate = Self::default();
        let put_up = gate.clone();
        let stage = Stage::with(move |stack| {
            stack.handlers.advance.store = put_up.store(stack.dynamodb(), stack.store.tables());
        });
        (stage.await, gate)
    }

    /// A stage whose `send` reaches the tables through a gate.
    pub(crate) async fn before_send() -> (Stage, Self) {
        let gate = Self::default();
        let put_up = gate.clone();
        let stage = Stage::with(move |stack| {
            stack.handlers.send.store = put_up.store(stack.dynamodb(), stack.store.tables());
        });
        (stage.await, gate)
    }

    /// A stage whose `hooks` reaches the tables through a gate.
    pub(crate) async fn before_hooks() -> (Stage, Self) {
        let gate = Self::default();
        let put_up = gate.clone();
        let stage = Stage::with(move |stack| {
            stack.handlers.hooks.store = put_up.store(stack.dynamodb(), stack.store.tables());
        });
        (stage.await, gate)
    }

    /// Stops the next `times` calls of an operation whose body contains a text.
    pub(crate) fn stop(&self, operation: &'static str, containing: &str, times: usize, stop: Stop) {
        let rule = Rule { operation, containing: containing.to_owned(), times, stop };
        self.0.lock().expect("no panic").push(rule);
    }

    /// Holds the next call of an operation whose body contains a text: wait for the first, then notify the second.
    pub(crate) fn hold(&self, operation: &'static str, containing: &str) -> (Arc<Notify>, Arc<Notify>) {
        let (arrived, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        self.stop(operation, containing, 1, Stop::Hold(Arc::clone(&arrived), Arc::clone(&go)));
        (arrived, go)
    }

    /// Lets every call through from now on.
    pub(crate) fn open(&self) {
        self.0.lock().expect("no panic").clear();
    }

    /// A store on the same tables, behind this gate.
    pub(crate) fn store(&self, client: &Client, tables: &Tables) -> Store {
        let http = GatedHttp { gate: self.clone() };
        let config = client.config().to_builder().http_client(http).build();
        Store::new(Client::from_conf(config), tables.clone())
    }

    fn take(&self, operation: &str, body: &str) -> Option<Stop> {
        let mut rules = self.0.lock().expect("no panic");
        let fits =
            |rule: &&mut Rule| rule.times > 0 && operation.ends_with(rule.operation) && body.contains(&rule.containing);
        let rule = rules.iter_mut().find(fits)?;
        rule.times -= 1;
        Some(rule.stop.clone())
    }
}

#[derive(Debug)]
struct GatedHttp {
    gate: Gate,
}

impl HttpClient for GatedHttp {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let through = Builder::new().build_http().http_connector(settings, components);
        SharedHttpConnector::new(Gated { gate: self.gate.clone(), through })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        None
    }
}

#[derive(Debug)]
struct Gated {
    gate: Gate,
    through: SharedHttpConnector,
}

impl HttpConnector for Gated {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let operation = request.headers().get("x-amz-target").unwrap_or_default();
        let body = request.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
        match self.gate.take(operation, &body) {
            None => self.through.call(request),
            Some(Stop::Refuse) => {
                // An error that the SDK does not retry, so that no test waits for its pauses.
                let body =
                    r#"{"__type":"com.amazon.coral.service#AccessDeniedException","message":"refused at the gate"}"#;
                let status = 400.try_into().expect("a status");
                HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
            }
            Some(Stop::Hold(arrived, go)) => {
                let through = self.through.clone();
                HttpConnectorFuture::new(async move {
                    arrived.notify_one();
                    go.notified().await;
                    through.call(request).await
                })
            }
        }
    }
}
