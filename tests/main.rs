//! All integration tests, in one binary so that they link once.

mod shape;
mod sim;
mod stream;
mod support;
mod wire;
