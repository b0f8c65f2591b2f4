//! Replicate predictions (`replicate`). A prediction is created, then its output is read where the provider says: as
//! server-sent events (`urls.stream`), or by asking for the prediction again (`urls.get`) until it has ended. It goes on
//! when nobody reads it, so one that is no longer wanted is cancelled (`urls.cancel`). See
//! <https://replicate.com/docs/reference/http> and <https://replicate.com/docs/topics/predictions/streaming>.
//!
//! Models take a prompt and no turns: see [`super::transcript`].

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::framing::{End, Framed, Reader, StreamOf, cut_off, malformed, trouble, unknown_shape};
use super::lenient::filled_text;
use super::transcript::transcript;
use super::{
    Codec, Decoder, Features, Follow, HeaderValue, HttpRequest, ResponseHead, classify, finish, merge_into,
    path_segments, post, provider_headers, set_header,
};
use crate::chat::{ChatRequest, Event, Usage};
use crate::failure::Failure;
use crate::provider::Target;

/// The first wait before a prediction is asked for again; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest such wait.
const LONGEST_WAIT: Duration = Duration::from_secs(4);

/// Members that stand beside a model's inputs.
const BESIDE_INPUT: &[&str] = &["input", "stream", "version", "webhook", "webhook_events_filter"];

/// The codec.
pub struct Replicate;

impl Codec for Replicate {
    fn name(&self) -> &'static str {
        "replicate"
    }

    fn features(&self) -> Features {
        Features { streaming: true, tools: false, schema: false, media: &[], addresses: &[], usage: true }
    }

    fn encode(&self, target: &Target, request: &ChatRequest) -> HttpRequest {
        let (path, version) = place(&target.id.model);
        let mut body = json!({"input": input(target, request)});
        if let Some(version) = version {
            body["version"] = json!(version);
        }
        if request.stream {
            body["stream"] = json!(true);
        }
        merge_into(&mut body, "input", &request.options.extra, BESIDE_INPUT);
        // The answer to this request is always one body; only what follows is a stream.
        post(target, &path, false, body)
    }

    fn decoder(&self, target: &Target, head: &ResponseHead) -> Box<dyn Decoder + Send> {
        let headers = provider_headers(&target.provider);
        Box::new(Framed::new(head, PredictionReader { headers, ..PredictionReader::default() }))
    }

    fn failure(&self, _target: &Target, head: &ResponseHead, body: &[u8]) -> Failure {
        classify::http_failure(head, body)
    }
}

/// Where a model's predictions are created, and its version if it names one: `owner/name`, `owner/name:version`, a version
/// alone, or `deployments/owner/name`.
fn place(model: &str) -> (String, Option<&str>) {
    match model.split_once(':') {
        Some((_, version)) => ("/v1/predictions".to_owned(), Some(version)),
        None if !model.contains('/') => ("/v1/predictions".to_owned(), Some(model)),
        None if model.starts_with("deployments/") => (format!("/v1/{}/predictions", path_segments(model)), None),
        None => (format!("/v1/models/{}/predictions", path_segments(model)), None),
    }
}

fn input(target: &Target, request: &ChatRequest) -> Map<String, Value> {
    let options = &request.options;
    let limit = target.provider.quirks.max_tokens_field.as_deref().unwrap_or("max_tokens");
    // The models that take stop texts take them as one text.
    let stop = (!options.stop.is_empty()).then(|| json!(options.stop.join(",")));
    let all = [
        ("prompt", Some(json!(transcript(&request.messages)))),
        ("system_prompt", request.system.as_ref().map(|system| json!(system))),
        (limit, options.max_tokens.map(|limit| json!(limit))),
        ("temperature", options.temperature.map(|temperature| json!(temperature))),
        ("top_p", options.top_p.map(|share| json!(share))),
        ("stop_sequences", stop),
        ("seed", options.seed.map(|seed| json!(seed))),
        ("reasoning_effort", options.reasoning_effort.as_ref().map(|effort| json!(effort))),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// How far a prediction has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// It was asked for, and has not ended.
    #[default]
    Waiting,
    /// Its events are being read.
    Streaming,
    /// It is asked for again until it has ended; events it has none, or they broke.
    Polling,
    /// Its events have ended, and its counts have not been asked for.
    Streamed,
    /// It is asked for once more, for its counts alone.
    Counting,
    /// It has ended, well or not.
    Ended,
}

/// Reads predictions and their events.
#[derive(Default)]
struct PredictionReader {
    /// What the user sends with every request to this provider.
    headers: Vec<(String, HeaderValue)>,
    phase: Phase,
    status: String,
    get: Option<String>,
    stream: Option<String>,
    cancel: Option<String>,
    /// How often the prediction was asked for again.
    asked: u32,
    /// The output that was told.
    told: String,
}

impl Reader for PredictionReader {
    const STREAM: StreamOf = StreamOf::Text;

    fn event(&mut self, name: &str, data: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        match name {
            "output" if !data.is_empty() => self.tell(data, events),
            "done" => {
                let done: Value = serde_json::from_str(data).unwrap_or_default();
                let word = match done["reason"].as_str() {
                    None | Some("") => "succeeded",
                    Some(reason) => reason,
                };
                self.phase = if word == "succeeded" { Phase::Streamed } else { Phase::Ended };
                events.push(Event::Finished(finish::finish(word, None, false)));
            }
            "error" => {
                self.phase = Phase::Ended;
                let error = serde_json::from_str(data).unwrap_or_else(|_| json!(data));
                return Err(trouble(data, &json!({"error": error})));
            }
            _ => {}
        }
        Ok(())
    }

    fn whole(&mut self, body: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        let prediction: Value = serde_json::from_str(body).map_err(|error| malformed(&error, body, true))?;
        let Some(status) = prediction["status"].as_str() else {
            let says = ["detail", "error", "title"].iter().any(|name| prediction.get(name).is_some());
            return Err(if says { trouble(body, &prediction) } else { unknown_shape(body) });
        };
        self.learn(&prediction, status, events);
        events.extend(usage(&prediction["metrics"]).map(|usage| Event::Usage(Box::new(usage))));
        if self.phase == Phase::Counting {
            self.phase = Phase::Ended;
            return Ok(());
        }
        let runs = matches!(status, "starting" | "processing");
        // A stream tells the output from its beginning.
        let streams = runs && self.phase == Phase::Waiting && self.stream.is_some();
        if !streams && !self.output(&prediction["output"], events) && status == "succeeded" {
            self.phase = Phase::Ended;
            return Err(cut_off());
        }
        if status != self.status {
            status.clone_into(&mut self.status);
            events.push(Event::Finished(finish::finish(status, None, false)));
        }
        if !runs {
            self.phase = Phase::Ended;
        }
        match &prediction["error"] {
            Value::Null => Ok(()),
            error => Err(trouble(body, &json!({"error": error}))),
        }
    }

    fn end(&self) -> End {
        match self.phase {
            Phase::Waiting | Phase::Streaming | Phase::Polling => End::Open,
            Phase::Counting => End::Finished,
            Phase::Streamed | Phase::Ended => End::Done,
        }
    }

    fn follow(&mut self) -> Option<Follow> {
        match (self.phase, self.stream.clone()) {
            (Phase::Waiting, Some(stream)) => {
                self.phase = Phase::Streaming;
                Some(Follow {
                    request: self.request("GET", stream, "text/event-stream"),
                    after: Duration::ZERO,
                    optional: false,
                    place: "urls.stream",
                })
            }
            (Phase::Waiting | Phase::Polling, _) => {
                self.phase = Phase::Polling;
                self.ask(self.wait(), false)
            }
            (Phase::Streamed, _) => {
                self.phase = Phase::Counting;
                self.ask(Duration::ZERO, true)
            }
            (Phase::Streaming | Phase::Counting | Phase::Ended, _) => None,
        }
    }

    fn recover(&mut self) -> bool {
        let broke = self.phase == Phase::Streaming && self.get.is_some();
        if broke {
            self.phase = Phase::Polling;
        }
        broke
    }

    fn cancel(&self) -> Option<HttpRequest> {
        let running = matches!(self.phase, Phase::Waiting | Phase::Streaming | Phase::Polling);
        let address = self.cancel.clone().filter(|_| running)?;
        Some(self.request("POST", address, "application/json"))
    }
}

impl PredictionReader {
    /// The id and the model, told at first, and where the prediction is found.
    fn learn(&mut self, prediction: &Value, status: &str, events: &mut Vec<Event>) {
        if self.status.is_empty() && !status.is_empty() {
            events
                .push(Event::Started { id: filled_text(&prediction["id"]), model: filled_text(&prediction["model"]) });
        }
        let urls = &prediction["urls"];
        self.get = self.get.take().or_else(|| filled_text(&urls["get"]));
        self.stream = self.stream.take().or_else(|| filled_text(&urls["stream"]));
        self.cancel = self.cancel.take().or_else(|| filled_text(&urls["cancel"]));
    }

    fn tell(&mut self, text: &str, events: &mut Vec<Event>) {
        self.told.push_str(text);
        events.push(Event::Text(text.to_owned()));
    }

    /// Tells what the output has grown by; whether it begins with what was told.
    fn output(&mut self, output: &Value, events: &mut Vec<Event>) -> bool {
        let text = match output {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Array(pieces) => {
                pieces.iter().map(|piece| piece.as_str().map_or_else(|| piece.to_string(), str::to_owned)).collect()
            }
            other => other.to_string(),
        };
        let more = text.strip_prefix(self.told.as_str());
        more.filter(|more| !more.is_empty()).into_iter().for_each(|more| self.tell(more, events));
        more.is_some()
    }

    fn ask(&mut self, after: Duration, optional: bool) -> Option<Follow> {
        self.asked += 1;
        let request = self.request("GET", self.get.clone()?, "application/json");
        Some(Follow { request, after, optional, place: "urls.get" })
    }

    fn wait(&self) -> Duration {
        FIRST_WAIT.saturating_mul(1 << self.asked.min(8)).min(LONGEST_WAIT)
    }

    fn request(&self, method: &'static str, url: String, accept: &str) -> HttpRequest {
        let mut headers = self.headers.clone();
        set_header(&mut headers, "accept", HeaderValue::Plain(accept.to_owned()));
        HttpRequest { method, url, headers, body: Value::Null }
    }
}

/// The counts that language models report; others report only times.
pub(super) fn usage(metrics: &Value) -> Option<Usage> {
    let counts = Usage {
        input: metrics["input_token_count"].as_u64(),
        output: metrics["output_token_count"].as_u64(),
        ..Usage::default()
    };
    (counts != Usage::default()).then(|| Usage { is_request: true, raw: metrics.clone(), ..counts })
}

#[cfg(test)]
mod tests;
