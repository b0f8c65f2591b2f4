//! Estimating tokens without a tokenizer.
