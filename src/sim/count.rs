//! Counts of a prompt's tokens, as providers give them beside their chats.

use serde_json::{Value, json};

use super::dialect::Dialect;

/// The count of a request's tokens, in this member. Some formats wrap the chat's request in a member of another one.
pub fn tokens(dialect: &dyn Dialect, member: &str, path: &str, body: &Value) -> Value {
    let request = body.get("generateContentRequest").unwrap_or(body);
    json!({ member: dialect.read(path, request).input })
}
