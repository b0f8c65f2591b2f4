//! All integration tests, in one binary so that they link once.

mod faults;
mod shape;
mod sim;
mod support;
mod wire;
