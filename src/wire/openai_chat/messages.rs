//! The messages of a Chat Completions request: turns, attachments, tool calls and their results, thinking given back.

use serde_json::{Map, Value, json};

use crate::chat::{ChatRequest, Media, MediaKind, MediaSource, Message, Part, Role, Thought};
use crate::provider::{DocumentPlace, Quirks, ThoughtPlace};
use crate::wire::function;

pub(super) fn messages(quirks: &Quirks, request: &ChatRequest) -> Value {
    let mut writer = Writer { quirks, ids: CallIds::new(quirks.call_id_length), messages: Vec::new() };
    if let Some(system) = &request.system {
        writer.messages.push(json!({"role": "system", "content": system}));
    }
    for message in &request.messages {
        match message.role {
            Role::User => writer.user(&message.parts),
            Role::Assistant => writer.assistant(message),
        }
    }
    if let (Some(member), Some(last)) = (&quirks.prefill_field, writer.messages.last_mut())
        && last["role"] == "assistant"
    {
        last[member] = json!(true);
    }
    Value::Array(writer.messages)
}

struct Writer<'a> {
    quirks: &'a Quirks,
    ids: CallIds,
    messages: Vec<Value>,
}

impl Writer<'_> {
    /// A turn of the user: every tool's result is a message of its own, what stands between them is one.
    fn user(&mut self, parts: &[Part]) {
        let mut said = Vec::new();
        for part in parts {
            if let Part::ToolResult(result) = part {
                self.say(&said);
                said.clear();
                let id = self.ids.of_result(result.call.as_deref());
                self.messages.push(json!({"role": "tool", "tool_call_id": id, "content": result.content}));
            } else {
                said.push(part);
            }
        }
        self.say(&said);
    }

    fn say(&mut self, parts: &[&Part]) {
        if !parts.is_empty() {
            self.messages.push(json!({"role": "user", "content": content(self.quirks, parts)}));
        }
    }

    fn assistant(&mut self, message: &Message) {
        let mut members = Map::new();
        members.insert("role".to_owned(), json!("assistant"));
        let calls: Vec<Value> = message.parts.iter().filter_map(|part| self.call(part)).collect();
        let text = message.joined_text();
        // OpenAI's own replies have a null beside calls; some servers refuse an empty text there, some a missing member.
        let content = if text.is_empty() && !calls.is_empty() { Value::Null } else { json!(text) };
        members.insert("content".to_owned(), content);
        let thoughts: Vec<&Thought> = message.parts.iter().filter_map(thought).collect();
        if !thoughts.is_empty() {
            give_back(self.quirks.thoughts, &thoughts, &mut members);
        }
        if !calls.is_empty() {
            members.insert("tool_calls".to_owned(), Value::Array(calls));
        }
        self.messages.push(Value::Object(members));
    }

    fn call(&mut self, part: &Part) -> Option<Value> {
        let Part::ToolCall(call) = part else { return None };
        let mut called = function::called(call);
        called["id"] = json!(self.ids.of_call(call.id.as_deref()));
        Some(called)
    }
}

/// A single text goes as it is, which every server understands; everything else as a list of parts.
fn content(quirks: &Quirks, parts: &[&Part]) -> Value {
    if let [Part::Text(text)] = parts {
        return json!(text);
    }
    let part = |part: &&Part| match part {
        Part::Text(text) => Some(json!({"type": "text", "text": text})),
        Part::Media(media) => Some(attachment(quirks.documents, media)),
        Part::Thought(_) | Part::ToolCall(_) | Part::ToolResult(_) => None,
    };
    parts.iter().filter_map(part).collect()
}

fn thought(part: &Part) -> Option<&Thought> {
    match part {
        Part::Thought(thought) => Some(thought),
        _ => None,
    }
}

fn give_back(place: ThoughtPlace, thoughts: &[&Thought], message: &mut Map<String, Value>) {
    let text: String = thoughts.iter().map(|thought| thought.text.as_str()).collect();
    let (name, value) = match place {
        ThoughtPlace::Nowhere => return,
        ThoughtPlace::ReasoningContent => ("reasoning_content", json!(text)),
        ThoughtPlace::Reasoning => ("reasoning", json!(text)),
        ThoughtPlace::ReasoningDetails => {
            ("reasoning_details", thoughts.iter().map(|thought| detail(thought)).collect())
        }
        ThoughtPlace::Content => {
            let thinking = json!({"type": "thinking", "thinking": [{"type": "text", "text": text}]});
            let said = message.get("content").and_then(Value::as_str).filter(|said| !said.is_empty());
            let said = said.map(|said| json!({"type": "text", "text": said}));
            ("content", std::iter::once(thinking).chain(said).collect())
        }
    };
    message.insert(name.to_owned(), value);
}

/// One of the `reasoning_details`. A seal is the JSON of the whole detail, since each sort of seal has members of its own.
fn detail(thought: &Thought) -> Value {
    let sealed = thought.seal.as_deref().and_then(|seal| serde_json::from_str(seal).ok()).filter(Value::is_object);
    sealed.unwrap_or_else(|| json!({"type": "reasoning.text", "text": thought.text}))
}

fn attachment(documents: DocumentPlace, media: &Media) -> Value {
    let address = media.address();
    match media.kind() {
        MediaKind::Image => json!({"type": "image_url", "image_url": {"url": address}}),
        MediaKind::Video => json!({"type": "video_url", "video_url": {"url": address}}),
        MediaKind::Audio => match &media.source {
            MediaSource::Base64(data) => {
                json!({"type": "input_audio", "input_audio": {"data": data, "format": audio_format(media)}})
            }
            MediaSource::Url(url) => json!({"type": "audio_url", "audio_url": {"url": url}}),
        },
        MediaKind::Document => document(documents, media, &address),
    }
}

fn document(place: DocumentPlace, media: &Media, address: &str) -> Value {
    match place {
        DocumentPlace::File => json!({"type": "file", "file": {"filename": file_name(media), "file_data": address}}),
        DocumentPlace::DocumentUrl => {
            let mut part = json!({"type": "document_url", "document_url": address});
            if let Some(name) = &media.name {
                part["document_name"] = json!(name);
            }
            part
        }
        DocumentPlace::FileUrl => {
            let url = match &media.source {
                MediaSource::Base64(data) => data,
                MediaSource::Url(url) => url,
            };
            json!({"type": "file_url", "file_url": {"url": url}, "file_name": file_name(media)})
        }
    }
}

/// The name of a document. One is demanded, and it tells the server what the bytes are.
pub(in crate::wire) fn file_name(media: &Media) -> String {
    let kind = media.media_type.rsplit(['/', '+', '.']).next().unwrap_or_default();
    media.name.clone().unwrap_or_else(|| format!("document.{}", if kind == "plain" { "txt" } else { kind }))
}

/// `wav` and `mp3` are what `OpenAI` takes; others go by the second half of their media type.
fn audio_format(media: &Media) -> &str {
    match media.media_type.split(['/', ';']).nth(1).unwrap_or_default() {
        "mpeg" | "mpeg3" | "x-mpeg-3" => "mp3",
        "x-wav" | "wave" | "vnd.wave" => "wav",
        "x-m4a" | "mp4" => "m4a",
        kind => kind,
    }
}

/// The ids that calls and their results are matched by.
///
/// A conversation that began at a provider without ids is numbered, in the order that calls and results both have.
pub(in crate::wire) struct CallIds {
    length: Option<usize>,
    calls: usize,
    results: usize,
}

impl CallIds {
    /// `length` is the only one that the server takes, if it is particular.
    pub(in crate::wire) fn new(length: Option<usize>) -> Self {
        Self { length, calls: 0, results: 0 }
    }

    pub(in crate::wire) fn of_call(&mut self, id: Option<&str>) -> String {
        fitting(self.length, id, &mut self.calls)
    }

    pub(in crate::wire) fn of_result(&mut self, id: Option<&str>) -> String {
        fitting(self.length, id, &mut self.results)
    }
}

fn fitting(length: Option<usize>, id: Option<&str>, unnamed: &mut usize) -> String {
    let mut number = || {
        *unnamed += 1;
        format!("call_{unnamed}")
    };
    let id = id.filter(|id| !id.is_empty()).map_or_else(&mut number, str::to_owned);
    match length {
        Some(length) if id.len() != length || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            digest(&id, length)
        }
        _ => id,
    }
}

/// Letters and digits that are the same for the same id, and almost surely others for another (FNV-1a).
fn digest(id: &str, length: usize) -> String {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let mut hash = id.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    let letter = |_| {
        hash = step(hash, 0);
        // The high bits: the low ones of this hash are poor.
        let high = usize::try_from(hash >> 40).unwrap_or_default();
        char::from(LETTERS[high % LETTERS.len()])
    };
    (0..length).map(letter).collect()
}
