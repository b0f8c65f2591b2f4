//! All integration tests, in one binary so that they link once.

mod complete;
mod faults;
mod interrupt;
mod network;
mod shape;
mod sim;
mod support;
mod wire;
