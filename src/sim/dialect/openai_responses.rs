//! OpenAI Responses, as the fleet speaks it: numbered events, items that open and close, no `[DONE]`.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::openai_chat::{CREATED, OpenAiChat};
use super::reading::{ask_of, choice_of, count_of, text_of, tools_of};
use super::{Ask, Call, Dialect, End, Event, Framing, Spoken, Stream, Thinking, Trouble};

/// OpenAI.
pub(super) struct OpenAiResponses;

impl Dialect for OpenAiResponses {
    fn read(&self, _: &str, body: &Value) -> Ask {
        let reasoning = &body["reasoning"];
        let effort = reasoning["effort"].as_str().is_some_and(|effort| effort != "none");
        let summary = reasoning["summary"].as_str().is_some_and(|summary| summary != "none");
        let format = &body["text"]["format"];
        let ask = ask_of(&body["instructions"], &body["input"]);
        Ask {
            model: text_of(&body["model"]),
            stream: body["stream"] == true,
            framing: Framing::Events,
            include_usage: true,
            max_tokens: count_of(&body["max_output_tokens"]),
            thinking: Thinking::of(effort || summary, summary),
            json: format["type"].as_str().is_some_and(|kind| kind.starts_with("json")),
            schema: format.get("schema").cloned().or(ask.schema),
            tools: tools_of(&body["tools"]),
            choice: choice_of(&body["tool_choice"]),
            ..ask
        }
    }

    fn stream(&self, ask: &Ask, spoken: &Spoken) -> Stream {
        let started = |name| event(name, json!({"response": response(ask, spoken, "in_progress", &json!([]))}));
        let mut before = vec![started("response.created"), started("response.in_progress")];
        let items = Item::all(spoken);
        let mut tokens: Vec<Vec<Event>> = Vec::new();
        let mut after = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let opening = item.opening(index);
            match tokens.last_mut() {
                Some(last) => last.extend(opening),
                None => before.extend(opening),
            }
            tokens.extend(item.pieces(index));
            if index + 1 == items.len() {
                after.extend(item.closing(index));
            } else if let Some(last) = tokens.last_mut() {
                last.extend(item.closing(index));
            }
        }
        let status = status(&spoken.end);
        let name = if status == "completed" { "response.completed" } else { "response.incomplete" };
        after.push(event(name, json!({"response": self.whole(ask, spoken)})));
        let mut stream = Stream { before, tokens, after };
        number(&mut stream);
        stream
    }

    fn whole(&self, ask: &Ask, spoken: &Spoken) -> Value {
        let output = Item::all(spoken).iter().map(Item::done).collect();
        let mut body = response(ask, spoken, status(&spoken.end), &output);
        body["usage"] = usage(ask, spoken);
        body["completed_at"] = (CREATED + 1).into();
        match spoken.end {
            End::Length => body["incomplete_details"] = json!({"reason": "max_output_tokens"}),
            End::Filter => body["incomplete_details"] = json!({"reason": "content_filter"}),
            _ => {}
        }
        body
    }

    fn trouble(&self, trouble: Trouble, ask: &Ask) -> (u16, Value) {
        let (status, code, param, message) = match trouble {
            // Recorded: 400, where Chat Completions has 404.
            Trouble::NotFound => {
                (400, "model_not_found", "model", format!("The requested model '{}' does not exist.", ask.model))
            }
            Trouble::Context => (400, "context_length_exceeded", "input", CONTEXT.to_owned()),
            _ => return OpenAiChat { azure: false }.trouble(trouble, ask),
        };
        let error = json!({"message": message, "type": "invalid_request_error", "param": param, "code": code});
        (status, json!({"error": error}))
    }

    /// The response itself ends as failed.
    fn broken_stream(&self, ask: &Ask) -> Vec<Event> {
        let error = json!({"code": "server_error", "message": FAILED});
        let spoken = Spoken {
            number: 0,
            thinking: Vec::new(),
            shows_thinking: false,
            text: Vec::new(),
            calls: Vec::new(),
            end: End::Stop,
        };
        let mut response = response(ask, &spoken, "failed", &json!([]));
        response["error"] = error;
        vec![event("response.failed", json!({"response": response, "sequence_number": 99}))]
    }

    fn broken_whole(&self, ask: &Ask) -> (u16, Value) {
        let failed = self.broken_stream(ask).into_iter().next().unwrap_or_default();
        let event: Value = serde_json::from_str(&failed.data).unwrap_or_default();
        (200, event["response"].clone())
    }

    fn headers(&self, request_id: &str, earlier: u64, now: SystemTime) -> Vec<(&'static str, String)> {
        OpenAiChat { azure: false }.headers(request_id, earlier, now)
    }
}

const CONTEXT: &str = "Your input exceeds the context window of this model. Please adjust your input and try again.";
const FAILED: &str = "An error occurred while processing your request. You can retry your request, or contact us through our help center at help.openai.com if the error persists.";
const SEAL: &str = "gAAAAABzaW11bGF0ZWQ=";

/// One item of the output.
enum Item<'a> {
    /// Thinking; its pieces are sent when it is shown.
    Thinking(u64, &'a [String], bool),
    Text(u64, &'a [String]),
    Call(u64, &'a Call),
}

impl<'a> Item<'a> {
    fn all(spoken: &'a Spoken) -> Vec<Self> {
        let number = spoken.number;
        let thinking = Some(Self::Thinking(number, &spoken.thinking, spoken.shows_thinking));
        // An answer with nothing in it has its empty message.
        let speaks = !spoken.text.is_empty() || (spoken.calls.is_empty() && spoken.thinking.is_empty());
        let calls = spoken.calls.iter().map(|call| Self::Call(call.number, call));
        let thinking = thinking.filter(|_| !spoken.thinking.is_empty());
        thinking.into_iter().chain(speaks.then_some(Self::Text(number, &spoken.text))).chain(calls).collect()
    }

    fn id(&self) -> String {
        match self {
            Self::Thinking(number, ..) => format!("rs_sim{number:016x}"),
            Self::Text(number, _) => format!("msg_sim{number:016x}"),
            Self::Call(number, _) => format!("fc_sim{number:016x}"),
        }
    }

    /// The item with what it holds so far.
    fn item(&self, status: &str, full: bool) -> Value {
        let id = self.id();
        match self {
            Self::Thinking(_, pieces, shown) => {
                let part = json!({"type": "summary_text", "text": pieces.concat()});
                let summary = if full && *shown { json!([part]) } else { json!([]) };
                json!({"id": id, "type": "reasoning", "content": [], "encrypted_content": SEAL, "summary": summary})
            }
            Self::Text(_, pieces) => {
                let content = if full { json!([text_part(&pieces.concat())]) } else { json!([]) };
                json!({"id": id, "type": "message", "status": status, "content": content, "role": "assistant"})
            }
            Self::Call(_, call) => {
                let arguments = if full { call.pieces.concat() } else { String::new() };
                json!({"id": id, "type": "function_call", "status": status, "arguments": arguments,
                       "call_id": call.id("call_"), "name": call.name})
            }
        }
    }

    fn done(&self) -> Value {
        self.item("completed", true)
    }

    fn opening(&self, index: usize) -> Vec<Event> {
        let item = self.item("in_progress", false);
        let mut events = vec![event("response.output_item.added", json!({"item": item, "output_index": index}))];
        match self {
            Self::Thinking(_, _, true) => events.push(event(
                "response.reasoning_summary_part.added",
                self.place(index, json!({"part": {"type": "summary_text", "text": ""}})),
            )),
            Self::Text(..) => {
                events.push(event("response.content_part.added", self.place(index, json!({"part": text_part("")}))));
            }
            _ => {}
        }
        events
    }

    fn pieces(&self, index: usize) -> Vec<Vec<Event>> {
        let (name, pieces) = match self {
            Self::Thinking(_, pieces, false) => return pieces.iter().map(|_| Vec::new()).collect(),
            Self::Thinking(_, pieces, true) => ("response.reasoning_summary_text.delta", *pieces),
            Self::Text(_, pieces) => ("response.output_text.delta", *pieces),
            Self::Call(_, call) => ("response.function_call_arguments.delta", call.pieces.as_slice()),
        };
        pieces.iter().map(|piece| vec![event(name, self.place(index, json!({"delta": piece})))]).collect()
    }

    fn closing(&self, index: usize) -> Vec<Event> {
        let mut events = match self {
            Self::Thinking(_, _, false) => Vec::new(),
            Self::Thinking(_, pieces, true) => {
                let text = pieces.concat();
                let part = json!({"part": {"type": "summary_text", "text": text}});
                vec![
                    event("response.reasoning_summary_text.done", self.place(index, json!({"text": text}))),
                    event("response.reasoning_summary_part.done", self.place(index, part)),
                ]
            }
            Self::Text(_, pieces) => {
                let text = pieces.concat();
                vec![
                    event("response.output_text.done", self.place(index, json!({"text": text, "logprobs": []}))),
                    event("response.content_part.done", self.place(index, json!({"part": text_part(&text)}))),
                ]
            }
            Self::Call(_, call) => {
                let arguments = json!({"arguments": call.pieces.concat()});
                vec![event("response.function_call_arguments.done", self.place(index, arguments))]
            }
        };
        events.push(event("response.output_item.done", json!({"item": self.done(), "output_index": index})));
        events
    }

    /// Adds where an event belongs.
    fn place(&self, index: usize, mut members: Value) -> Value {
        members["item_id"] = self.id().into();
        members["output_index"] = index.into();
        match self {
            Self::Thinking(..) => members["summary_index"] = 0.into(),
            Self::Text(..) => members["content_index"] = 0.into(),
            Self::Call(..) => {}
        }
        members
    }
}

fn text_part(text: &str) -> Value {
    json!({"type": "output_text", "annotations": [], "logprobs": [], "text": text})
}

/// An event whose data repeats its name as `type`.
fn event(name: &'static str, mut members: Value) -> Event {
    let mut data = json!({"type": name});
    if let (Some(data), Some(members)) = (data.as_object_mut(), members.as_object_mut()) {
        data.append(members);
    }
    Event::named(name, data)
}

/// Numbers the events in the order they are sent.
fn number(stream: &mut Stream) {
    let Stream { before, tokens, after } = stream;
    for (number, event) in before.iter_mut().chain(tokens.iter_mut().flatten()).chain(after).enumerate() {
        // Every event is an object; the number is its last member.
        event.data.pop();
        event.data.extend([",\"sequence_number\":", &number.to_string(), "}"]);
    }
}

fn response(ask: &Ask, spoken: &Spoken, status: &str, output: &Value) -> Value {
    json!({
        "id": format!("resp_sim{:016x}", spoken.number),
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "background": false,
        "completed_at": null,
        "error": null,
        "incomplete_details": null,
        "instructions": null,
        "max_output_tokens": ask.max_tokens,
        "model": ask.model,
        "output": output,
        "parallel_tool_calls": true,
        "previous_response_id": null,
        "service_tier": "default",
        "store": false,
        "truncation": "disabled",
        "usage": null,
        "metadata": {},
    })
}

const fn status(end: &End) -> &'static str {
    match end {
        End::Length | End::Filter => "incomplete",
        End::Stop | End::Calls | End::StopSequence(_) => "completed",
    }
}

fn usage(ask: &Ask, spoken: &Spoken) -> Value {
    json!({
        "input_tokens": ask.input,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": spoken.output(),
        "output_tokens_details": {"reasoning_tokens": spoken.thinking.len()},
        "total_tokens": ask.input + spoken.output() as u64,
    })
}
