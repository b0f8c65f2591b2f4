//! All integration tests, in one binary so that they link once.

mod faults;
mod network;
mod shape;
mod sim;
mod support;
mod wire;
