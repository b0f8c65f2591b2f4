use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::catalog::{Abilities, Model, Reasoning};
use crate::chat::{Media, MediaKind, MediaSource, Options, Schema, Tool};
use crate::provider::{KeyState, Limits, Row};
use crate::route::{Rejection, filter, media};

const ALL: Features = Features {
    streaming: true,
    tools: true,
    schema: true,
    media: &[MediaKind::Image, MediaKind::Document, MediaKind::Audio, MediaKind::Video],
    addresses: &[MediaKind::Image],
    usage: true,
};
const NONE: Features =
    Features { streaming: false, tools: false, schema: false, media: &[], addresses: &[], usage: false };

fn target(provider: &str, wire: &str, model: Option<Model>) -> Target {
    let row = Row {
        base_url: Some("https://x".to_owned()),
        wire: Some(wire.to_owned()),
        title: Some("P".to_owned()),
        ..Row::default()
    };
    let provider_row = row.into_provider(provider, &|_| None).expect("a provider");
    Target {
        id: TargetId::new(provider, "m"),
        provider: Arc::new(provider_row),
        model: model.map(Arc::new),
        key: KeyState::NotNeeded,
        keys: Vec::new(),
    }
}

fn model(abilities: Abilities) -> Target {
    target("p", "openai-chat", Some(Model { abilities, ..Model::default() }))
}

fn asked() -> ChatRequest {
    let schema = Schema { schema: json!({"type": "object"}), ..Schema::default() };
    let options = Options {
        temperature: Some(0.5),
        max_tokens: Some(9000),
        reasoning_effort: Some("xhigh".to_owned()),
        ..Options::default()
    };
    ChatRequest {
        system: Some("Be brief.".to_owned()),
        messages: vec![Message::text(Role::User, "Hi")],
        form: Some(AnswerForm::Schema(schema)),
        options,
        stream: true,
        ..ChatRequest::default()
    }
}

fn said(request: &ChatRequest, target: &Target, features: Features, lessons: &[Lesson]) -> Vec<String> {
    let changes = changes(&Demand::of(request, false), target, Some(features), lessons);
    changes.iter().map(|change| change.edit.to_string()).collect()
}

fn rejected(parameter: &str, instead: Option<&str>) -> Failure {
    Failure {
        parameter: Some(parameter.to_owned()),
        instead: instead.map(str::to_owned),
        ..Failure::new(FailureClass::UnsupportedParameter, "test", "test")
    }
}

#[test]
fn what_is_unknown_is_sent_as_it_was_asked() {
    let request = asked();
    assert!(said(&request, &target("p", "openai-chat", None), ALL, &[]).is_empty());
    assert!(said(&request, &model(Abilities::default()), ALL, &[]).is_empty());
    assert_eq!(apply(&request, &[]), Cow::Borrowed(&request));
}

#[test]
fn what_the_catalogue_knows_is_changed_and_said() {
    let lacks_all = Abilities {
        json_schema: Some(false),
        temperature: Some(false),
        system: Some(false),
        streaming: Some(false),
        ..Abilities::default()
    };
    let reasoning = Reasoning { efforts: vec!["low".to_owned(), "high".to_owned()], ..Reasoning::default() };
    let known = Model { abilities: lacks_all, reasoning, max_output: Some(4096), ..Model::default() };
    let known = target("p", "openai-chat", Some(known));
    let request = asked();
    let words = [
        "temperature is left out",
        "max_tokens is lowered from 9000 to 4096",
        "reasoning_effort xhigh becomes high",
        "the schema is told in words",
        "asked without a stream",
        "the system prompt goes into the first turn",
    ];
    assert_eq!(said(&request, &known, ALL, &[]), words);
    let changed = changes(&Demand::of(&request, false), &known, Some(ALL), &[]);
    let sent = apply(&request, &changed);
    let options = &sent.options;
    assert_eq!((options.temperature, options.max_tokens), (None, Some(4096)));
    assert_eq!(
        (options.reasoning_effort.as_deref(), sent.stream, &sent.form, &sent.system),
        (Some("high"), false, &None, &None)
    );
    let text = sent.messages[0].joined_text();
    assert!(text.starts_with("Be brief.\n\nAnswer with JSON alone") && text.ends_with("\n\nHi"), "{text}");
}

#[test]
fn a_model_that_does_not_think_is_not_told_how_hard() {
    let plain = model(Abilities { reasoning: Some(false), ..Abilities::default() });
    assert_eq!(said(&asked(), &plain, ALL, &[]), ["reasoning_effort is left out"]);
}

#[test]
fn what_a_wire_has_no_place_for_is_told_in_words_or_asked_whole() {
    let request = asked();
    assert_eq!(
        said(&request, &target("p", "x", None), NONE, &[]),
        ["the schema is told in words", "asked without a stream"]
    );
    let tools = ChatRequest { tools: vec![Tool::default()], ..ChatRequest::default() };
    let no_place = |features| filter::reject(&Demand::of(&tools, false), &target("p", "x", None), Some(features));
    assert!(matches!(no_place(NONE), Some(Rejection::NoPlace { what: "tools", .. })));
    assert_eq!(no_place(ALL), None);
    let deaf = model(Abilities { tools: Some(false), ..Abilities::default() });
    let lacks = filter::reject(&Demand::of(&tools, false), &deaf, Some(ALL));
    assert_eq!(lacks, Some(Rejection::AbilityMissing { ability: "tools" }));
}

/// A provider with quirks, and a model that is known to take no schema.
fn with_quirks(quirks: crate::provider::Quirks) -> Target {
    let mut target = model(Abilities { json_schema: Some(false), ..Abilities::default() });
    Arc::make_mut(&mut target.provider).quirks = quirks;
    target
}

#[test]
fn a_provider_that_takes_any_json_but_no_schema_gets_both_json_mode_and_the_words() {
    let target = with_quirks(crate::provider::Quirks { no_schema: true, ..Default::default() });
    let request = asked();
    let changed = crate::route::admit(&Demand::of(&request, false), &target, &[]).expect("it serves");
    assert_eq!(changed, [Change::new(Edit::SchemaInWords, Because::Wire)], "once, though the catalogue knows it too");
    let sent = apply(&request, &changed);
    assert_eq!(sent.form, Some(AnswerForm::Json));
    assert!(sent.system.as_deref().is_some_and(|system| system.matches("JSON Schema").count() == 1));
    let refused = repair(&sent, &rejected("response_format", None)).expect("a repair");
    let again = apply(&sent, std::slice::from_ref(&refused));
    assert_eq!((&again.form, &again.system), (&None, &sent.system), "the words are there once");
}

#[test]
fn an_option_without_a_place_is_left_out_and_said() {
    let options = Options { seed: Some(5), reasoning_effort: Some("low".to_owned()), ..Options::default() };
    let request = ChatRequest { options, ..ChatRequest::default() };
    assert_eq!(said(&request, &target("p", "anthropic", None), ALL, &[]), ["seed is left out"]);
    let deaf = with_quirks(crate::provider::Quirks { effort: EffortPlace::Nowhere, ..Default::default() });
    assert_eq!(said(&request, &deaf, ALL, &[]), ["reasoning_effort is left out"]);
}

#[test]
fn a_rejected_parameter_is_left_out_or_renamed() {
    let mut request = asked();
    request.options.extra.insert("top_k".to_owned(), json!(5));
    let repaired = |parameter: &str, instead| {
        repair(&request, &rejected(parameter, instead)).map(|change| change.edit.to_string())
    };
    for (parameter, instead, edit) in [
        ("temperature", None, "temperature is left out"),
        ("generationConfig.temperature", None, "temperature is left out"),
        ("max_tokens", Some("max_completion_tokens"), "max_tokens is sent as max_completion_tokens"),
        ("max_tokens", Some("messages"), "max_tokens is left out"),
        ("max_tokens", Some("4096"), "max_tokens is lowered from 9000 to 4096"),
        ("reasoning.effort", Some("high"), "reasoning_effort xhigh becomes high"),
        ("reasoning_effort", None, "reasoning_effort is left out"),
        ("top_k", None, "top_k is left out"),
        ("stream_options", None, "asked without a stream"),
        ("response_format", None, "the schema is told in words"),
        ("system_instruction", None, "the system prompt goes into the first turn"),
    ] {
        assert_eq!(repaired(parameter, instead).as_deref(), Some(edit), "{parameter}");
    }
    for not_sent in ["seed", "tools", "messages", ""] {
        assert_eq!(repaired(not_sent, None), None, "{not_sent}");
    }
    let other = Failure { class: FailureClass::InvalidRequest, ..rejected("temperature", None) };
    assert_eq!(repair(&request, &other), None);
}

#[test]
fn a_renamed_parameter_keeps_its_value() {
    let change = repair(&asked(), &rejected("max_tokens", Some("max_completion_tokens"))).expect("a repair");
    let request = asked();
    let sent = apply(&request, &[change]);
    assert_eq!((sent.options.max_tokens, &sent.options.extra["max_completion_tokens"]), (None, &json!(9000)));
    let again = repair(&sent, &rejected("max_completion_tokens", None)).expect("a further repair");
    assert_eq!(apply(&sent, &[again]).options.extra.len(), 0);
}

#[test]
fn what_was_learned_is_done_before_it_is_sent() {
    let request = asked();
    let target = target("p", "openai-chat", None);
    for (parameter, instead) in [
        ("temperature", None),
        ("max_tokens", Some("max_completion_tokens")),
        ("max_tokens", None),
        ("reasoning_effort", Some("high")),
        ("stream", None),
        ("system", None),
        ("response_format", None),
    ] {
        let change = repair(&request, &rejected(parameter, instead)).expect("a repair");
        let lesson = Lesson::of(&target.id, &change, "2026-11-22").expect("a lesson");
        let words = vec![change.edit.to_string()];
        assert_eq!(said(&request, &target, ALL, std::slice::from_ref(&lesson)), words, "{parameter}");
        let of_another = Lesson { target: TargetId::new("q", "m"), ..lesson.clone() };
        assert!(said(&request, &target, ALL, &[of_another]).is_empty());
        assert!(said(&ChatRequest::default(), &target, ALL, &[lesson]).is_empty(), "nothing to change");
    }
}

#[test]
fn a_lesson_about_a_value_leaves_other_values_alone() {
    let target = target("p", "openai-chat", None);
    let lesson = |request: &ChatRequest, parameter: &str| {
        let change = repair(request, &rejected(parameter, None)).expect("a repair");
        Lesson::of(&target.id, &change, "2026-11-22").expect("a lesson")
    };
    let lessons = [lesson(&asked(), "max_tokens"), lesson(&asked(), "reasoning_effort")];
    let mut less = asked();
    less.options.max_tokens = Some(100);
    less.options.reasoning_effort = Some("low".to_owned());
    assert!(said(&less, &target, ALL, &lessons).is_empty());
    assert_eq!(said(&asked(), &target, ALL, &lessons).len(), 2);
}

#[test]
fn only_what_a_provider_rejected_is_a_lesson() {
    let id = TargetId::new("p", "m");
    let known = Change::new(Edit::Unstreamed, Because::Catalogue);
    assert_eq!(Lesson::of(&id, &known, "d"), None);
    assert_eq!(Lesson::of(&id, &correction(String::new(), String::new()), "d"), None);
}

#[test]
fn a_correction_shows_the_model_its_answer() {
    let request = asked();
    let sent = apply(&request, &[correction("{}".to_owned(), "age is missing".to_owned())]).into_owned();
    let turns: Vec<(Role, String)> =
        sent.messages.iter().map(|message| (message.role, message.joined_text())).collect();
    let texts = turns.iter().map(|(role, text)| (*role, text.as_str())).collect::<Vec<_>>();
    assert_eq!(texts, [(Role::User, "Hi"), (Role::Assistant, "{}"), (Role::User, "age is missing")]);
}

fn with(media_type: &str, source: MediaSource) -> ChatRequest {
    let media = Media { media_type: media_type.to_owned(), name: None, source };
    ChatRequest {
        messages: vec![Message { role: Role::User, parts: vec![Part::Media(media)] }],
        ..ChatRequest::default()
    }
}

fn refused(request: &ChatRequest, target: &Target, features: Features) -> String {
    let reason = filter::reject(&Demand::of(request, false), target, Some(features));
    reason.map_or_else(String::new, |reason| reason.to_string())
}

#[test]
fn attachments_go_to_those_who_can_read_them() {
    let bytes = || MediaSource::Base64("AAAA".to_owned());
    let blind = model(Abilities { vision: Some(false), pdf: Some(false), ..Abilities::default() });
    let unknown = model(Abilities::default());
    let mute = Model { input: vec!["image".to_owned()], ..Model::default() };
    let mute = target("p", "openai-chat", Some(mute));
    for (media_type, target, words) in [
        ("image/png", &blind, "lacks: images"),
        ("application/pdf", &blind, "lacks: PDF documents"),
        ("image/png", &unknown, ""),
        ("audio/wav", &unknown, ""),
        ("audio/wav", &mute, "lacks: audio"),
    ] {
        assert_eq!(refused(&with(media_type, bytes()), target, ALL), words, "{media_type}");
    }
    let no_place = "its wire format `openai-chat` has no place for images";
    assert_eq!(refused(&with("image/png", bytes()), &unknown, NONE), no_place);
    let address = || MediaSource::Url("https://x/a".to_owned());
    assert_eq!(refused(&with("image/png", address()), &unknown, ALL), "");
    let by_address = "its wire format `openai-chat` has no place for attachments by their address";
    assert_eq!(refused(&with("application/pdf", address()), &unknown, ALL), by_address);
}

#[test]
fn an_attachment_that_is_known_to_be_too_large_is_not_sent() {
    let large = with("image/png", MediaSource::Base64("A".repeat(11 << 20)));
    let of = |limits| {
        let mut of = target("p", "anthropic", None);
        Arc::make_mut(&mut of.provider).limits = limits;
        of
    };
    let published = of(Limits { image_mib: Some(10), request_mib: Some(32) });
    let words = "attachments too large: an image would take 11.0 MB as sent, and it takes 10 MB";
    assert_eq!(refused(&large, &published, ALL), words);
    assert_eq!(refused(&large, &of(Limits::default()), ALL), "", "who publishes no limit is asked");
    let document = with("application/pdf", MediaSource::Base64("A".repeat(33 << 20)));
    assert!(refused(&document, &published, ALL).contains("all attachments would take 33.0 MB"));
}

#[test]
fn an_attachment_counts_in_the_estimate_by_a_rough_figure() {
    let image = with("image/png", MediaSource::Base64("AAAA".to_owned()));
    let measured = Demand::of(&image, false).input.tokens(Some("openai"), "m");
    assert!((1_500..1_600).contains(&measured.expected) && measured.at_least == 0, "{measured:?}");
    let pdf = with("application/pdf", MediaSource::Base64("A".repeat(400_000)));
    assert_eq!(media::of(&pdf.messages).map(media::tokens).sum::<u64>(), 12_000);
}

#[test]
fn a_schema_without_a_place_is_told_once_and_json_as_such_still_asked_for() {
    let mut target = target("p", "openai-chat", None);
    Arc::make_mut(&mut target.provider).quirks.no_schema = true;
    let request = ChatRequest { options: Options::default(), ..asked() };
    let changes = crate::route::admit(&Demand::of(&request, false), &target, &[]).expect("it serves");
    assert_eq!(changes, [Change::new(Edit::SchemaInWords, Because::Wire)]);
    let sent = crate::wire::codec("openai-chat").expect("known").encode(&target, &apply(&request, &changes)).body;
    assert_eq!(sent["response_format"], json!({"type": "json_object"}));
    assert_eq!(sent["messages"].to_string().matches("JSON Schema").count(), 1);
}
