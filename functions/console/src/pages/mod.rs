//! A file a page: what it asks the API, what its forms do.

pub(crate) mod customer;
pub(crate) mod customers;
pub(crate) mod erase;
pub(crate) mod events;
pub(crate) mod home;
pub(crate) mod journey;
pub(crate) mod journeys;
pub(crate) mod learned;
pub(crate) mod login;
pub(crate) mod settings;
pub(crate) mod tasks;
pub(crate) mod versions;
