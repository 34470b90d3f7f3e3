//! A local stack for one test, on a directory that is removed afterwards.

use rekindle_emulators::Durability;
use rekindle_local_stack::{DataDir, Overview, Progress, Pump, Stack, StackTime, http};
use rekindle_store::shop::api_keys::Role;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

pub(crate) struct Stage {
    pub(crate) stack: Arc<Stack>,
    pub(crate) url: String,
    pub(crate) write_key: String,
    pub(crate) admin_key: String,
    pub(crate) folder: tempfile::TempDir,
}

impl Stage {
    /// A stack in virtual time.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = Arc::new(DataDir::take(&folder.path().join("data")).expect("free"));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let start = "2026-03-10T12:00:00Z".parse().expect("an instant");
        let time = StackTime::virtual_from(start, &data).expect("a clock");
        let stack = Stack::start(data, time, Durability::Relaxed, &url).await.expect("a stack");
        let stack = Arc::new(stack);
        tokio::spawn(http::serve(listener, http::router(Arc::clone(&stack), None)));
        let now = stack.time.now();
        let write_key = stack.shop.new_key(&stack.store, Role::Write, now).await.expect("a key");
        let admin_key = stack.shop.new_key(&stack.store, Role::Admin, now).await.expect("a key");
        Self { stack, url, write_key, admin_key, folder }
    }

    pub(crate) fn pump(&self) -> Pump {
        Pump::new(Arc::clone(&self.stack), Arc::new(Progress::default())).expect("a pump")
    }

    pub(crate) async fn overview(&self) -> Overview {
        Overview::scan(&self.stack).await.expect("scanned")
    }

    /// A file of the test.
    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("written");
        path
    }

    /// Calls the HTTP API; status and body.
    pub(crate) async fn call(&self, method: &str, path: &str, key: &str, body: &str) -> (u16, String) {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json")
            .body(body.to_owned())
            .expect("a request");
        let called = tokio::task::spawn_blocking(move || {
            let config = ureq::Agent::config_builder().http_status_as_error(false).build();
            let mut answer = ureq::Agent::from(config).run(request).expect("an answer");
            (answer.status().as_u16(), answer.body_mut().read_to_string().expect("text"))
        });
        called.await.expect("no panic")
    }

    pub(crate) async fn admin(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        self.call(method, path, &self.admin_key, body).await
    }

    pub(crate) async fn get_json(&self, path: &str) -> Value {
        let (status, text) = self.admin("GET", path, "").await;
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).expect("JSON")
    }
}
