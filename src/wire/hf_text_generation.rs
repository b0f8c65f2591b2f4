//! Hugging Face text generation (`hf-text-generation`): a prompt is continued, by the router's own inference or by a Text
//! Generation Inference server (then with the quirk `path = "/"`). Models take a prompt and no turns: see
//! [`super::transcript`]. See <https://huggingface.co/docs/inference-providers/tasks/text-generation>.

use serde_json::{Map, Value, json};

use super::framing::{End, Framed, Reader, malformed, trouble, unknown_shape};
use super::transcript::transcript;
use super::{
    Codec, Decoder, Features, HttpRequest, ResponseHead, classify, finish, merge_into, path_segments,
    post_beside_version,
};
use crate::chat::{ChatRequest, Event, Usage};
use crate::failure::Failure;
use crate::provider::Target;

/// Members that stand beside the parameters of the generation.
const BESIDE_PARAMETERS: &[&str] = &["inputs", "model", "options", "parameters", "stream"];

/// The codec.
pub struct TextGeneration;

impl Codec for TextGeneration {
    fn name(&self) -> &'static str {
        "hf-text-generation"
    }

    fn features(&self) -> Features {
        // The prompt is never counted unasked, the answer only in streams.
        Features { streaming: true, tools: false, schema: false, media: &[], addresses: &[], usage: false }
    }

    fn encode(&self, target: &Target, request: &ChatRequest) -> HttpRequest {
        let path = format!("/hf-inference/models/{}", path_segments(&target.id.model));
        post_beside_version(target, &path, request.stream, body(request))
    }

    fn decoder(&self, _target: &Target, head: &ResponseHead) -> Box<dyn Decoder + Send> {
        Box::new(Framed::new(head, TextReader::default()))
    }

    fn failure(&self, _target: &Target, head: &ResponseHead, body: &[u8]) -> Failure {
        classify::http_failure(head, body)
    }
}

fn body(request: &ChatRequest) -> Value {
    let options = &request.options;
    let stop = (!options.stop.is_empty()).then(|| json!(options.stop));
    let parameters = [
        // Unsaid, the answer begins with the prompt.
        ("return_full_text", Some(json!(false))),
        ("max_new_tokens", options.max_tokens.map(|limit| json!(limit))),
        ("temperature", options.temperature.map(|temperature| json!(temperature))),
        ("top_p", options.top_p.map(|share| json!(share))),
        ("stop", stop),
        ("seed", options.seed.map(|seed| json!(seed))),
    ];
    let parameters: Map<String, Value> =
        parameters.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    let system = request.system.iter().map(|system| format!("{system}\n\n"));
    let prompt: String = system.chain([transcript(&request.messages)]).collect();
    let mut body = json!({"inputs": prompt, "parameters": parameters});
    if request.stream {
        body["stream"] = json!(true);
    }
    merge_into(&mut body, "parameters", &options.extra, BESIDE_PARAMETERS);
    body
}

/// Reads tokens and whole answers.
#[derive(Default)]
struct TextReader {
    finished: bool,
}

impl Reader for TextReader {
    /// A token of a stream, or a whole answer, which comes in a list.
    fn event(&mut self, _name: &str, data: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        let piece: Value = serde_json::from_str(data).map_err(|error| malformed(&error, data, false))?;
        if piece.get("error").is_some_and(|error| !error.is_null()) {
            return Err(trouble(data, &piece));
        }
        match piece.get("token") {
            Some(token) if token["special"] != true => said(&token["text"], events),
            Some(_) => {}
            None => said(&piece["generated_text"], events),
        }
        // The last token of a stream brings the whole text; details come only when they were asked for.
        self.finished |= piece.get("token").is_some() && piece["generated_text"].is_string();
        self.details(&piece["details"], events);
        Ok(())
    }

    fn whole(&mut self, body: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        let answer: Value = serde_json::from_str(body).map_err(|error| malformed(&error, body, true))?;
        let known = ["generated_text", "token", "error"].iter().any(|name| answer.get(name).is_some());
        if known { self.event("", body, events) } else { Err(unknown_shape(body)) }
    }

    fn end(&self) -> End {
        End::of(false, self.finished)
    }
}

impl TextReader {
    /// The reason to finish and the counts, which come with the last token.
    fn details(&mut self, details: &Value, events: &mut Vec<Event>) {
        let Some(word) = details["finish_reason"].as_str() else { return };
        self.finished = true;
        let output = details["generated_tokens"].as_u64();
        let input = details["prefill"].as_array().map(|prompt| prompt.len() as u64).filter(|count| *count > 0);
        if output.is_some() {
            let usage = Usage { input, output, is_request: true, raw: details.clone(), ..Usage::default() };
            events.push(Event::Usage(Box::new(usage)));
        }
        events.push(Event::Finished(finish::finish(word, None, false)));
    }
}

fn said(text: &Value, events: &mut Vec<Event>) {
    events.extend(text.as_str().filter(|text| !text.is_empty()).map(|text| Event::Text(text.to_owned())));
}

#[cfg(test)]
mod tests;
