//! Usage objects of every shape, as providers write them.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::chat::Buckets;

fn buckets(usage: &Value) -> Buckets {
    let usage = read(usage, None).unwrap_or_else(|unknown| panic!("{unknown}"));
    usage.billed_buckets().expect("counted")
}

/// Input, cache read, cache writes for 5 minutes and an hour, output, reasoning.
fn six(usage: &Value) -> [u64; 6] {
    let Buckets { input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, .. } = buckets(usage);
    [input, cache_read, cache_write_5m, cache_write_1h, output, reasoning]
}

#[test]
fn every_providers_way_of_counting_is_read() {
    for (name, usage, expected) in [
        (
            "chat",
            json!({"prompt_tokens": 100, "completion_tokens": 50, "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 10},
                   "completion_tokens_details": {"reasoning_tokens": 20}}),
            [30, 60, 10, 0, 30, 20],
        ),
        (
            "responses",
            json!({"input_tokens": 100, "output_tokens": 50, "total_tokens": 150, "input_tokens_details": {"cached_tokens": 60},
                   "output_tokens_details": {"reasoning_tokens": 20}}),
            [40, 60, 0, 0, 30, 20],
        ),
        (
            "anthropic",
            json!({"input_tokens": 100, "cache_read_input_tokens": 60, "cache_creation_input_tokens": 30, "output_tokens": 50,
                   "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20}}),
            [100, 60, 10, 20, 50, 0],
        ),
        (
            "anthropic without a sum of writes",
            json!({"input_tokens": 1, "output_tokens": 5, "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20}}),
            [1, 0, 10, 20, 5, 0],
        ),
        (
            "gemini",
            json!({"promptTokenCount": 100, "cachedContentTokenCount": 60, "candidatesTokenCount": 50, "thoughtsTokenCount": 20,
                   "toolUsePromptTokenCount": 7, "totalTokenCount": 177}),
            [47, 60, 0, 0, 50, 20],
        ),
        (
            "converse",
            json!({"inputTokens": 100, "outputTokens": 50, "cacheReadInputTokens": 60, "cacheWriteInputTokens": 30,
                   "cacheDetails": [{"ttl": "1h", "inputTokens": 20}, {"ttl": "5m", "inputTokens": 10}]}),
            [100, 60, 10, 20, 50, 0],
        ),
        (
            "cohere",
            json!({"billed_units": {"input_tokens": 9.0, "output_tokens": 2.0}, "tokens": {"input_tokens": 1394, "output_tokens": 4}}),
            [9, 0, 0, 0, 2, 0],
        ),
        ("ollama", json!({"model": "m", "prompt_eval_count": 26, "eval_count": 5, "done": true}), [26, 0, 0, 0, 5, 0]),
        (
            "deepseek",
            json!({"prompt_tokens": 100, "completion_tokens": 5, "prompt_cache_hit_tokens": 60, "prompt_cache_miss_tokens": 40}),
            [40, 60, 0, 0, 5, 0],
        ),
        (
            "bedrock's other words",
            json!({"inputTokens": 10, "outputTokens": 5, "cacheReadInputTokenCount": 60, "cacheWriteInputTokenCount": 40}),
            [10, 60, 40, 0, 5, 0],
        ),
        (
            "gemini in Python's words",
            json!({"prompt_token_count": 100, "candidates_token_count": 5, "cached_content_token_count": 60,
                   "thoughts_token_count": 7, "total_token_count": 112}),
            [40, 60, 0, 0, 5, 7],
        ),
        ("embeddings", json!({"prompt_tokens": 8, "total_tokens": 8}), [8, 0, 0, 0, 0, 0]),
        ("embeddings of a total", json!({"total_tokens": 8}), [8, 0, 0, 0, 0, 0]),
        (
            "plain",
            json!({"input_tokens": 100, "cached_tokens": 60, "cache_write_5m_tokens": 10, "cache_write_1h_tokens": 20, "output_tokens": 50, "reasoning_tokens": 20}),
            [10, 60, 10, 20, 30, 20],
        ),
        ("decimals", json!({"prompt_tokens": 100.0, "completion_tokens": 5e1}), [100, 0, 0, 0, 50, 0]),
    ] {
        assert_eq!(six(&usage), expected, "{name}");
        let response = json!({"id": "x", "usage": usage});
        assert_eq!(six(&response), expected, "{name} in a response");
    }
}

#[test]
fn reasoning_beside_the_answer_is_told_by_the_row_or_by_the_numbers() {
    let usage = |total: Option<u64>| json!({"prompt_tokens": 10, "completion_tokens": 300, "total_tokens": total, "completion_tokens_details": {"reasoning_tokens": 200}});
    assert_eq!(buckets(&usage(None)).output_total(), 300);
    assert_eq!(buckets(&usage(Some(310))).output_total(), 300);
    assert_eq!(buckets(&usage(Some(510))).output_total(), 500, "the total says so");
    let (name, row) = crate::provider::builtin().into_iter().find(|(name, _)| name == "xai").expect("a row");
    let xai = row.into_provider(&name, &|_| None).expect("a provider");
    let of_xai = read(&usage(None), Some(&xai)).expect("counts").buckets().expect("counted");
    assert_eq!((of_xai.output, of_xai.reasoning), (300, 200));
    let included = read(&usage(Some(310)), Some(&xai)).expect("counts").buckets().expect("counted");
    assert_eq!((included.output, included.reasoning), (100, 200), "the total says that it is inside");
    let beside = read(&usage(Some(510)), Some(&xai)).expect("counts").buckets().expect("counted");
    assert_eq!((beside.output, beside.reasoning), (300, 200));
    let research = json!({"prompt_tokens": 33, "completion_tokens": 7163, "total_tokens": 7196, "citation_tokens": 20_016,
                          "num_search_queries": 18, "reasoning_tokens": 73_997});
    let counts = buckets(&research);
    assert_eq!((counts.output, counts.reasoning, counts.citation, counts.web_searches), (7163, 73_997, 20_016, 18));
}

#[test]
fn media_and_tiers_are_read_in_pythons_words() {
    let response = json!({"usage_metadata": {
        "prompt_token_count": 100, "candidates_token_count": 30, "tool_use_prompt_token_count": 3, "traffic_type": "ON_DEMAND_FLEX",
        "prompt_tokens_details": [{"modality": "AUDIO", "token_count": 50}, {"modality": "TEXT", "token_count": 50}],
    }});
    let usage = read(&response, None).expect("counts");
    assert_eq!(
        (usage.audio_in, usage.tool_input, usage.service_tier.as_deref()),
        (Some(50), Some(3), Some("ON_DEMAND_FLEX"))
    );
}

#[test]
fn media_are_told_apart() {
    let usage = json!({
        "promptTokenCount": 100, "candidatesTokenCount": 30, "cachedContentTokenCount": 40,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 10}, {"modality": "AUDIO", "tokenCount": 50},
                                {"modality": "IMAGE", "tokenCount": 15}, {"modality": "DOCUMENT", "tokenCount": 5}, {"modality": "VIDEO", "tokenCount": 20}],
        "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 30}, {"modality": "TEXT", "tokenCount": 10}],
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 25}],
    });
    let counts = buckets(&usage);
    let prompt =
        [counts.input, counts.cache_read, counts.audio_in, counts.audio_cache_read, counts.image_in, counts.video_in];
    assert_eq!(prompt, [0, 10, 20, 30, 20, 20]);
    assert_eq!((counts.output, counts.image_out, counts.inconsistent), (5, 25, false));
    let chat = json!({"prompt_tokens": 100, "completion_tokens": 30, "completion_tokens_details": {"audio_tokens": 12},
                      "prompt_tokens_details": {"audio_tokens": 50, "cached_tokens": 40, "cached_tokens_details": {"audio_tokens": 30}}});
    let counts = buckets(&chat);
    assert_eq!([counts.input, counts.cache_read, counts.audio_in, counts.audio_cache_read], [40, 10, 20, 30]);
    assert_eq!((counts.output, counts.audio_out), (18, 12));
}

#[test]
fn a_tier_is_read_wherever_it_is_told() {
    let counts = json!({"prompt_tokens": 1, "completion_tokens": 1});
    for (value, tier) in [
        (json!({"usage": counts, "service_tier": "flex"}), Some("flex")),
        (json!({"usage": counts, "mode": "batch"}), Some("batch")),
        (json!({"usage": counts, "service_tier": null}), None),
        (json!({"response": {"usage": counts, "service_tier": "priority"}}), Some("priority")),
        (json!({"usage": {"inputTokens": 1, "outputTokens": 1}, "serviceTier": {"type": "flex"}}), Some("flex")),
        (
            json!({"usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1, "trafficType": "ON_DEMAND_PRIORITY"}}),
            Some("ON_DEMAND_PRIORITY"),
        ),
        (json!({"input_tokens": 1, "output_tokens": 1, "service_tier": "standard", "speed": "fast"}), Some("fast")),
        (json!({"input_tokens": 1, "output_tokens": 1, "service_tier": "batch"}), Some("batch")),
    ] {
        let usage = read(&value, None).expect("counts");
        assert_eq!(usage.service_tier.as_deref(), tier, "{value}");
        assert_eq!(read(&usage.raw, None).expect("counts").service_tier.as_deref(), tier, "what is kept of {value}");
    }
}

#[test]
fn searches_among_the_items_of_a_response_are_counted() {
    let search = |action: &str| json!({"type": "web_search_call", "action": {"type": action}});
    let response = json!({
        "output": [search("search"), search("open_page"), {"type": "web_search_call"}, {"type": "file_search_call"}, {"type": "message"}],
        "usage": {"input_tokens": 10, "output_tokens": 5, "input_tokens_details": {"cached_tokens": 0}},
    });
    let usage = read(&response, None).expect("counts");
    assert_eq!((usage.web_searches, usage.file_searches), (Some(2), Some(1)));
    let kept = read(&usage.raw, None).expect("counts");
    assert_eq!((kept.web_searches, kept.file_searches), (Some(2), Some(1)), "{}", usage.raw);
}

#[test]
fn of_a_stream_the_last_word_counts() {
    let events = json!([
        {"type": "message_start", "message": {"usage": {"input_tokens": 10, "cache_read_input_tokens": 5, "output_tokens": 1}}},
        {"type": "message_delta", "usage": {"output_tokens": 30, "cache_read_input_tokens": 5}},
        {"type": "message_stop"},
    ]);
    assert_eq!(six(&events), [10, 5, 0, 0, 30, 0]);
    let briefly_ended = json!([events[0], {"type": "message_delta", "usage": {"output_tokens": 30}}]);
    assert_eq!(six(&briefly_ended), [10, 5, 0, 0, 30, 0], "caches are outside of the prompt all the same");
    let chunk = |usage: Value| json!({"id": "c", "object": "chat.completion.chunk", "usage": usage});
    let chunks = json!([
        chunk(json!(null)),
        chunk(json!({"prompt_tokens": 9, "completion_tokens": 1})),
        chunk(json!({"prompt_tokens": 9, "completion_tokens": 4}))
    ]);
    assert_eq!(six(&chunks), [9, 0, 0, 0, 4, 0]);
}

#[test]
fn counts_of_several_calls_are_not_those_of_one() {
    let counts = json!({"prompt_tokens": 9, "completion_tokens": 1});
    let start = |id: &str| json!({"type": "message_start", "message": {"id": id, "usage": {"input_tokens": 10, "output_tokens": 1}}});
    let ended = json!({"candidates": [{"finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1}});
    for several in [
        json!([counts, counts]),
        json!([{"id": "a", "usage": counts}, {"id": "b", "usage": counts}]),
        json!([start("a"), start("b")]),
        json!([ended, ended]),
    ] {
        assert_eq!(read(&several, None), Err(Unread::SeveralCalls(2)), "{several}");
    }
    assert_eq!(six(&json!([counts])), [9, 0, 0, 0, 1, 0]);
}

#[test]
fn what_should_count_and_does_not_is_named() {
    for (value, name) in [
        (json!({"usage": {"prompt_tokens": -5, "completion_tokens": 1}}), Some("prompt_tokens")),
        (
            json!({"prompt_tokens": 5, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 1.5}}),
            Some("cached_tokens"),
        ),
        (json!([{"usageMetadata": {"promptTokenCount": -1}}]), Some("promptTokenCount")),
        (
            json!({"usage": {"prompt_tokens": 5.0, "completion_tokens": 5e1, "queue_time": 0.2, "tokens_per_second": 3.5, "cache_discount": -0.1}}),
            None,
        ),
        (json!({"arguments": {"tokens": -1}, "usage": {"prompt_tokens": 5}}), None),
    ] {
        assert_eq!(wrong_count(&value).map(|(name, _)| name), name, "{value}");
    }
}

#[test]
fn counts_that_contradict_each_other_are_flagged() {
    let media = |field: &str, tokens: u64| json!([{"modality": "TEXT", "tokenCount": field.len()}, {"modality": "AUDIO", "tokenCount": tokens}]);
    for (usage, is_wrong) in [
        (
            json!({"promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 3, "totalTokenCount": 18}),
            false,
        ),
        (
            json!({"promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 3, "totalTokenCount": 99}),
            true,
        ),
        (json!({"promptTokenCount": 10, "totalTokenCount": 15}), false),
        (json!({"promptTokenCount": 10, "candidatesTokenCount": 5, "promptTokensDetails": media("text", 6)}), false),
        (json!({"promptTokenCount": 10, "candidatesTokenCount": 5, "promptTokensDetails": media("text", 7)}), true),
        (json!({"promptTokenCount": 10, "candidatesTokenCount": 5, "candidatesTokensDetails": media("text", 2)}), true),
        (json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}), false),
        (json!({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 20}), true),
        (
            json!({"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"text_tokens": 8, "audio_tokens": 3}}),
            true,
        ),
        (
            json!({"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, "input_tokens_details": {"cached_tokens": 0}}),
            false,
        ),
        (
            json!({"input_tokens": 10, "output_tokens": 5, "total_tokens": 16, "input_tokens_details": {"cached_tokens": 0}}),
            true,
        ),
        (
            json!({"input_tokens": 1, "output_tokens": 1, "cache_creation_input_tokens": 10,
                   "cache_creation": {"ephemeral_5m_input_tokens": 6, "ephemeral_1h_input_tokens": 4}}),
            false,
        ),
        (
            json!({"input_tokens": 1, "output_tokens": 1, "cache_creation_input_tokens": 10,
                   "cache_creation": {"ephemeral_5m_input_tokens": 8, "ephemeral_1h_input_tokens": 4}}),
            true,
        ),
    ] {
        assert_eq!(buckets(&usage).inconsistent, is_wrong, "{usage}");
    }
}

#[test]
fn an_unknown_shape_names_what_was_looked_for() {
    for value in [
        json!({"tokens_used": 3}),
        json!(3),
        json!(null),
        json!([]),
        json!({"usage": {}}),
        json!({"usage": {"prompt_tokens": -5}}),
    ] {
        let unknown = read(&value, None).expect_err("no counts").to_string();
        assert!(unknown.contains("`prompt_tokens`") && unknown.contains("`promptTokenCount`"), "{unknown}");
    }
    let unknown = read(&json!({"tokens_used": 3, "b": 1}), None).expect_err("no counts");
    assert_eq!(unknown, Unread::UnknownShape(vec!["tokens_used".to_owned(), "b".to_owned()]));
}

#[test]
fn what_a_provider_charged_is_taken_when_it_can_be() {
    let told = |usage: Value| cost(&usage).map(Usd::to_decimal);
    assert_eq!(told(json!({"cost": 0.0135})).as_deref(), Some("0.0135"));
    assert_eq!(told(json!({"cost": {"total_cost": 0.006}})).as_deref(), Some("0.006"));
    assert_eq!(told(json!({"cost_in_usd_ticks": 135_000_000})).as_deref(), Some("0.0135"));
    assert_eq!(
        told(json!({"cost": 0.01, "cost_details": {"upstream_inference_cost": 0.01}, "is_byok": false})).as_deref(),
        Some("0.01")
    );
    assert_eq!(told(json!({"cost": 0, "cost_details": {"upstream_inference_cost": 0.01}})).as_deref(), Some("0.01"));
    for absurd in
        [json!({"cost": -0.01}), json!({"cost": 1e7}), json!({"cost_in_usd_ticks": u64::MAX}), json!({"cost": "free"})]
    {
        assert_eq!(told(absurd.clone()), None, "{absurd}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "usage",
        "prompt_tokens",
        "completion_tokens",
        "input_tokens",
        "output_tokens",
        "cached_tokens",
        "total_tokens",
        "reasoning_tokens",
        "promptTokenCount",
        "thoughtsTokenCount",
        "promptTokensDetails",
        "modality",
        "tokenCount",
        "cost",
        "response",
        "output",
        "type",
        "billed_units",
        "cache_creation",
        "prompt_tokens_details",
        "service_tier",
        "mode",
        "citation_tokens",
    ]);
    let leaf = prop_oneof![
        any::<i64>().prop_map(|it| json!(it)),
        any::<u64>().prop_map(|it| json!(it)),
        any::<f64>().prop_map(|it| json!(it)),
        Just(json!(null)),
        Just(json!("AUDIO")),
        Just(json!(true))
    ];
    leaf.prop_recursive(4, 40, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((names.clone(), inner), 0..8)
                .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_read_without_a_panic_and_what_is_kept_reads_the_same(value in any_json()) {
        if let Ok(usage) = read(&value, None) {
            let buckets = usage.billed_buckets();
            if value.is_object()
                && let Ok(kept) = read(&usage.raw, None)
            {
                prop_assert_eq!((kept.billed_buckets(), kept.service_tier), (buckets, usage.service_tier));
            }
        }
    }
}
