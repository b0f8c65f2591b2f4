//! What providers say is left of their limits: requests or tokens, and until when. [`crate::wire::quota`] reads it.

pub use crate::wire::quota::{Quota, QuotaOf};
