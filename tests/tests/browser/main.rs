//! The customers' pages as customers use them, and the console as the shop's people do: headless Chromium against the built
//! `rekindle` program. A mail is opened in the inbox, its links are followed, its pages are answered, on a phone and on a desktop.
//!
//! Needed are Chromium, its driver, python3 and npm. What is missing is installed: programs by `apt-get`, axe-core and the libraries
//! that shops have in their pages from the package indexes into `target/`. Pictures of the pages are left in `target/pages`.
//!
//! - [`tools`] finds the browser, its driver and axe-core, or installs them;
//! - [`browser`] is one browser, driven over the WebDriver protocol;
//! - [`shop`] is a running shop whose customers have received their mails;
//! - the other modules are tests, each about one page or one promise.

mod accessibility;
mod browser;
mod confirm;
mod console;
mod libraries;
mod nps;
mod preferences;
mod referral;
mod shop;
mod tools;
mod unsubscribe;
