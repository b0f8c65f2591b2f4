//! Settings from layers (built-in < user file < project file < environment < arguments); every value knows its origin.
//!
//! [`Settings::load`] reads the files ([`layer`]) and lays them over one another ([`assemble`]); [`Settings::resolve`] turns
//! a name into a policy; [`keys::resolve`] fetches a key when a target is tried.

mod assemble;
mod aws;
pub mod catalogue;
pub mod chat;
pub mod command;
pub mod edit;
pub mod environment;
pub mod hooks;
pub mod import;
pub mod keys;
pub mod known;
pub mod layer;
pub mod local;
pub mod paths;
pub mod problem;
pub mod project;
pub mod resolve;
pub mod role;
pub mod schema;
pub mod settings;
pub mod show;
pub mod store;
pub mod suggest;
pub mod template;
pub mod variables;

pub use assemble::assemble;
pub use environment::Environment;
pub use hooks::Hooks;
pub use paths::Paths;
pub use problem::{Problem, Problems};
pub use resolve::{Lookup, Unknown};
pub use settings::Settings;

#[cfg(test)]
mod tests;
