//! All integration tests, in one binary so that they link once.

mod shape;
mod sim;
mod support;
mod terminal;
mod wire;
