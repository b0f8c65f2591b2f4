//! Bedrock Converse, as the fleet speaks it: usage comes after the end of the message, events hide their length.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::reading::{ask_of, choice_of, count_of, model_in, texts_of, tools_of};
use super::{Ask, Call, Dialect, End, Event, Framing, Spoken, Stream, Thinking, Trouble, aws};
use crate::sim::framing::padded;

/// Amazon Bedrock.
pub(super) struct Bedrock;

impl Dialect for Bedrock {
    fn read(&self, path: &str, body: &Value) -> Ask {
        let config = &body["inferenceConfig"];
        let more = &body["additionalModelRequestFields"];
        let thinks = ["thinking", "reasoning_config", "reasoningConfig"]
            .iter()
            .any(|name| more[name]["type"].as_str().is_some_and(|kind| kind != "disabled"));
        let schema = body.pointer("/outputConfig/textFormat/structure/jsonSchema/schema");
        // AWS wants the schema as a text.
        let schema = schema.and_then(|text| serde_json::from_str(text.as_str()?).ok()).or(schema.cloned());
        let ask = ask_of(&body["system"], &body["messages"]);
        Ask {
            model: model_in(path, "/model/", &['/']),
            stream: path.ends_with("/converse-stream"),
            framing: Framing::Frames,
            include_usage: true,
            max_tokens: count_of(&config["maxTokens"]),
            stop: texts_of(&config["stopSequences"]),
            thinking: Thinking::of(thinks, true),
            json: schema.is_some(),
            schema: schema.or(ask.schema),
            tools: tools_of(&body["toolConfig"]["tools"]),
            choice: choice_of(&body["toolConfig"]["toolChoice"]),
            ..ask
        }
    }

    fn stream(&self, ask: &Ask, spoken: &Spoken) -> Stream {
        let mut tokens: Vec<Vec<Event>> = Vec::new();
        let mut index = 0;
        if spoken.thinks_aloud() {
            let seal = delta(index, &json!({"reasoningContent": {"signature": SIGNATURE}}));
            let pieces = spoken.thinking.iter().map(|piece| json!({"reasoningContent": {"text": piece}}));
            tokens.extend(block(&mut index, None, pieces, Some(seal)));
        } else {
            tokens.extend(spoken.thinking.iter().map(|_| Vec::new()));
        }
        if !spoken.text.is_empty() {
            tokens.extend(block(&mut index, None, spoken.text.iter().map(|piece| json!({"text": piece})), None));
        }
        for call in &spoken.calls {
            let start = json!({"toolUse": {"name": call.name, "toolUseId": call.id("tooluse_")}});
            let pieces = call.pieces.iter().map(|piece| json!({"toolUse": {"input": piece}}));
            tokens.extend(block(&mut index, Some(&start), pieces, None));
        }
        let mut after: Vec<Event> =
            tokens.last_mut().filter(|events| events.len() > 1).and_then(Vec::pop).into_iter().collect();
        after.push(event("messageStop", json!({"stopReason": stop(&spoken.end)})));
        after.push(event("metadata", json!({"metrics": {"latencyMs": 700}, "usage": usage(ask, spoken)})));
        Stream { before: vec![event("messageStart", json!({"role": "assistant"}))], tokens, after }
    }

    fn whole(&self, ask: &Ask, spoken: &Spoken) -> Value {
        let mut content = Vec::new();
        if let Some(thinking) = spoken.shown_thinking() {
            content.push(json!({"reasoningContent": {"reasoningText": {"signature": SIGNATURE, "text": thinking}}}));
        }
        if !spoken.text.is_empty() {
            content.push(json!({"text": spoken.text.concat()}));
        }
        let call = |call: &Call| json!({"toolUse": {"input": call.arguments, "name": call.name, "toolUseId": call.id("tooluse_")}});
        content.extend(spoken.calls.iter().map(call));
        json!({
            "metrics": {"latencyMs": 700},
            "output": {"message": {"content": content, "role": "assistant"}},
            "stopReason": stop(&spoken.end),
            "usage": usage(ask, spoken),
        })
    }

    fn trouble(&self, trouble: Trouble, ask: &Ask) -> (u16, Value) {
        aws::trouble(trouble, ask)
    }

    fn trouble_headers(&self, trouble: Trouble) -> Vec<(&'static str, String)> {
        aws::trouble_headers(trouble)
    }

    fn broken_stream(&self, _: &Ask) -> Vec<Event> {
        vec![aws::exception()]
    }

    fn broken_whole(&self, ask: &Ask) -> (u16, Value) {
        aws::trouble(Trouble::ServerError, ask)
    }

    fn headers(&self, request_id: &str, _: u64, _: SystemTime) -> Vec<(&'static str, String)> {
        aws::headers(request_id)
    }
}

const SIGNATURE: &str = "c2ltdWxhdGVkIHNpZ25hdHVyZQ==";

/// A content block: only tools open theirs, all are closed. Moves `index` on.
fn block(
    index: &mut usize,
    start: Option<&Value>,
    pieces: impl Iterator<Item = Value>,
    seal: Option<Event>,
) -> Vec<Vec<Event>> {
    let at = std::mem::replace(index, *index + 1);
    let mut tokens: Vec<Vec<Event>> = pieces.map(|piece| vec![delta(at, &piece)]).collect();
    if let (Some(first), Some(start)) = (tokens.first_mut(), start) {
        first.insert(0, event("contentBlockStart", json!({"contentBlockIndex": at, "start": start})));
    }
    if let Some(last) = tokens.last_mut() {
        last.extend(seal);
        last.push(event("contentBlockStop", json!({"contentBlockIndex": at})));
    }
    tokens
}

fn event(name: &'static str, data: Value) -> Event {
    Event::named(name, padded(data))
}

fn delta(index: usize, delta: &Value) -> Event {
    event("contentBlockDelta", json!({"contentBlockIndex": index, "delta": delta}))
}

fn usage(ask: &Ask, spoken: &Spoken) -> Value {
    let (input, output) = (ask.input, spoken.output() as u64);
    json!({"inputTokens": input, "outputTokens": output, "serverToolUsage": {}, "totalTokens": input + output})
}

const fn stop(end: &End) -> &'static str {
    match end {
        End::Stop => "end_turn",
        End::Calls => "tool_use",
        End::StopSequence(_) => "stop_sequence",
        End::Length => "max_tokens",
        End::Filter => "content_filtered",
    }
}
