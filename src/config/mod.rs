//! Settings from layers (built-in < user file < project file < environment < arguments); every value knows its origin.

pub mod environment;

pub use environment::Environment;
