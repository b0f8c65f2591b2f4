//! Which parameter an error complains of, and which one it asks for instead, read out of the message's words.

/// Words around a parameter's name: it stands right after the first text, or right before the second.
///
/// Sources: recorded errors; the error references of OpenAI, Anthropic, Google and xAI; pydantic's and serde's wordings.
enum Form {
    After(&'static str),
    Before(&'static str),
}

use Form::{After, Before};

const FORMS: &[Form] = &[
    After("unsupported parameter: "),
    After("unsupported parameters: "),
    After("unsupported parameter "),
    After("unknown parameter: "),
    After("unknown parameter "),
    After("unknown name "),
    After("unknown field "),
    After("unknown field: "),
    After("unrecognized request argument supplied: "),
    After("unrecognized request arguments supplied: "),
    After("unrecognized field "),
    After("unexpected keyword argument "),
    After("argument not supported on this model: "),
    After("does not support parameter "),
    After("does not support parameters "),
    After("does not support parameters: "),
    After("does not support the parameter "),
    Before(" cannot both be specified"),
    Before(": extra inputs are not permitted"),
    Before(" does not support"),
    Before(" is not supported"),
    Before(" are not supported"),
    Before(" parameter is not supported"),
    Before(" parameter does not support"),
    Before(" is not enabled for this model"),
    Before(" is deprecated"),
    Before(" is too large"),
    After("does not support the "),
    After("doesn't support the "),
    After("does not support "),
    After("not supported: "),
    After("parameter "),
];

/// Words around the name of what is to be sent instead.
const INSTEAD: &[Form] = &[Before(" instead"), After("has moved to "), After("was renamed to "), After("replaced by ")];

/// Names that are known as parameters without quotes, without their underscores and in lower case.
const NAMES: &[&str] =
    &["temperature", "stop", "seed", "logprobs", "n", "tools", "thinking", "reasoning", "stream", "user", "store"];

/// Members that every request has: an error about one of them is about what is in it.
const WHOLES: &[&str] = &["input", "messages", "contents", "prompt", "model", "body"];

/// The longest name of a parameter that is believed.
const LONGEST: usize = 64;

/// The parameter that the message complains of, as the provider writes it.
pub(super) fn complained_of(message: &str) -> Option<String> {
    named_in(message, FORMS)
}

/// The parameter that the message asks for in the place of the other.
pub(super) fn asked_for(message: &str) -> Option<String> {
    named_in(message, INSTEAD)
}

/// A parameter's name as an error's own member gives it, when it is one.
pub(super) fn plain_name(text: &str) -> Option<String> {
    let tail = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.[]$".contains(&byte);
    let sound = text.len() <= LONGEST
        && !WHOLES.contains(&text)
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(tail);
    sound.then(|| text.to_owned())
}

fn named_in(message: &str, forms: &[Form]) -> Option<String> {
    // Folding other letters may move positions; only ASCII is folded.
    let lower = message.to_ascii_lowercase();
    forms.iter().find_map(|form| match form {
        After(lead) => lower.match_indices(lead).find_map(|(at, _)| first_name(&message[at + lead.len()..])),
        Before(trail) => lower.match_indices(trail).find_map(|(at, _)| last_name(&message[..at])),
    })
}

/// The name at the start of a text.
fn first_name(text: &str) -> Option<String> {
    let text = text.trim_start_matches(['[', ' ']);
    match text.chars().next().filter(|first| is_quote(*first)) {
        Some(quote) => plain_name(text[1..].split(quote).next()?),
        None => bare(text.split(|letter: char| letter.is_whitespace() || ",:;()".contains(letter)).next()?),
    }
}

/// The name at the end of a text.
fn last_name(text: &str) -> Option<String> {
    match text.chars().next_back().filter(|last| is_quote(*last)) {
        Some(quote) => plain_name(text[..text.len() - 1].rsplit(quote).next()?),
        None => bare(text.rsplit(|letter: char| letter.is_whitespace() || ",:;()".contains(letter)).next()?),
    }
}

fn is_quote(letter: char) -> bool {
    matches!(letter, '\'' | '"' | '`')
}

/// A word without quotes is a name when it looks like one: most words of a sentence are none.
fn bare(word: &str) -> Option<String> {
    let word = word.trim_end_matches(['.', ']']);
    let known = || NAMES.contains(&word.to_ascii_lowercase().as_str());
    let camel = || {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word.contains(|letter: char| letter.is_ascii_uppercase())
    };
    (word.contains('_') || known() || camel()).then(|| plain_name(word)).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_parameter_is_found_in_the_usual_wordings() {
        for (message, parameter, instead) in [
            (
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                Some("max_tokens"),
                Some("max_completion_tokens"),
            ),
            (
                "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) value is supported.",
                Some("temperature"),
                None,
            ),
            (
                "Unsupported parameter: 'response_format'. In the Responses API, this parameter has moved to 'text.format'.",
                Some("response_format"),
                Some("text.format"),
            ),
            ("This model does not support 'temperature'", Some("temperature"), None),
            ("Model grok-4 does not support parameter presencePenalty.", Some("presencePenalty"), None),
            ("Argument not supported on this model: stop", Some("stop"), None),
            ("`temperature` and `top_p` cannot both be specified for this model.", Some("top_p"), None),
            ("`temperature` is deprecated for this model.", Some("temperature"), None),
            ("seed: Extra inputs are not permitted", Some("seed"), None),
            ("Unrecognized request argument supplied: min_p", Some("min_p"), None),
            (
                "Invalid JSON payload received. Unknown name \"frequency_penalty\" at 'generation_config': Cannot find field.",
                Some("frequency_penalty"),
                None,
            ),
            (
                "max_tokens is not supported, please use max_completion_tokens instead",
                Some("max_tokens"),
                Some("max_completion_tokens"),
            ),
            ("LogProbs is not supported in streaming mode", Some("LogProbs"), None),
            ("Logprobs is not enabled for this model", Some("Logprobs"), None),
            ("logprobs are not supported with reasoning models.", Some("logprobs"), None),
            ("This model does not support logprobs > 1 due to advanced speculative decoding.", Some("logprobs"), None),
            ("This model doesn't support the s3Uri field. Remove s3Uri and try again.", Some("s3Uri"), None),
            ("<400> X: The tool_choice parameter does not support being set to required", Some("tool_choice"), None),
            ("max_tokens is too large: 50000. This model supports at most 16384", Some("max_tokens"), None),
            ("json: unknown field \"top_k\"", Some("top_k"), None),
            (
                "litellm.UnsupportedParamsError: x does not support parameters: ['tools', 'top_k'], for model=y",
                Some("tools"),
                None,
            ),
        ] {
            assert_eq!(complained_of(message).as_deref(), parameter, "{message}");
            assert_eq!(asked_for(message).as_deref(), instead, "{message}");
        }
    }

    #[test]
    fn words_of_a_sentence_are_no_parameters() {
        for message in [
            "System role not supported",
            "image input is not supported",
            "This model does not support image input",
            "Multimodal is not enabled for your organization and model",
            "Expected a value >= 0, but got -1 instead.",
            "",
            "'",
            "unsupported parameter: '",
            "unsupported parameter: '../../etc'",
        ] {
            assert_eq!((complained_of(message), asked_for(message)), (None, None), "{message}");
        }
    }

    proptest! {
        #[test]
        fn any_message_is_read_without_a_panic(lead in ".{0,20}", form in 0..FORMS.len(), tail in ".{0,20}") {
            let (After(words) | Before(words)) = FORMS[form];
            let message = format!("{lead}{words}{tail}");
            prop_assert!(complained_of(&message).is_none_or(|name| name.len() <= LONGEST));
            prop_assert!(asked_for(&message).is_none_or(|name| name.len() <= LONGEST));
        }
    }
}
