//! All integration tests, in one binary so that they link once.

mod adapt;
mod attach;
mod bad_input;
mod complete;
mod config;
mod faults;
mod generated;
mod interrupt;
mod network;
mod promises;
mod route;
mod schema;
mod shape;
mod sim;
mod stream;
mod support;
mod terminal;
mod tools;
mod wire;
