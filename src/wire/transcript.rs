//! A conversation as one text, for formats that take a prompt and no turns.
//!
//! A single turn is its own text. Several become paragraphs that begin with who speaks, and the last line hands over:
//!
//! ```text
//! User: Hi
//!
//! Assistant: Hello
//!
//! User: Who are you?
//!
//! Assistant:
//! ```

use crate::chat::{Message, Role};

/// The text of all turns.
pub(super) fn transcript(messages: &[Message]) -> String {
    if let [message] = messages {
        return message.joined_text();
    }
    let turns = messages.iter().map(|message| {
        let speaker = match message.role {
            Role::User => "User",
            Role::Assistant => "Assistant",
        };
        format!("{speaker}: {}\n\n", message.joined_text())
    });
    turns.chain(["Assistant:".to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_turn_is_its_text_and_several_name_the_speakers() {
        let turns = [
            Message::text(Role::User, "Hi"),
            Message::text(Role::Assistant, "Hello"),
            Message::text(Role::User, "Who?"),
        ];
        assert_eq!(transcript(&turns[..1]), "Hi");
        assert_eq!(transcript(&turns), "User: Hi\n\nAssistant: Hello\n\nUser: Who?\n\nAssistant:");
    }
}
