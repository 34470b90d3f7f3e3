//! The product's own API, as the console calls it.

use futures::future::BoxFuture;
use http::{Request, Response};
use rekindle_platform::gateway::{self, Body};
use rekindle_platform::own_api::{OwnApi, OwnApiError};
use std::fmt;
use std::sync::Arc;

/// Answers a request in this process.
type Answer = dyn Fn(gateway::Request) -> BoxFuture<'static, Response<Body>> + Send + Sync;

/// The API: the same routes with the same answers, wherever it runs.
#[derive(Clone)]
pub struct Api(Place);

#[derive(Clone)]
enum Place {
    Deployed(OwnApi),
    InProcess(Arc<Answer>),
}

impl Api {
    /// The API of the deployment, over the network.
    #[must_use]
    pub fn deployed(api: OwnApi) -> Self {
        Self(Place::Deployed(api))
    }

    /// An API in this process, such as that of a stack on one machine.
    pub fn in_process(
        answer: impl Fn(gateway::Request) -> BoxFuture<'static, Response<Body>> + Send + Sync + 'static,
    ) -> Self {
        Self(Place::InProcess(Arc::new(answer)))
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn call(&self, request: Request<String>) -> Result<Response<Vec<u8>>, OwnApiError> {
        match &self.0 {
            Place::Deployed(api) => api.call(request).await,
            Place::InProcess(answer) => Ok(answer(request.map(Body::from)).await.map(|body| body.to_vec())),
        }
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Place::Deployed(_) => "Api(deployed)",
            Place::InProcess(_) => "Api(in process)",
        })
    }
}
