//! Tables of their own on an embedded engine, behind HTTP and the real SDK: what the tests of functions begin with.

use aws_sdk_dynamodb::Client;
use rekindle_platform::{AwsEndpoints, Clients};
use rekindle_store::{Store, Tables};

/// A store on new tables, and the client that it uses.
pub(crate) async fn store_and_client() -> (Store, Client) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("bound"));
    let database = dynoxide::Database::memory().expect("a database in memory");
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    let client = Clients::local(&AwsEndpoints { dynamodb: endpoint.clone(), services: endpoint }).dynamodb();
    let tables = Tables::with_prefix("test");
    tables.create_missing(&client).await.expect("created");
    (Store::new(client.clone(), tables), client)
}
