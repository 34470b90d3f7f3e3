//! The functions, wired as on Lambda. A new function is a field, a line of [`Handlers::wire`] and, if it answers HTTP, a row of
//! [`HTTP_FUNCTIONS`].

use admin::Admin;
use advance::Advance;
use catalogue::Catalogue;
use collect::Collect;
use console::{Api, Console};
use feedback::Feedback;
use futures::future::{BoxFuture, FutureExt};
use hooks::Hooks;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use ingest::Ingest;
use insight::Insight;
use links::Links;
use rekindle_platform::gateway::{Body, Request};
use rekindle_platform::{Parts, Route};
use send::Sender;
use settings::Settings;
use std::error::Error;
use sweep::Sweep;

/// The functions by name, as their crates and bootstraps are called.
pub const FUNCTIONS: [&str; 13] = [
    "admin",
    "advance",
    "catalogue",
    "collect",
    "console",
    "feedback",
    "hooks",
    "ingest",
    "insight",
    "links",
    "send",
    "settings",
    "sweep",
];

/// The functions, each with what it works with.
#[derive(Debug, Clone)]
pub struct Handlers {
    /// The API that shops post to.
    pub ingest: Ingest,
    /// The API of the platform team.
    pub admin: Admin,
    /// The API of a shop's settings.
    pub settings: Settings,
    /// The API of what a shop sells.
    pub catalogue: Catalogue,
    /// Triggered by the stream, beside `advance`.
    pub collect: Collect,
    /// Triggered by the stream and the queue of customers.
    pub advance: Advance,
    /// Triggered by the schedule.
    pub sweep: Sweep,
    /// Triggered by the queue of messages.
    pub send: Sender,
    /// Triggered by the queue of provider events.
    pub feedback: Feedback,
    /// The pages behind links of messages.
    pub links: Links,
    /// The pages of a shop's people. In a stack it calls the other functions here, over no network.
    pub console: Console,
    /// The webhooks of shop systems, and the queue of what they delivered.
    pub hooks: Hooks,
    /// Triggered by the schedule: learns from the histories.
    pub insight: Insight,
}

/// A function that answers HTTP.
pub struct HttpFunction {
    /// Its name.
    pub name: &'static str,
    /// Its table of routes.
    pub routes: fn() -> Vec<Route<String>>,
    has_path: fn(&str) -> bool,
    answer: fn(&Handlers, Request) -> BoxFuture<'_, Response<Body>>,
}

/// The functions that answer HTTP.
pub const HTTP_FUNCTIONS: [HttpFunction; 7] = [
    HttpFunction {
        name: "ingest",
        routes: || ingest::ROUTES.iter().map(Route::with_id_as_text).collect(),
        has_path: |path| Route::find(&ingest::ROUTES, path).is_some(),
        answer: |handlers, request| ingest::handle(&handlers.ingest, request).boxed(),
    },
    HttpFunction {
        name: "hooks",
        routes: || hooks::ROUTES.iter().map(Route::with_id_as_text).collect(),
        has_path: |path| Route::find(&hooks::ROUTES, path).is_some(),
        answer: |handlers, request| hooks::handle(&handlers.hooks, request).boxed(),
    },
    HttpFunction {
        name: "links",
        routes: || links::ROUTES.iter().map(Route::with_id_as_text).collect(),
        has_path: |path| Route::find(&links::ROUTES, path).is_some(),
        answer: |handlers, request| links::handle(&handlers.links, request).boxed(),
    },
    HttpFunction {
        name: "admin",
        routes: || admin::ROUTES.iter().map(Route::with_id_as_text).collect(),
        has_path: |path| Route::find(&admin::ROUTES, path).is_some(),
        answer: |handlers, request| admin::handle(&handlers.admin, request).boxed(),
    },
    HttpFunction {
        name: "settings",
        routes: || settings::ROUTES.iter().map(Route::with_id_as_text).collect(),
        has_path: |path| Route::find(&settings::ROUTES, path).is_some(),
        answer: |handlers, request| settings::handle(&handlers.settings, request).boxed(),
    },
    HttpFunction {
        name: "catalogue",
        routes: || catalogue::ROUTES.iter().map(Route::with_id_as_text).collect(),
        has_path: |path| Route::find(&catalogue::ROUTES, path).is_some(),
        answer: |handlers, request| catalogue::handle(&handlers.catalogue, request).boxed(),
    },
    HttpFunction {
        name: "console",
        routes: || console::ROUTES.iter().map(Route::with_id_as_text).collect(),
        has_path: |path| Route::find(&console::ROUTES, path).is_some(),
        answer: |handlers, request| handlers.answer_console(request).boxed(),
    },
];

/// Paths that no function has, and the functions that the deployed API hands them to, as `infra/template.yaml` says; the most
/// specific first.
const CATCH_ALLS: [Route<&str>; 8] = [
    Route::public("console", &[], "/console/{proxy+}"),
    Route::public("ingest", &[], "/v1/import/{kind}"),
    Route::public("settings", &[], "/v1/policy/{proxy+}"),
    Route::public("settings", &[], "/v1/proposals/{proxy+}"),
    Route::public("settings", &[], "/v1/templates/{proxy+}"),
    Route::public("settings", &[], "/v1/connectors/{proxy+}"),
    Route::public("catalogue", &[], "/v1/feeds/{proxy+}"),
    Route::public("admin", &[], "/v1/{proxy+}"),
];

impl HttpFunction {
    /// The function that the deployed API hands a path to; `None` if the API answers itself that it has no such route.
    #[must_use]
    pub fn for_path(path: &str) -> Option<&'static Self> {
        const ALL: &[HttpFunction] = &HTTP_FUNCTIONS;
        ALL.iter().find(|function| (function.has_path)(path)).or_else(|| {
            let (catch_all, _) = Route::find(&CATCH_ALLS, path)?;
            ALL.iter().find(|function| function.name == catch_all.id)
        })
    }
}

impl Handlers {
    /// Wires every function, each from the parts that `parts` returns for its name.
    ///
    /// # Errors
    /// A variable of the environment is missing or malformed: one line that says what is wrong.
    pub async fn wire(parts: impl Fn(&'static str) -> Parts) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self {
            ingest: ingest::wire(&parts("ingest"))?,
            admin: admin::wire(&parts("admin")).await?.0,
            settings: settings::wire(&parts("settings")).await?.0,
            catalogue: catalogue::wire(&parts("catalogue"))?,
            collect: collect::wire(&parts("collect"))?,
            advance: advance::wire(&parts("advance")).await?.0,
            sweep: sweep::wire(&parts("sweep"))?,
            send: send::wire(&parts("send")).await?.0,
            feedback: feedback::wire(&parts("feedback")).await?.0,
            links: links::wire(&parts("links")).await?.0,
            hooks: hooks::wire(&parts("hooks")).await?.0,
            insight: insight::wire(&parts("insight"))?,
            console: console::wire(&parts("console")).await?.0,
        })
    }

    /// Answers with a page of the console, whose calls of the API these functions answer.
    async fn answer_console(&self, request: Request) -> Response<Body> {
        let own = self.clone();
        let api = Api::in_process(move |request| {
            let own = own.clone();
            async move { own.answer(request).await }.boxed()
        });
        console::handle(&Console { api, ..self.console.clone() }, request).await
    }

    /// Answers a request as the deployed API does.
    pub async fn answer(&self, request: Request) -> Response<Body> {
        match HttpFunction::for_path(request.uri().path()) {
            Some(function) => (function.answer)(self, request).await,
            None => no_route(),
        }
    }
}

/// What API Gateway answers to a path without a route.
fn no_route() -> Response<Body> {
    let mut response = Response::new(Body::from(r#"{"message":"Not Found"}"#));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = include_str!("../../template.yaml");

    /// The routes of the template: each path with the name of its integration.
    fn template_routes() -> Vec<(&'static str, &'static str)> {
        let after = |line: &'static str, start: &str| line.split_once(start).map(|(_, rest)| rest);
        let route = |line: &'static str| {
            let path = after(line, "RouteKey: 'ANY ")?.split('\'').next()?;
            Some((path, after(line, "integrations/${")?.split('}').next()?))
        };
        TEMPLATE.lines().filter_map(route).collect()
    }

    /// The integration that API Gateway chooses: of the routes that match, the one with the fewest parameters, and of those
    /// the longest.
    fn integration(path: &str) -> Option<&'static str> {
        let fits = |route: &str| {
            let mut path = path.split('/').peekable();
            for part in route.split('/') {
                if part.ends_with("+}") {
                    return path.peek().is_some_and(|rest| !rest.is_empty());
                }
                match path.next() {
                    Some(own) if own == part || part.starts_with('{') && !own.is_empty() => {}
                    _ => return false,
                }
            }
            path.next().is_none()
        };
        let mut found: Vec<_> = template_routes().into_iter().filter(|(route, _)| fits(route)).collect();
        found.sort_by_key(|(route, _)| (route.contains("+}"), route.contains('{'), std::cmp::Reverse(route.len())));
        found.first().map(|(_, integration)| *integration)
    }

    #[test]
    fn a_path_is_answered_by_the_same_function_here_and_on_aws() {
        assert!(template_routes().len() > 20, "{}", template_routes().len());
        let mut paths: Vec<String> = HTTP_FUNCTIONS
            .iter()
            .flat_map(|function| (function.routes)())
            .map(|route| {
                let parts = route.path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
                parts.collect::<Vec<_>>().join("/")
            })
            .collect();
        paths.extend(paths.clone().iter().flat_map(|path| [format!("{path}/x"), format!("{path}x")]));
        let unknown =
            ["/v1", "/v1/", "/v1/x", "/v1/x/y", "/v1/import/x", "/v1/import/x/y", "/v1/policy/x/y", "/v2/x", "/x"];
        paths.extend(unknown.map(str::to_owned));
        for path in paths {
            let own = HttpFunction::for_path(&path).map(|function| function.name);
            let on_aws = integration(&path).and_then(|name| name.strip_suffix("Integration")).map(str::to_lowercase);
            assert_eq!(own, on_aws.as_deref(), "{path}");
        }
    }

    #[test]
    fn every_function_of_the_workspace_has_its_name_here() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions");
        let folders = std::fs::read_dir(folder).expect("the functions").map(|entry| entry.expect("an entry").path());
        let is_crate = |path: &std::path::PathBuf| path.join("Cargo.toml").exists();
        let name = |path: std::path::PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
        let mut found: Vec<String> = folders.filter(is_crate).map(name).collect();
        found.sort();
        assert_eq!(found, FUNCTIONS);
    }
}
