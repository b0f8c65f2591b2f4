//! What is changed in a request for one target, and why: [`changes`] says it before anything is sent, [`repair`] after a
//! provider has rejected a parameter, and [`apply`] does it. Pure, so that what `route --explain` prints is what is sent.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::{Demand, effort, parameter};
use crate::chat::{AnswerForm, ChatRequest, Message, Part, Role};
use crate::failure::{Failure, FailureClass};
use crate::provider::{EffortPlace, Target, TargetId};
use crate::wire::Features;

/// What a model is told that goes on with an answer.
pub const GO_ON: &str = "Your answer broke off in the middle. Continue it exactly where it stopped, in the middle of a word if need \
                     be. Repeat nothing of it, begin with no introduction, and say nothing about having been interrupted.";

/// A change of the request for one target, with its reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// What is changed.
    #[serde(flatten)]
    pub edit: Edit,
    /// Why.
    #[serde(flatten)]
    pub because: Because,
}

/// What is changed. Parameters have llmx's names (`max_tokens`), or their own where they came by `-o`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Edit {
    /// A parameter is not sent.
    LeaveOut {
        /// Which.
        parameter: String,
        /// What it was to be.
        value: Value,
    },
    /// A parameter is sent under another name.
    Rename {
        /// Which.
        parameter: String,
        /// The member of the body.
        to: String,
    },
    /// The longest answer is shorter than was asked for.
    Lower {
        /// Tokens that were asked for.
        from: u64,
        /// Tokens that are sent.
        to: u64,
    },
    /// The model thinks as hard as is nearest to what was asked for.
    Effort {
        /// What was asked for.
        from: String,
        /// What is sent.
        to: String,
    },
    /// The system prompt stands at the head of the first turn.
    SystemInPrompt,
    /// The answer comes whole.
    Unstreamed,
    /// The schema is told to the model in words.
    SchemaInWords,
    /// The model is asked once more, with its answer and what is wrong with it.
    Correct {
        /// The answer that does not fit.
        #[serde(skip)]
        answer: String,
        /// What to tell the model.
        #[serde(skip)]
        complaint: String,
    },
    /// The model goes on where an earlier answer broke off.
    Continue {
        /// What was shown of it.
        #[serde(skip)]
        text: String,
        /// How it is told.
        way: Way,
    },
}

/// How a model is told to go on with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The answer so far is the last turn, and the model's own.
    Prefill,
    /// A further turn asks for it.
    Words,
}

/// Why a request is changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Because {
    /// The catalogue knows that the model takes no other.
    Catalogue,
    /// The wire format has no place for it.
    Wire,
    /// The provider rejected it earlier.
    Learned {
        /// `YYYY-MM-DD`.
        day: String,
    },
    /// The provider has just rejected it.
    Rejected,
    /// The answer does not fit the schema.
    Unfit,
    /// An earlier answer broke off after it was shown.
    BrokeOff,
}

impl Change {
    /// Whether what is asked stays the same in all that matters, so that `--strict` allows it.
    pub fn keeps_the_meaning(&self) -> bool {
        matches!(self.edit, Edit::Rename { .. } | Edit::Unstreamed | Edit::Correct { .. } | Edit::Continue { .. })
    }

    /// Whether it asks once more for an answer that did not fit.
    pub fn is_correction(&self) -> bool {
        matches!(self.edit, Edit::Correct { .. })
    }

    /// Whether it asks to go on with an earlier answer.
    pub fn is_continuation(&self) -> bool {
        matches!(self.edit, Edit::Continue { .. })
    }

    /// The same asked for in words, after a request with the answer as the model's own last turn was rejected.
    pub fn in_words_instead(&self, failure: &Failure) -> Option<Self> {
        let rejected = matches!(failure.class, FailureClass::InvalidRequest | FailureClass::UnsupportedParameter);
        match &self.edit {
            Edit::Continue { text, way: Way::Prefill } if rejected => Some(continuation(text.clone(), Way::Words)),
            _ => None,
        }
    }

    fn new(edit: Edit, because: Because) -> Self {
        Self { edit, because }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.edit, self.because)
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeaveOut { parameter, .. } => write!(formatter, "{parameter} is left out"),
            Self::Rename { parameter, to } => write!(formatter, "{parameter} is sent as {to}"),
            Self::Lower { from, to } => write!(formatter, "max_tokens is lowered from {from} to {to}"),
            Self::Effort { from, to } => write!(formatter, "reasoning_effort {from} becomes {to}"),
            Self::SystemInPrompt => formatter.write_str("the system prompt goes into the first turn"),
            Self::Unstreamed => formatter.write_str("asked without a stream"),
            Self::SchemaInWords => formatter.write_str("the schema is told in words"),
            Self::Correct { .. } => formatter.write_str("asked once more with what is wrong"),
            Self::Continue { way: Way::Prefill, .. } => formatter.write_str("goes on with the answer as its own"),
            Self::Continue { way: Way::Words, .. } => formatter.write_str("asked to go on with the answer"),
        }
    }
}

impl fmt::Display for Because {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Catalogue => formatter.write_str("the model's entry in the catalogue"),
            Self::Wire => formatter.write_str("its wire format has no place for it"),
            Self::Learned { day } => write!(formatter, "the provider rejected it on {day}"),
            Self::Rejected => formatter.write_str("the provider rejects it"),
            Self::Unfit => formatter.write_str("the answer does not fit the schema"),
            Self::BrokeOff => formatter.write_str("it broke off after it was shown"),
        }
    }
}

/// A rejection that was repaired in an earlier run, so that the next one need not be rejected first.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// Who rejected it.
    pub target: TargetId,
    /// The parameter in llmx's name.
    pub parameter: String,
    /// The value that was rejected, where the rejection is about the value.
    pub value: Option<String>,
    /// What was taken in its place.
    pub instead: Option<String>,
    /// The day, `YYYY-MM-DD`.
    pub day: String,
}

impl Lesson {
    /// What a change that worked teaches; `None` for one that was no repair of a parameter.
    pub fn of(target: &TargetId, change: &Change, day: &str) -> Option<Self> {
        if change.because != Because::Rejected {
            return None;
        }
        let (parameter, value, instead) = match &change.edit {
            Edit::LeaveOut { parameter, value } => {
                // Another length, or another effort, may be taken.
                let counts = matches!(parameter.as_str(), parameter::MAX_TOKENS | parameter::EFFORT);
                (parameter.clone(), counts.then(|| plain(value)), None)
            }
            Edit::Rename { parameter, to } => (parameter.clone(), None, Some(to.clone())),
            Edit::Lower { from, to } => {
                (parameter::MAX_TOKENS.to_owned(), Some(from.to_string()), Some(to.to_string()))
            }
            Edit::Effort { from, to } => (parameter::EFFORT.to_owned(), Some(from.clone()), Some(to.clone())),
            Edit::SystemInPrompt => (parameter::SYSTEM.to_owned(), None, None),
            Edit::Unstreamed => (parameter::STREAM.to_owned(), None, None),
            Edit::SchemaInWords => (parameter::SCHEMA.to_owned(), None, None),
            Edit::Correct { .. } | Edit::Continue { .. } => return None,
        };
        Some(Self { target: target.clone(), parameter, value, instead, day: day.to_owned() })
    }

    /// What it changes in this request.
    fn edit(&self, request: &ChatRequest) -> Option<Edit> {
        if let (Some(value), Some(limit)) = (&self.value, request.options.max_tokens)
            && self.parameter == parameter::MAX_TOKENS
            && value.parse::<u64>().is_ok_and(|rejected| limit < rejected)
        {
            return None;
        }
        if self.parameter == parameter::EFFORT && self.value.is_some() && self.value != request.options.reasoning_effort
        {
            return None;
        }
        edit(request, &self.parameter, self.instead.as_deref())
    }
}

/// Text as it is, everything else as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What must be changed for this target, by what is known before anything is sent.
pub fn changes(demand: &Demand<'_>, target: &Target, features: Option<Features>, lessons: &[Lesson]) -> Vec<Change> {
    let mut changes = Vec::new();
    // The turns may hold megabytes and change nothing.
    let mut request = without_turns(demand.request);
    let mut note = |request: &mut ChatRequest, edit: Option<Edit>, because: Because| {
        if let Some(edit) = edit {
            let made = Change::new(edit, because);
            change(request, &made);
            changes.push(made);
        }
    };
    for (because, rule) in RULES {
        let edit = rule(&request, target, features);
        note(&mut request, edit, because.clone());
    }
    for name in parameter::without_place(target.wire()) {
        let value = parameter::own(&request.options, name);
        let edit = value.map(|value| Edit::LeaveOut { parameter: (*name).to_owned(), value });
        note(&mut request, edit, Because::Wire);
    }
    for lesson in lessons.iter().filter(|lesson| lesson.target == target.id) {
        let edit = lesson.edit(&request);
        note(&mut request, edit, Because::Learned { day: lesson.day.clone() });
    }
    // Last, for a schema in words stands in the system prompt.
    let edit = system(&request, target);
    note(&mut request, edit, Because::Catalogue);
    changes
}

fn without_turns(request: &ChatRequest) -> ChatRequest {
    ChatRequest {
        system: request.system.clone(),
        form: request.form.clone(),
        options: request.options.clone(),
        stream: request.stream,
        ..ChatRequest::default()
    }
}

/// What a request for that target must be without, or have otherwise; `features` are those of its wire format, if known.
type Rule = fn(&ChatRequest, &Target, Option<Features>) -> Option<Edit>;

/// Earlier ones win: what has no place at all need not be made to fit the model.
const RULES: &[(Because, Rule)] = &[
    (Because::Wire, effort_without_place),
    (Because::Wire, schema_without_place),
    (Because::Wire, stream_without_place),
    (Because::Catalogue, temperature),
    (Because::Catalogue, length),
    (Because::Catalogue, thinking),
    (Because::Catalogue, schema),
    (Because::Catalogue, stream),
];

fn effort_without_place(request: &ChatRequest, target: &Target, _: Option<Features>) -> Option<Edit> {
    let unheard = target.wire() == "openai-chat" && target.provider.quirks.effort == EffortPlace::Nowhere;
    let asked = request.options.reasoning_effort.as_deref().filter(|_| unheard)?;
    Some(Edit::LeaveOut { parameter: parameter::EFFORT.to_owned(), value: asked.into() })
}

fn schema_without_place(request: &ChatRequest, _: &Target, features: Option<Features>) -> Option<Edit> {
    in_words(request, !features?.schema)
}

fn schema(request: &ChatRequest, target: &Target, _: Option<Features>) -> Option<Edit> {
    in_words(request, target.model.as_deref()?.abilities.json_schema == Some(false))
}

fn in_words(request: &ChatRequest, lacks: bool) -> Option<Edit> {
    let asked = matches!(request.form, Some(AnswerForm::Schema(_)));
    (lacks && asked).then_some(Edit::SchemaInWords)
}

fn stream_without_place(request: &ChatRequest, _: &Target, features: Option<Features>) -> Option<Edit> {
    (request.stream && !features?.streaming).then_some(Edit::Unstreamed)
}

fn stream(request: &ChatRequest, target: &Target, _: Option<Features>) -> Option<Edit> {
    let lacks = target.model.as_deref()?.abilities.streaming == Some(false);
    (lacks && request.stream).then_some(Edit::Unstreamed)
}

fn temperature(request: &ChatRequest, target: &Target, _: Option<Features>) -> Option<Edit> {
    let refused = target.model.as_deref()?.abilities.temperature == Some(false);
    refused.then(|| leave_out(request, parameter::TEMPERATURE)).flatten()
}

fn length(request: &ChatRequest, target: &Target, _: Option<Features>) -> Option<Edit> {
    let (asked, most) = (request.options.max_tokens?, target.model.as_deref()?.max_output?);
    (asked > most).then_some(Edit::Lower { from: asked, to: most })
}

fn thinking(request: &ChatRequest, target: &Target, _: Option<Features>) -> Option<Edit> {
    let (asked, model) = (request.options.reasoning_effort.as_deref()?, target.model.as_deref()?);
    if model.abilities.reasoning == Some(false) {
        return leave_out(request, parameter::EFFORT);
    }
    let nearest = effort::nearest(asked, &model.reasoning)?;
    Some(Edit::Effort { from: asked.to_owned(), to: nearest })
}

fn system(request: &ChatRequest, target: &Target) -> Option<Edit> {
    let lacks = target.model.as_deref()?.abilities.system == Some(false);
    (lacks && request.system.is_some()).then_some(Edit::SystemInPrompt)
}

/// The change after which a request that was just rejected is worth sending again to the same target; `request` is as it
/// was sent. `None` when the failure names no parameter that the request holds.
pub fn repair(request: &ChatRequest, failure: &Failure) -> Option<Change> {
    let named = failure.parameter.as_deref().filter(|_| failure.class == FailureClass::UnsupportedParameter)?;
    Some(Change::new(edit(request, named, failure.instead.as_deref())?, Because::Rejected))
}

/// A further request with the answer that did not fit and what is wrong with it.
pub fn correction(answer: String, complaint: String) -> Change {
    Change::new(Edit::Correct { answer, complaint }, Because::Unfit)
}

/// A request to go on with an answer that broke off.
pub fn continuation(text: String, way: Way) -> Change {
    Change::new(Edit::Continue { text, way }, Because::BrokeOff)
}

/// The change that takes a parameter out of the request, whatever the provider calls it.
fn edit(request: &ChatRequest, named: &str, instead: Option<&str>) -> Option<Edit> {
    let name = parameter::known(named, request);
    match name {
        parameter::STREAM => request.stream.then_some(Edit::Unstreamed),
        parameter::SYSTEM => request.system.is_some().then_some(Edit::SystemInPrompt),
        parameter::SCHEMA => request.form.is_some().then_some(Edit::SchemaInWords),
        _ => {
            let left_out = leave_out(request, name)?;
            Some(instead.and_then(|instead| in_place_of(request, name, instead)).unwrap_or(left_out))
        }
    }
}

/// What a provider's "use … instead" comes to: another name of the same parameter, or another value.
fn in_place_of(request: &ChatRequest, name: &str, instead: &str) -> Option<Edit> {
    let options = &request.options;
    if let (parameter::MAX_TOKENS, Some(from), Ok(to)) = (name, options.max_tokens, instead.parse::<u64>()) {
        return (to < from && to > 0).then_some(Edit::Lower { from, to });
    }
    if let (parameter::EFFORT, Some(from)) = (name, &options.reasoning_effort)
        && effort::is_known(instead)
    {
        return (from != instead).then(|| Edit::Effort { from: from.clone(), to: instead.to_owned() });
    }
    let is_new = !instead.contains('.') && !options.extra.contains_key(instead);
    (is_new && parameter::is_other_name(name, instead))
        .then(|| Edit::Rename { parameter: name.to_owned(), to: instead.to_owned() })
}

fn leave_out(request: &ChatRequest, name: &str) -> Option<Edit> {
    let value = parameter::value(&request.options, name)?;
    Some(Edit::LeaveOut { parameter: name.to_owned(), value })
}

/// The request with the changes made.
pub fn apply<'a>(request: &'a ChatRequest, changes: &[Change]) -> Cow<'a, ChatRequest> {
    if changes.is_empty() {
        return Cow::Borrowed(request);
    }
    let mut sent = request.clone();
    // A schema in words stands in the system prompt, so where that goes is decided last.
    let (late, early): (Vec<_>, Vec<_>) = changes.iter().partition(|change| change.edit == Edit::SystemInPrompt);
    for made in early.into_iter().chain(late) {
        change(&mut sent, made);
    }
    Cow::Owned(sent)
}

fn change(request: &mut ChatRequest, made: &Change) {
    match &made.edit {
        Edit::LeaveOut { parameter, .. } => {
            parameter::take(&mut request.options, parameter);
        }
        Edit::Rename { parameter, to } => {
            if let Some(value) = parameter::take(&mut request.options, parameter) {
                request.options.extra.insert(to.clone(), value);
            }
        }
        Edit::Lower { to, .. } => request.options.max_tokens = Some(*to),
        Edit::Effort { to, .. } => request.options.reasoning_effort = Some(to.clone()),
        Edit::SystemInPrompt => system_in_prompt(request),
        Edit::Unstreamed => request.stream = false,
        Edit::SchemaInWords => {
            schema_in_words(request);
            // Where it is the format that lacks the place, it may have one for JSON as such.
            request.form = (made.because == Because::Wire).then_some(AnswerForm::Json);
        }
        Edit::Correct { answer, complaint } => {
            request.messages.push(Message::text(Role::Assistant, answer.clone()));
            request.messages.push(Message::text(Role::User, complaint.clone()));
        }
        // A last turn of the model must not end with blanks.
        Edit::Continue { text, way: Way::Prefill } => {
            request.messages.push(Message::text(Role::Assistant, text.trim_end()));
        }
        Edit::Continue { text, way: Way::Words } => {
            request.messages.push(Message::text(Role::Assistant, text.clone()));
            request.messages.push(Message::text(Role::User, GO_ON));
        }
    }
}

fn system_in_prompt(request: &mut ChatRequest) {
    let Some(system) = request.system.take() else { return };
    if let Some(first) = request.messages.iter_mut().find(|message| message.role == Role::User) {
        first.parts.insert(0, Part::Text(system));
    }
}

/// A form that is "any JSON" has its words already, and goes.
fn schema_in_words(request: &mut ChatRequest) {
    let Some(AnswerForm::Schema(schema)) = request.form.take() else { return };
    let words = format!(
        "Answer with JSON alone: no other text, no code fence. The JSON must fit this JSON Schema:\n{}",
        schema.schema
    );
    request.system = Some(match request.system.take() {
        Some(system) => format!("{system}\n\n{words}"),
        None => words,
    });
}

#[cfg(test)]
mod tests;
