//! What providers' words for the end of an answer mean, as one table for all formats.

use crate::chat::{Finish, FinishReason};

/// Words in lower case. Formats share words through gateways, and none means two things in two formats.
const WORDS: &[(FinishReason, &[&str])] = &[
    (
        FinishReason::Stop,
        &[
            "stop",
            "end_turn",
            "stop_sequence",
            "eos",
            "eos_token",
            "endoftext",
            "end",
            "complete",
            "completed",
            "succeeded",
            "1",
        ],
    ),
    (
        FinishReason::Length,
        &["length", "max_tokens", "model_length", "max_output_tokens", "model_context_window_exceeded", "2"],
    ),
    (FinishReason::ToolCalls, &["tool_calls", "tool_call", "tool_use", "function_call"]),
    (
        FinishReason::ContentFilter,
        &[
            "content_filter",
            "content_filtered",
            "sensitive",
            "guardrail_intervened",
            "safety",
            "recitation",
            "blocklist",
            "prohibited_content",
            "spii",
            "image_safety",
            "image_prohibited_content",
            "image_recitation",
            "error_toxic",
            // Gemini's enum values, when a request asks for numbers: SAFETY, RECITATION, BLOCKLIST, PROHIBITED_CONTENT, SPII.
            "3",
            "4",
            "6",
            "7",
            "8",
        ],
    ),
    (FinishReason::Refusal, &["refusal"]),
    (
        FinishReason::Error,
        &[
            "error",
            "network_error",
            "insufficient_system_resource",
            "server_error",
            "rate_limit",
            "engine_overloaded",
            "abort",
            "aborted",
            "abort_by_timeout",
            "cancel",
            "canceled",
            "cancelled",
            "failed",
            "timeout",
            // Not at an end: Responses, Replicate, and Anthropic's own tools that take long.
            "queued",
            "starting",
            "processing",
            "in_progress",
            "expired",
            "pause_turn",
            // Ollama, which has only moved the model.
            "load",
            "unload",
            "other",
            "language",
            "malformed_function_call",
            "malformed_response",
            "malformed_tool_call",
            "malformed_tool_use",
            "malformed_model_output",
            "unexpected_tool_call",
            "too_many_tool_calls",
            "missing_thought_signature",
            "image_other",
            "no_image",
            "5",
            "9",
        ],
    ),
];

/// The class of a provider's word; a word that no row knows is [`FinishReason::Other`].
pub fn reason(word: &str) -> FinishReason {
    let known = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    WORDS.iter().find(|(_, words)| known(words)).map_or(FinishReason::Other, |(reason, _)| *reason)
}

/// The finish for a word. Gemini, and OpenAI with a forced tool, say "stop" when the model wants tools run.
pub(super) fn finish(word: &str, detail: Option<&str>, called_tools: bool) -> Finish {
    let reason = match reason(word) {
        FinishReason::Stop if called_tools => FinishReason::ToolCalls,
        reason => reason,
    };
    Finish { reason, raw: word.to_owned(), detail: detail.map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_38_a_failure_told_as_a_finish_is_never_a_stop() {
        for word in
            ["error", "network_error", "MALFORMED_FUNCTION_CALL", "insufficient_system_resource", "OTHER", "TIMEOUT"]
        {
            assert_eq!(reason(word), FinishReason::Error, "{word}");
        }
    }

    #[test]
    fn case_39_recitation_is_a_filter() {
        assert_eq!(finish("RECITATION", None, false).reason, FinishReason::ContentFilter);
        assert_eq!(finish("RECITATION", None, true).reason, FinishReason::ContentFilter, "nor a call of tools");
    }

    #[test]
    fn case_42_unknown_words_pass_as_they_came() {
        for word in ["something_new", ""] {
            let finish = finish(word, None, false);
            assert_eq!((finish.reason, finish.raw.as_str()), (FinishReason::Other, word));
        }
    }

    #[test]
    fn a_stop_after_tool_calls_wants_tools_run() {
        assert_eq!(finish("STOP", None, true).reason, FinishReason::ToolCalls);
        assert_eq!(finish("length", None, true).reason, FinishReason::Length);
    }

    #[test]
    fn no_word_stands_in_two_rows() {
        let mut all: Vec<_> = WORDS.iter().flat_map(|(_, words)| words.iter()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
