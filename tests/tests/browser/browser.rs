//! One browser. The W3C's WebDriver protocol is a dozen JSON calls; spoken directly, it needs no further library.

use crate::tools;
use base64ct::{Base64, Encoding};
use rekindle_tests::patience::{STALLED_AFTER, wait_for};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

/// The key under which the protocol hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The kind of screen that a browser has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Screen {
    /// 390 points wide, touched.
    Phone,
    /// 1280 points wide.
    Desktop,
    /// 1280 points wide, with scripts disabled.
    WithoutScript,
}

impl Screen {
    pub(crate) fn width(self) -> u32 {
        if self == Self::Phone { 390 } else { 1280 }
    }
}

/// How often a driver is started that ends before it has a port.
const DRIVER_STARTS: u32 = 5;

/// A running browser. Dropping it ends it.
pub(crate) struct Browser {
    driver: Child,
    session: String,
    pub(crate) screen: Screen,
    /// The driver must not lose what it prints to.
    _printed: BufReader<ChildStdout>,
    _profile: tempfile::TempDir,
}

/// Something on a page.
#[derive(Debug, Clone)]
pub(crate) struct Element(String);

/// Starts a driver; with what it prints to, and its port. Nothing if it ends before it has one.
fn start_driver() -> Option<(Child, BufReader<ChildStdout>, u16)> {
    let mut driver = Command::new(tools::chromedriver());
    let driver = driver.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut driver = driver.spawn().expect("chromedriver starts");
    let mut printed = BufReader::new(driver.stdout.take().expect("piped"));
    // "ChromeDriver was started successfully on port 40123."
    let says = |line: &String| line.split("successfully on port ").nth(1)?.trim_end_matches('.').parse::<u16>().ok();
    let port = printed.by_ref().lines().map_while(Result::ok).find_map(|line| says(&line));
    if port.is_none() {
        driver.wait().expect("it has closed its output");
    }
    Some((driver, printed, port?))
}

impl Browser {
    pub(crate) fn start(screen: Screen) -> Self {
        // It looks for a free port itself, and ends if another driver takes that port first.
        let started = (0..DRIVER_STARTS).find_map(|_| start_driver());
        let (driver, printed, port) = started.expect("chromedriver says its port");
        let profile = tempfile::tempdir().expect("a folder");
        let mut options = json!({
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--window-size=1280,900", format!("--user-data-dir={}", profile.path().display()),
            ],
        });
        match screen {
            Screen::Desktop => {}
            Screen::Phone => {
                let metrics = json!({ "width": 390, "height": 844, "pixelRatio": 2.0, "touch": true });
                options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
            }
            Screen::WithoutScript => {
                options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
            }
        }
        // How long a page or a script takes depends on what else the machine does.
        let patience = STALLED_AFTER.as_secs() * 1_000;
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "timeouts": { "script": patience, "pageLoad": patience },
        } } });
        let url = format!("http://127.0.0.1:{port}/session");
        let started = post(&url, &wanted);
        let id = started["sessionId"].as_str().unwrap_or_else(|| panic!("the browser does not start: {started}"));
        Self { driver, session: format!("{url}/{id}"), screen, _printed: printed, _profile: profile }
    }

    /// Opens an address.
    pub(crate) fn open(&self, url: &str) {
        self.call("url", &json!({ "url": url }));
    }

    /// The address that is open.
    pub(crate) fn url(&self) -> String {
        self.get("url").as_str().expect("a text").to_owned()
    }

    /// The first element that a CSS selector finds.
    pub(crate) fn find(&self, selector: &str) -> Element {
        let found = self.all(selector).into_iter().next();
        found.unwrap_or_else(|| panic!("no {selector} on {}:\n{}", self.url(), self.text()))
    }

    /// All elements that a CSS selector finds.
    pub(crate) fn all(&self, selector: &str) -> Vec<Element> {
        let found = self.call("elements", &json!({ "using": "css selector", "value": selector }));
        let id = |element: &Value| Element(element[ELEMENT].as_str().expect("an element").to_owned());
        found.as_array().expect("a list").iter().map(id).collect()
    }

    /// Clicks on the first element that a CSS selector finds.
    pub(crate) fn click(&self, selector: &str) {
        let Element(id) = self.find(selector);
        self.call(&format!("element/{id}/click"), &json!({}));
    }

    /// Clicks on an element that leads to another page, and waits until that page is there.
    pub(crate) fn follow(&self, selector: &str) {
        let Element(page) = self.find("html");
        self.click(selector);
        wait_for("the page is left", || {
            let answer = ureq::get(format!("{}/element/{page}/name", self.session));
            let answer = answer.config().http_status_as_error(false).build().call().expect("the driver answers");
            (answer.status() != 200).then_some(())
        });
        wait_for("the next page is there", || self.all("main").pop());
    }

    /// Types into an element, after what it holds.
    pub(crate) fn type_into(&self, selector: &str, text: &str) {
        let Element(id) = self.find(selector);
        self.call(&format!("element/{id}/value"), &json!({ "text": text }));
    }

    /// Empties a field.
    pub(crate) fn clear(&self, selector: &str) {
        let Element(id) = self.find(selector);
        self.call(&format!("element/{id}/clear"), &json!({}));
    }

    /// Whether a box is ticked or an option is chosen.
    pub(crate) fn is_chosen(&self, selector: &str) -> bool {
        let Element(id) = self.find(selector);
        self.get(&format!("element/{id}/selected")) == json!(true)
    }

    /// An attribute of the first element that a selector finds.
    pub(crate) fn attribute(&self, selector: &str, name: &str) -> String {
        let Element(id) = self.find(selector);
        self.get(&format!("element/{id}/attribute/{name}")).as_str().unwrap_or_default().to_owned()
    }

    /// What a field holds.
    pub(crate) fn value(&self, selector: &str) -> String {
        let Element(id) = self.find(selector);
        self.get(&format!("element/{id}/property/value")).as_str().expect("a text").to_owned()
    }

    /// The visible text of the page.
    pub(crate) fn text(&self) -> String {
        let body = self.call("element", &json!({ "using": "css selector", "value": "body" }));
        let id = body[ELEMENT].as_str().expect("a body");
        self.get(&format!("element/{id}/text")).as_str().expect("a text").to_owned()
    }

    /// Enters a frame of the page.
    pub(crate) fn enter_frame(&self, selector: &str) {
        let Element(id) = self.find(selector);
        self.call("frame", &json!({ "id": { ELEMENT: id } }));
    }

    /// Enters the window that was opened last, once `count` windows are open.
    pub(crate) fn enter_window(&self, count: usize) {
        let windows = wait_for("the window is open", || {
            let windows = self.get("window/handles").as_array().expect("a list").clone();
            (windows.len() >= count).then_some(windows)
        });
        self.call("window", &json!({ "handle": windows.last() }));
    }

    /// Runs a script in the page, and returns its result.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.call("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Runs a script that calls its last argument with its result.
    pub(crate) fn run_async(&self, script: &str) -> Value {
        self.call("execute/async", &json!({ "script": script, "args": [] }))
    }

    /// Sets whether the browser asks for dark pages.
    pub(crate) fn prefer_dark(&self, dark: bool) {
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.devtools("Emulation.setEmulatedMedia", &json!({ "features": features }));
    }

    /// Shows pages twice as large, as somebody does who enlarges them: half as much of the screen is left for each.
    pub(crate) fn enlarge(&self) {
        let metrics =
            json!({ "width": self.screen.width() / 2, "height": 450, "deviceScaleFactor": 2, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// Leaves a picture of the whole page in `target/pages`.
    pub(crate) fn picture(&self, name: &str) {
        let taken = self.devtools("Page.captureScreenshot", &json!({ "captureBeyondViewport": true }));
        let picture = Base64::decode_vec(taken["data"].as_str().expect("a text")).expect("base 64");
        let file = tools::pictures().join(format!("{name}-{}.png", self.screen.width()));
        std::fs::write(file, picture).expect("written");
    }

    fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.call("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    fn call(&self, command: &str, body: &Value) -> Value {
        post(&format!("{}/{command}", self.session), body)
    }

    fn get(&self, command: &str) -> Value {
        let request = ureq::get(format!("{}/{command}", self.session));
        let mut answer = request.config().http_status_as_error(false).build().call().expect("the driver answers");
        value(command, answer.body_mut().read_json().expect("JSON"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = ureq::delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn post(url: &str, body: &Value) -> Value {
    let request = ureq::post(url).config().http_status_as_error(false).build();
    let mut answer = request.send_json(body).expect("the driver answers");
    value(url, answer.body_mut().with_config().limit(50_000_000).read_json().expect("JSON"))
}

fn value(command: &str, mut answer: Value) -> Value {
    let value = answer["value"].take();
    assert!(value["error"].is_null(), "{command}: {}: {}", value["error"], value["message"]);
    value
}
