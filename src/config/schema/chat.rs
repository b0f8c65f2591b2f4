//! `[chat]` as written.

use crate::config::chat::Keys;

/// The table; what is `None` was not said.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChatRow {
    /// The keys of the line editor.
    pub keys: Option<Keys>,
}
