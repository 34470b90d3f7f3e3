//! The Lambda function `admin`: wiring only.

use admin::Admin;
use lambda_http::{Error, Request, run, service_fn};
use rekindle_platform::{Clients, Clock, Environment, tracing};
use rekindle_store::{Store, Tables};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::of_process();
    tracing::start(&environment);
    let tables = Tables {
        customers: environment.table_customers()?,
        activity: environment.table_activity()?,
        shops: environment.table_shops()?,
    };
    let store = Store::new(Clients::from_env(&environment)?.dynamodb(), tables);
    let admin = &Admin { store, clock: Clock::system() };
    run(service_fn(move |request: Request| async move { Ok::<_, Error>(admin::handle(admin, request).await) })).await
}
