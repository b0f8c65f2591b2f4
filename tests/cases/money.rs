//! Cases 48 to 51: what a reply cost, to the last digit, and who is asked to pay.

use serde_json::{Value, json};

use super::{corp, recorded, told, with_catalog};
use crate::support::answering::{replies, says};
use crate::support::{Answering, Home};

/// What `complete` says a whole reply cost, in that format and at these prices.
fn cost(wire: &str, quirks: &str, price: &str, reply: Value) -> Value {
    let server = Answering::start(move |_, _| (200, reply.clone()));
    let toml = server.config("corp/m").replace("openai-chat", wire) + quirks;
    let home = Home::new();
    home.write_config(&with_catalog(&home, &format!("[models.\"corp/m\"]\nprice = {{ {price} }}\n"), &toml));
    let (code, object) = told(home.llmx().args(["complete", "-S", "hi"]));
    assert_eq!(code, 0, "{object}");
    assert_eq!(recorded(&home)["attempts"][0]["cost"], object["cost"]["usd"], "the ledger says the same");
    object["cost"]["usd"].clone()
}

fn openai(usage: &Value) -> Value {
    let choice = json!({"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"});
    json!({"id": "1", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage})
}

fn anthropic(usage: &Value) -> Value {
    json!({"id": "1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
           "content": [{"type": "text", "text": "hi"}], "usage": usage})
}

fn gemini(usage: &Value) -> Value {
    let candidate = json!({"content": {"parts": [{"text": "hi"}]}, "finishReason": "STOP"});
    json!({"candidates": [candidate], "usageMetadata": usage})
}

#[test]
fn case_48_cached_tokens_are_paid_once_whether_they_are_inside_the_prompts_count_or_beside_it() {
    // 2000 · 2.5 + 8000 · 1.25 + 500 · 10
    let usage = json!({"prompt_tokens": 10_000, "completion_tokens": 500,
                       "prompt_tokens_details": {"cached_tokens": 8000}});
    let price = "input = 2.5, output = 10, cached_read = 1.25";
    assert_eq!(cost("openai-chat", "", price, openai(&usage)), "0.02");
    // 2000 · 3 + 8000 · 0.3 + 1000 · 3.75 + 500 · 15
    let price = "input = 3, output = 15, cached_read = 0.3, cache_write_5m = 3.75, cache_write_1h = 6";
    let usage = json!({"input_tokens": 2000, "cache_read_input_tokens": 8000, "cache_creation_input_tokens": 1000,
                       "output_tokens": 500});
    assert_eq!(cost("anthropic", "", price, anthropic(&usage)), "0.01965");
    // 600 of the 1000 at 3.75, 400 at 6
    let mut usage = usage;
    usage["cache_creation"] = json!({"ephemeral_5m_input_tokens": 600, "ephemeral_1h_input_tokens": 400});
    assert_eq!(cost("anthropic", "", price, anthropic(&usage)), "0.02055");
    // 2000 · 1.25 + 8000 · 0.125 + 500 · 10
    let usage = json!({"promptTokenCount": 10_000, "cachedContentTokenCount": 8000, "candidatesTokenCount": 500,
                       "totalTokenCount": 10_500});
    assert_eq!(cost("gemini", "", "input = 1.25, output = 10, cached_read = 0.125", gemini(&usage)), "0.0085");
}

#[test]
fn case_49_every_way_of_counting_comes_to_the_hand_computed_cost() {
    let thinks = |inside: u64| {
        json!({"prompt_tokens": 1000, "completion_tokens": inside,
               "completion_tokens_details": {"reasoning_tokens": 900}})
    };
    let table = [
        // Fireworks without a price for cached tokens: 10,000 · 1 + 500 · 2
        (
            "openai-chat",
            "",
            "input = 1, output = 2",
            "0.011",
            openai(&json!({"prompt_tokens": 10_000,
            "completion_tokens": 500, "prompt_tokens_details": {"cached_tokens": 8000}})),
        ),
        // DeepSeek: 2000 · 0.28 + 8000 · 0.028 + 500 · 0.42
        (
            "openai-chat",
            "",
            "input = 0.28, output = 0.42, cached_read = 0.028",
            "0.000994",
            openai(&json!({
            "prompt_tokens": 10_000, "completion_tokens": 500, "prompt_cache_hit_tokens": 8000,
            "prompt_cache_miss_tokens": 2000})),
        ),
        // Gemini thinks beside its candidates: 1000 · 1.25 + 2000 · 10
        (
            "gemini",
            "",
            "input = 1.25, output = 10",
            "0.02125",
            gemini(&json!({"promptTokenCount": 1000,
            "candidatesTokenCount": 500, "thoughtsTokenCount": 1500, "totalTokenCount": 3000})),
        ),
        // OpenAI thinks inside the completion, xAI beside it: both 1000 · 2 + 1000 · 6
        ("openai-chat", "", "input = 2, output = 6", "0.008", openai(&thinks(1000))),
        (
            "openai-chat",
            "quirks = { reasoning_outside_output = true }\n",
            "input = 2, output = 6",
            "0.008",
            openai(&thinks(100)),
        ),
        // What the provider says counts, whatever the catalogue thinks.
        (
            "openai-chat",
            "",
            "input = 9, output = 9",
            "0.00125",
            openai(&json!({"prompt_tokens": 5,
            "completion_tokens": 7, "cost": 0.00125})),
        ),
    ];
    for (wire, quirks, price, expected, reply) in table {
        assert_eq!(cost(wire, quirks, price, reply.clone()), expected, "{reply}");
    }
}

#[test]
fn case_50_every_attempt_has_its_row_at_the_price_of_the_model_that_ran() {
    let server = Answering::start(|_, body| match body["model"].as_str() {
        Some("m1") => (500, json!({"error": {"message": "no"}})),
        // Five tokens of prompt and seven of thinking that led to nothing.
        Some("m2") => replies(&json!({"role": "assistant", "content": ""}), "stop"),
        _ => says("hi"),
    });
    let home = Home::new();
    let price = |model: &str, input: u64, output: u64| {
        format!("[models.\"corp/{model}\"]\nprice = {{ input = {input}, output = {output} }}\n")
    };
    let models = price("m1", 100, 100) + &price("m2", 2, 4) + &price("m3", 3, 6);
    home.write_config(&with_catalog(&home, &models, &corp(&server, 3)));
    let (code, object) = told(home.llmx().args(["complete", "hi"]));
    let run = recorded(&home);
    let rows: Vec<Value> = run["attempts"]
        .as_array()
        .expect("attempts")
        .iter()
        .map(|row| json!([row["model"], row["outcome"], row["cost"], row["cost_source"]]))
        .collect();
    let expected = [
        json!(["m1", "failed", "0", "not_billed"]),
        json!(["m2", "failed", "0.000038", "computed"]),
        json!(["m3", "complete", "0.000057", "computed"]),
    ];
    assert_eq!((code, rows), (0, expected.to_vec()));
    assert_eq!((&object["cost"]["usd"], &object["cost"]["unknown_attempts"]), (&json!("0.000095"), &json!(0)));
}

#[test]
fn case_51_the_ledger_has_what_the_provider_counted_and_no_estimate_in_its_place() {
    let prompt = "many words ".repeat(200);
    let counted = Answering::start(|_, _| says("hi"));
    let home = Home::new();
    home.write_config(&with_catalog(
        &home,
        "[models.\"corp/m1\"]\nprice = { input = 1, output = 1 }\n",
        &corp(&counted, 1),
    ));
    home.llmx().args(["complete", &prompt]).run().expect_code(0);
    let attempt = &recorded(&home)["attempts"][0];
    assert_eq!((&attempt["tokens"]["input_total"], &attempt["tokens"]["output_total"]), (&json!(5), &json!(7)));
    assert_eq!((&attempt["cost"], &attempt["cost_source"]), (&json!("0.000012"), &json!("computed")));
    let choice = json!({"message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"});
    let uncounted = Answering::start(move |_, _| (200, json!({"choices": [choice]})));
    home.write_config(&with_catalog(
        &home,
        "[models.\"corp/m1\"]\nprice = { input = 1, output = 1 }\n",
        &corp(&uncounted, 1),
    ));
    home.llmx().args(["complete", &prompt]).run().expect_code(0);
    let attempt = &recorded(&home)["attempts"][0];
    let words = json!([attempt["tokens"], attempt["cost"], attempt["cost_source"]]);
    assert_eq!(words, json!([null, null, "unknown"]));
}
