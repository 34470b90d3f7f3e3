//! The web inbox over HTTP.
//!
//! [`gallery`] fills a mailbox; [`pages`] reads it as a browser and as a program does.

mod gallery;
mod pages;
