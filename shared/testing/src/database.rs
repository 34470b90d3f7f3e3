//! Stores on an embedded engine in memory, behind HTTP and the real SDK client; and one whose database gives the answers that the
//! embedded engine never gives.

use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use dynoxide::Database;
use rekindle_platform::{AwsEndpoints, Clients};
use rekindle_store::{Store, Tables};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// A client of a database, which is served at a port of its own while the test runs.
///
/// # Panics
/// No port is free.
pub async fn client_of(database: Database) -> Client {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    client_at(endpoint)
}

/// A store on new, empty tables with the prefix `test`, and the client that it uses.
///
/// # Panics
/// No port is free, or the tables cannot be created.
pub async fn store_and_client() -> (Store, Client) {
    let client = client_of(Database::memory().expect("a database in memory")).await;
    let tables = Tables::with_prefix("test");
    tables.create_missing(&client).await.expect("the tables can be created");
    (Store::new(client.clone(), tables), client)
}

/// A store whose requests are answered by `answer`, which gets the JSON of each request.
pub fn store_answered_by(answer: impl Fn(Value) -> Value + Send + Sync + 'static) -> Store {
    let connector = SharedHttpConnector::new(Answering(Arc::new(answer)));
    let http_client = http_client_fn(move |_, _| connector.clone());
    let config = client_at("http://127.0.0.1:1".to_owned()).config().to_builder().http_client(http_client).build();
    Store::new(Client::from_conf(config), Tables::with_prefix("test"))
}

fn client_at(endpoint: String) -> Client {
    Clients::local(&AwsEndpoints { dynamodb: endpoint.clone(), services: endpoint }).dynamodb()
}

struct Answering(Arc<dyn Fn(Value) -> Value + Send + Sync>);

impl fmt::Debug for Answering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answering")
    }
}

impl HttpConnector for Answering {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().expect("the body is in memory");
        let answer = (self.0)(serde_json::from_slice(body).expect("the body is JSON"));
        let body = SdkBody::from(answer.to_string());
        HttpConnectorFuture::ready(Ok(HttpResponse::new(200.try_into().expect("a status"), body)))
    }
}
