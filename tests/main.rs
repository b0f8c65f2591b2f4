//! All integration tests, in one binary so that they link once.

mod bad_input;
mod complete;
mod config;
mod embed;
mod faults;
mod generated;
mod interrupt;
mod models;
mod network;
mod promises;
mod route;
mod shape;
mod sim;
mod stream;
mod support;
mod terminal;
mod wire;
