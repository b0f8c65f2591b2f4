//! All integration tests, in one binary so that they link once.

mod adapt;
mod attach;
mod bad_input;
#[cfg(feature = "bedrock")]
mod bedrock;
mod cases;
mod complete;
mod config;
mod continuation;
mod drill;
mod embed;
mod execution;
mod faults;
mod generated;
mod google;
mod health;
mod health_table;
mod hooks;
mod interrupt;
mod models;
mod network;
mod predict;
mod predictions;
mod probe;
mod promises;
mod route;
mod schema;
mod shape;
mod sim;
mod stream;
mod support;
mod terminal;
mod tools;
mod trials;
mod walk;
mod wire;
