//! The vocabulary of a conversation: what is asked ([`ChatRequest`]), what comes back ([`Event`]), and what it
//! amounts to ([`Reply`], a fold of events). No provider's words appear here except as raw text.

mod buckets;
mod event;
mod reply;
mod request;
pub mod thoughts;
mod usage;

pub use buckets::{Buckets, SearchContext};
pub use event::{Event, Finish, FinishReason};
pub use reply::{Reply, ToolCall};
pub use request::{
    AnswerForm, ChatRequest, Media, MediaKind, MediaSource, Message, OWN_MEMBERS, Options, Part, Role, Schema, Thought,
    Tool, ToolChoice, ToolResult,
};
pub use usage::{Counting, Usage};
