//! All integration tests, in one binary so that they link once.

mod bad_input;
mod config;
mod generated;
mod shape;
mod sim;
mod stream;
mod support;
mod terminal;
mod wire;
