//! llmx talks to any language model through a router that explains itself.

pub mod catalog;
pub mod chat;
pub mod cli;
pub mod config;
pub mod error;
pub mod exec;
pub mod failure;
pub mod ledger;
pub mod money;
pub mod provider;
pub mod route;
pub mod secret;
pub mod sim;
pub mod ui;
pub mod wire;
