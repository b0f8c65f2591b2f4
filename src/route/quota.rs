//! What providers say is left of their limits: requests or tokens, and until when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::provider::TargetId;

/// What is left of one limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Whose.
    pub target: TargetId,
    /// Of what.
    pub of: QuotaOf,
    /// The whole limit, where it was said.
    pub limit: Option<u64>,
    /// What was left.
    pub remaining: u64,
    /// When there is more.
    pub resets: Timestamp,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuotaOf {
    /// Requests.
    Requests,
    /// Tokens.
    Tokens,
}

impl QuotaOf {
    /// As a word for machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
        }
    }

    /// The limit of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Requests, Self::Tokens].into_iter().find(|of| of.name() == name)
    }
}

impl Quota {
    /// Whether a request of at least so many tokens would not be taken now.
    pub fn is_spent(&self, tokens: u64, now: Timestamp) -> bool {
        let left = match self.of {
            QuotaOf::Requests => self.remaining > 0,
            QuotaOf::Tokens => self.remaining >= tokens.max(1),
        };
        now < self.resets && !left
    }
}
