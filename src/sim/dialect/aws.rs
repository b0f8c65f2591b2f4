//! How AWS refuses, whichever of its formats was asked.

use serde_json::{Value, json};

use super::{Ask, Event, Trouble};

/// Status and body; the sort of error stands in a header, see [`trouble_headers`].
pub(super) fn trouble(trouble: Trouble, ask: &Ask) -> (u16, Value) {
    let (status, _, message) = words(trouble);
    let message = match trouble {
        Trouble::Context => format!("{message}: {} tokens", ask.input.max(200_001)),
        _ => message.to_owned(),
    };
    (status, json!({"message": message}))
}

/// The sort of error.
pub(super) fn trouble_headers(trouble: Trouble) -> Vec<(&'static str, String)> {
    let (_, kind, _) = words(trouble);
    vec![("x-amzn-errortype", format!("{kind}:http://internal.amazon.com/coral/com.amazon.bedrock/"))]
}

/// The id of the request.
pub(super) fn headers(request_id: &str) -> Vec<(&'static str, String)> {
    let id = request_id.strip_prefix("sim").unwrap_or(request_id);
    vec![("x-amzn-requestid", format!("{:0>8}-0000-4000-8000-{:0>12.12}", &id[..id.len().min(8)], id))]
}

/// The frame that ends a stream with an error.
pub(super) fn exception() -> Event {
    let (_, _, message) = words(Trouble::ServerError);
    Event::error("internalServerException", json!({"message": message}))
}

const fn words(trouble: Trouble) -> (u16, &'static str, &'static str) {
    match trouble {
        Trouble::NoKey => (403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
        Trouble::BadKey => {
            (403, "UnrecognizedClientException", "The security token included in the request is invalid.")
        }
        Trouble::Permission => {
            (403, "AccessDeniedException", "You don't have access to the model with the specified model ID.")
        }
        Trouble::NotFound => (400, "ValidationException", "The provided model identifier is invalid."),
        Trouble::Invalid => {
            let message = "Malformed input request: #/messages: expected type: JSONArray, found: String, please reformat your input and try again.";
            (400, "ValidationException", message)
        }
        Trouble::Context => (400, "ValidationException", "Input is too long for requested model"),
        Trouble::Quota => (429, "ThrottlingException", "Too many tokens per day, please wait before trying again."),
        Trouble::RateLimit(_) => (429, "ThrottlingException", "Too many requests, please wait before trying again."),
        Trouble::ServerError => {
            let message = "The system encountered an unexpected error during processing. Try your request again.";
            (500, "InternalServerException", message)
        }
        Trouble::Unavailable => (503, "ServiceUnavailableException", "Bedrock is unable to process your request."),
        Trouble::Overloaded => (529, "ServiceUnavailableException", "Bedrock is unable to process your request."),
    }
}
