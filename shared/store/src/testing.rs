//! A store on an embedded engine, in memory, behind HTTP and the real SDK; and one whose database says
//! what the embedded engine never does.

use crate::{Store, Tables};
use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use rekindle_platform::clients::{AwsEndpoints, Clients};
use serde_json::Value;
use std::sync::Arc;

/// A store on new tables, and the client that it uses.
pub(crate) async fn store_and_client() -> (Store, Client) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let database = dynoxide::Database::memory().expect("a database in memory");
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    let endpoint = format!("http://{address}");
    let client = Clients::local(&AwsEndpoints { dynamodb: endpoint.clone(), services: endpoint }).dynamodb();
    let tables = Tables::with_prefix("test");
    tables.create_missing(&client).await.expect("the tables can be created");
    (Store::new(client.clone(), tables), client)
}

/// A store whose requests are answered by `answer`, which gets the JSON of the request.
pub(crate) fn store_answered_by(answer: impl Fn(Value) -> Value + Send + Sync + 'static) -> Store {
    let nowhere = "http://127.0.0.1:1".to_owned();
    let client = Clients::local(&AwsEndpoints { dynamodb: nowhere.clone(), services: nowhere }).dynamodb();
    let connector = SharedHttpConnector::new(Answering(Arc::new(answer)));
    let http_client = http_client_fn(move |_, _| connector.clone());
    let config = client.config().to_builder().http_client(http_client).build();
    Store::new(Client::from_conf(config), Tables::with_prefix("test"))
}

struct Answering(Arc<dyn Fn(Value) -> Value + Send + Sync>);

impl std::fmt::Debug for Answering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
