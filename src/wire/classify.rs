//! Classifying failures.
