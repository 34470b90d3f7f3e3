//! The customers' pages as customers use them: headless Chromium against the built `rekindle` program. A mail is opened in
//! the inbox, its links are followed, its pages are answered, on a phone and on a desktop.
//!
//! Needed are Chromium, its driver and python3. What is missing is installed: the first two by `apt-get`, axe-core from
//! the package index into `target/`. Pictures of the pages are left in `target/pages`.
//!
//! - [`tools`] finds the browser, its driver and axe-core, or installs them;
//! - [`browser`] is one browser, driven over the WebDriver protocol;
//! - [`shop`] is a running shop whose customers have received their mails;
//! - the other modules are tests, each about one page or one promise.

mod accessibility;
mod browser;
mod confirm;
mod nps;
mod preferences;
mod referral;
mod shop;
mod tools;
mod unsubscribe;
