//! What the slash commands do, by what they are about.

pub(super) mod attach;
pub(super) mod clipboard;
pub(super) mod conversations;
pub(super) mod history;
pub(super) mod keep;
pub(super) mod look;
pub(super) mod model;
pub(super) mod role;
pub(super) mod set;
