//! One test binary: every integration test is a module of this file.

mod wire;
