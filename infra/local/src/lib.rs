//! Rekindle on one machine: AWS played locally around the very handlers that run on Lambda, and the
//! `rekindle` command.
//!
//! The cast:
//! - [`stack`] is the whole engine on one machine;
//! - [`aws`] plays SES, SNS and SQS, [`inbox`] shows what they took over;
//! - [`history`] reads order histories, [`import`] posts them to a running endpoint;
//! - [`simulated_customers`] are the people who get the messages, for the demo;
//! - [`costs`] computes what a deployment costs;
//! - [`pinpoint`] reads what Amazon Pinpoint exported;
//! - [`deployment`] is a stack that is deployed in AWS: finding it, checking it, repairing it;
//! - [`commands`] is the command line.

pub mod aws;
pub mod commands;
pub mod costs;
pub mod deployment;
mod file_lock;
pub mod history;
pub mod import;
pub mod inbox;
pub mod pinpoint;
pub mod simulated_customers;
pub mod stack;
