//! What every reader of logs must do, and what each must make of its tool's oddities.
#![expect(clippy::needless_pass_by_value, reason = "made-up entries read better without ampersands")]

use std::io::Cursor;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::chat::Buckets;

fn read_as(origin: &str, name: &str, bytes: &[u8], found: &mut Found) {
    let Reader::Text(read) = Origin::named(origin).expect("an origin").reader else { panic!("{origin} is no text") };
    read(&mut Cursor::new(bytes), name, found).expect("bytes in memory can be read");
}

fn read(origin: &str, log: &str) -> (Vec<Call>, BTreeMap<Why, Passed>) {
    let mut found = Found::default();
    read_as(origin, "session", log.as_bytes(), &mut found);
    (found.take_calls(), found.take_passed())
}

fn lines(values: &[Value]) -> String {
    values.iter().flat_map(|value| [value.to_string(), "\n".to_owned()]).collect()
}

fn buckets(call: &Call) -> Buckets {
    call.usage.billed_buckets().expect("counted")
}

fn once(line: u64) -> Passed {
    Passed { count: 1, line }
}

fn claude(message: &str, request: &str, output: u64) -> Value {
    json!({
        "type": "assistant", "sessionId": "s1", "cwd": "/home/u/shop", "requestId": request, "uuid": format!("{message}{output}"),
        "timestamp": "2026-11-20T10:00:00.000Z", "isSidechain": false,
        "message": {"id": message, "model": "claude-sonnet-4-5-20250929", "role": "assistant", "content": [], "usage": {
            "input_tokens": 4, "cache_creation_input_tokens": 300, "cache_read_input_tokens": 5000, "output_tokens": output,
            "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200}, "service_tier": "standard"
        }}
    })
}

fn claude_log() -> String {
    let synthetic = json!({"type": "assistant", "message": {"id": "x", "model": "<synthetic>", "usage": {}}});
    lines(&[
        json!({"type": "user", "sessionId": "s1", "message": {"role": "user", "content": "hello"}}),
        claude("m1", "r1", 1),
        claude("m2", "r2", 7),
        claude("m1", "r1", 90),
        synthetic,
        claude("m3", "r3", 8),
    ])
}

#[test]
fn a_response_that_is_logged_many_times_counts_once_and_its_last_counts_hold() {
    let (calls, passed) = read("claude-code", &claude_log());
    assert_eq!(calls.iter().map(|call| call.id.as_str()).collect::<Vec<_>>(), ["m1/r1", "m2/r2", "m3/r3"]);
    let counted = buckets(&calls[0]);
    assert_eq!((counted.input, counted.cache_read, counted.output), (4, 5000, 90));
    assert_eq!((counted.cache_write_5m, counted.cache_write_1h), (100, 200), "an hour has a price of its own");
    assert_eq!((calls[0].provider.as_str(), calls[0].project.as_deref()), ("anthropic", Some("/home/u/shop")));
    assert_eq!(calls[0].conversation.as_deref(), Some("s1"));
    assert_eq!(passed, BTreeMap::from([(Why::Synthetic, once(5))]));
}

#[test]
fn a_message_alone_or_a_request_alone_is_a_name_too_and_fast_mode_is_a_tier() {
    let mut fast = claude("m1", "r1", 3);
    fast["message"]["usage"]["speed"] = json!("fast");
    fast["requestId"] = Value::Null;
    let mut nameless = claude("m1", "r1", 3);
    nameless["message"]["id"] = Value::Null;
    let (calls, _) = read("claude-code", &lines(&[fast, nameless]));
    assert_eq!(calls.iter().map(|call| call.id.as_str()).collect::<Vec<_>>(), ["m1", "r1"]);
    assert_eq!(calls[0].usage.service_tier.as_deref(), Some("fast"));
    assert_eq!(calls[1].usage.service_tier.as_deref(), Some("standard"));
}

#[test]
fn a_model_of_a_cloud_is_priced_as_that_cloud_does() {
    for (name, provider) in [
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "bedrock"),
        ("claude-sonnet-4-5@20250929", "vertex"),
        ("claude-sonnet-4-5-20250929", "anthropic"),
        ("my-own-model", "unknown"),
    ] {
        let mut line = claude("m", "r", 1);
        line["message"]["model"] = json!(name);
        let (calls, _) = read("claude-code", &lines(&[line]));
        assert_eq!((calls[0].provider.as_str(), calls[0].model.as_str()), (provider, name));
    }
}

#[test]
fn lines_that_are_no_entries_are_passed_over_with_their_place() {
    let mut timeless = claude("m4", "r4", 1);
    timeless["timestamp"] = json!("yesterday");
    let log =
        format!("{}not json\n{}{}{{\"type\":\"assi", lines(&[claude("m1", "r1", 1)]), lines(&[timeless]), "[1]\n");
    let (calls, passed) = read("claude-code", &log);
    assert_eq!(calls.len(), 1);
    let expected = [(Why::NotJson, once(2)), (Why::CutOff, once(5)), (Why::Shape, once(4)), (Why::Timeless, once(3))];
    assert_eq!(passed, BTreeMap::from(expected));
}

fn meta(id: &str, more: Value) -> Value {
    let mut payload = json!({"id": id, "cwd": "/home/u/shop", "model_provider": "openai"});
    payload.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    json!({"timestamp": "2026-11-20T10:00:00.000Z", "type": "session_meta", "payload": payload})
}

fn turn(model: &str) -> Value {
    json!({"timestamp": "2026-11-20T10:00:00.100Z", "type": "turn_context", "payload": {"model": model, "cwd": "/home/u/shop"}})
}

fn used(input: u64, cached: u64, output: u64, reasoning: u64) -> Value {
    json!({"input_tokens": input, "cached_input_tokens": cached, "output_tokens": output,
        "reasoning_output_tokens": reasoning, "total_tokens": input + output})
}

fn counted(at: &str, total: Value, last: Value) -> Value {
    json!({"timestamp": format!("2026-11-20T{at}Z"), "type": "event_msg", "payload": {"type": "token_count",
        "info": {"total_token_usage": total, "last_token_usage": last, "model_context_window": 272_000}, "rate_limits": null}})
}

/// Two calls; limits are told before and after, with the same counts.
fn codex_log(id: &str) -> Vec<Value> {
    let limits = json!({"timestamp": "2026-11-20T10:00:01Z", "type": "event_msg",
        "payload": {"type": "token_count", "info": null, "rate_limits": {}}});
    vec![
        meta(id, json!({})),
        turn("gpt-5.3-codex"),
        limits,
        counted("10:00:09", used(1000, 200, 50, 20), used(1000, 200, 50, 20)),
        counted("10:00:10", used(1000, 200, 50, 20), used(1000, 200, 50, 20)),
        turn("gpt-5.4"),
        counted("10:00:30", used(3000, 1100, 90, 30), used(2000, 900, 40, 10)),
    ]
}

#[test]
fn codex_tells_totals_again_and_again_and_a_call_counts_once() {
    let (calls, passed) = read("codex", &lines(&codex_log("s1")));
    assert!(passed.is_empty(), "{passed:?}");
    let all: Vec<_> = calls.iter().map(|call| (call.model.as_str(), buckets(call))).collect();
    let first = Buckets { input: 800, cache_read: 200, output: 30, reasoning: 20, ..Buckets::default() };
    let second = Buckets { input: 1100, cache_read: 900, output: 30, reasoning: 10, ..Buckets::default() };
    assert_eq!(all, [("gpt-5.3-codex", first), ("gpt-5.4", second)]);
    assert_eq!((calls[0].provider.as_str(), calls[0].conversation.as_deref()), ("openai", Some("s1")));
}

#[test]
fn without_the_last_counts_the_difference_of_totals_is_what_was_used_and_a_new_count_begins_at_nothing() {
    let totals = [used(1000, 200, 50, 20), used(1000, 200, 50, 20), used(3000, 1100, 90, 30), used(70, 0, 5, 0)];
    let events = totals.into_iter().map(|total| counted("10:01:00", total, Value::Null));
    let log: Vec<Value> = [meta("s1", json!({})), turn("gpt-5.4")].into_iter().chain(events).collect();
    let (calls, _) = read("codex", &lines(&log));
    let all: Vec<_> = calls.iter().map(|call| (buckets(call).input_total(), buckets(call).output_total())).collect();
    assert_eq!(all, [(1000, 50), (2000, 40), (70, 5)]);
}

/// A fork as Codex writes it: its own meta, then all of its parent's lines with the time of the fork, then its own.
fn fork(id: &str, parent: &str) -> Vec<Value> {
    let mut log = vec![meta(id, json!({"forked_from_id": parent}))];
    log.extend(codex_log(parent).into_iter().map(|mut line| {
        line["timestamp"] = json!("2026-11-20T10:00:00.015Z");
        line
    }));
    log.push(counted("10:02:00", used(7000, 3000, 190, 60), used(4000, 1900, 100, 30)));
    log
}

#[test]
fn a_fork_counts_what_it_did_itself_and_not_what_it_copied() {
    let mut found = Found::default();
    read_as("codex", "a", lines(&codex_log("parent")).as_bytes(), &mut found);
    assert_eq!(found.take_calls().len(), 2);
    read_as("codex", "b", lines(&fork("child", "parent")).as_bytes(), &mut found);
    let own = found.take_calls();
    assert_eq!(own.iter().map(|call| buckets(call).output_total()).collect::<Vec<_>>(), [100]);
    assert_eq!(found.take_passed()[&Why::Copied].count, 3);
    // A fork of the fork repeats both.
    let mut grandchild = vec![meta("grandchild", json!({"forked_from_id": "child"}))];
    grandchild.extend(fork("child", "parent"));
    grandchild.push(counted("10:05:00", used(9000, 3000, 200, 60), used(2000, 0, 10, 0)));
    read_as("codex", "c", lines(&grandchild).as_bytes(), &mut found);
    let own = found.take_calls();
    assert_eq!(own.iter().map(|call| buckets(call).output_total()).collect::<Vec<_>>(), [10]);
}

#[test]
fn a_fork_whose_parent_is_gone_is_told_by_its_times() {
    let (calls, passed) = read("codex", &lines(&fork("child", "gone")));
    assert_eq!(calls.iter().map(|call| buckets(call).output_total()).collect::<Vec<_>>(), [100]);
    assert_eq!(passed[&Why::Copied].count, 3);
}

#[test]
fn an_agent_that_copies_nothing_counts_all_it_did() {
    let source = json!({"source": {"of": {"thread_spawn": {"parent_thread_id": "parent"}}}});
    let log = [
        meta("agent", source),
        meta("parent", json!({})),
        turn("gpt-5.4"),
        counted("10:00:00.500", used(700, 0, 9, 0), used(700, 0, 9, 0)),
    ];
    let mut found = Found::default();
    read_as("codex", "a", lines(&codex_log("parent")).as_bytes(), &mut found);
    found.take_calls();
    read_as("codex", "b", lines(&log).as_bytes(), &mut found);
    assert_eq!(found.take_calls().len(), 1);
    assert_eq!(read("codex", &lines(&log)).0.len(), 1, "whether the parent is there or not");
}

fn spend(id: &str, more: Value) -> Value {
    let mut row = json!({
        "request_id": id, "call_type": "acompletion", "api_key": "88dc28", "spend": 0.001_25, "total_tokens": 1100,
        "prompt_tokens": 1000, "completion_tokens": 100, "startTime": "2026-11-20T10:00:00.000Z",
        "endTime": "2026-11-20T10:00:02.500Z", "model": "openai/gpt-4o", "custom_llm_provider": "openai", "cache_hit": "False",
        "request_tags": ["job:nightly", "prod", "User-Agent: curl"], "session_id": "trace-1", "status": "success",
        "metadata": {"usage_object": {"prompt_tokens": 1000, "completion_tokens": 100,
            "prompt_tokens_details": {"cached_tokens": 400}, "completion_tokens_details": {"reasoning_tokens": 60}}}
    });
    row.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    row
}

fn spend_rows() -> Vec<Value> {
    vec![
        spend("a", json!({})),
        spend("b", json!({"cache_hit": "True"})),
        spend("c", json!({"metadata": {"additional_usage_values": {"prompt_tokens_details": {"cached_tokens": 10}}}})),
        spend(
            "d",
            json!({"status": "failure", "spend": 0, "prompt_tokens": 0, "completion_tokens": 0,
            "metadata": {"status": "failure", "error_information": {"error_code": "429"}}}),
        ),
        spend(
            "e",
            json!({"call_type": "aimage_generation", "model": "dall-e-3", "prompt_tokens": 0, "completion_tokens": 0,
            "spend": 0.04, "metadata": {}}),
        ),
    ]
}

/// The rows as a database exports them: numbers and JSON as texts.
fn csv(rows: &[Value]) -> String {
    let names = [
        "request_id",
        "call_type",
        "spend",
        "prompt_tokens",
        "completion_tokens",
        "startTime",
        "endTime",
        "model",
        "custom_llm_provider",
        "cache_hit",
        "metadata",
        "request_tags",
        "session_id",
        "status",
    ];
    let cell = |value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("\"{}\"", text.replace('"', "\"\""))
    };
    let row = |row: &Value| names.map(|name| cell(&row[name])).join(",");
    std::iter::once(names.join(",")).chain(rows.iter().map(row)).map(|line| line + "\n").collect()
}

#[test]
fn litellm_rows_are_the_same_as_lines_as_an_array_and_as_csv() {
    let rows = spend_rows();
    let array = serde_json::to_string_pretty(&rows).expect("JSON");
    let (calls, passed) = read("litellm", &lines(&rows));
    assert_eq!(calls.iter().map(|call| call.id.as_str()).collect::<Vec<_>>(), ["a", "c", "d", "e"]);
    assert_eq!(passed.keys().collect::<Vec<_>>(), [&Why::FromCache], "a cache hit was not sent to anybody");
    for text in [array.as_str(), &csv(&rows)] {
        let (again, passed) = read("litellm", text);
        assert_eq!(passed.keys().collect::<Vec<_>>(), [&Why::FromCache]);
        for (call, again) in calls.iter().zip(&again) {
            assert_eq!(call, again);
        }
        assert_eq!(again.len(), calls.len());
    }
}

#[test]
fn what_litellm_says_is_read_with_its_details_and_its_spend_is_a_claim() {
    let (calls, _) = read("litellm", &lines(&spend_rows()));
    let [a, c, d, e] = calls.as_slice() else { panic!("four calls") };
    assert_eq!((a.provider.as_str(), a.model.as_str()), ("openai", "gpt-4o"));
    let first = Buckets { input: 600, cache_read: 400, output: 40, reasoning: 60, ..Buckets::default() };
    assert_eq!(buckets(a), first);
    assert_eq!(a.claimed, Usd::parse("0.00125"));
    assert_eq!(a.duration, Some(Duration::from_millis(2500)));
    assert_eq!(
        a.tags,
        BTreeMap::from([("job", "nightly"), ("prod", "true")].map(|(k, v)| (k.to_owned(), v.to_owned())))
    );
    assert_eq!((buckets(c).input, buckets(c).cache_read), (990, 10), "older versions keep the details elsewhere");
    assert_eq!((d.failed, d.rejected, d.claimed), (true, true, None));
    assert_eq!((e.usage.billed_buckets(), e.claimed), (None, Usd::parse("0.04")), "an image has no tokens");
}

#[test]
fn a_row_of_csv_that_is_cut_off_is_no_row_even_where_it_seems_whole() {
    let text = csv(&spend_rows()[..1]);
    let (calls, passed) = read("litellm", text.trim_end_matches("\"\n"));
    assert!(calls.is_empty());
    assert_eq!(passed, BTreeMap::from([(Why::CutOff, once(2))]));
    let (_, passed) = read("litellm", "request_id,spend\na,1,2\n");
    assert_eq!(passed, BTreeMap::from([(Why::Shape, once(2))]));
}

fn llm_call(row: &Value) -> Call {
    let mut found = Found::default();
    llm::read(row, 1, &mut found);
    found.take_calls().pop().unwrap_or_else(|| panic!("{:?}", found.take_passed()))
}

fn response(model: &str, resolved: Option<&str>, input: u64, output: u64, details: &Value) -> Value {
    json!({"id": "01k", "model": model, "resolved_model": resolved, "datetime_utc": "2026-11-20T10:00:00.123456+00:00",
        "duration_ms": 1500, "conversation_id": "01c", "thread_id": null, "input_tokens": input, "output_tokens": output,
        "token_details": details.to_string()})
}

#[test]
fn each_plugin_of_llm_counts_as_its_provider_does() {
    let openai =
        json!({"prompt_tokens_details": {"cached_tokens": 30}, "completion_tokens_details": {"reasoning_tokens": 5}});
    let responses =
        json!({"input_tokens_details": {"cached_tokens": 30}, "output_tokens_details": {"reasoning_tokens": 5}});
    let anthropic = json!({"cache_read_input_tokens": 30, "cache_creation_input_tokens": 0});
    let gemini = json!({"cachedContentTokenCount": 30, "candidatesTokenCount": 15, "thoughtsTokenCount": 5});
    let older_gemini = json!({"cachedContentTokenCount": 30, "thoughtsTokenCount": 5});
    let all = [
        (response("gpt-4o", Some("gpt-4o-2024-08-06"), 100, 20, &openai), ("openai", "gpt-4o-2024-08-06"), (70, 15, 5)),
        (response("openai/gpt-5.4", None, 100, 20, &responses), ("openai", "gpt-5.4"), (70, 15, 5)),
        (
            response("anthropic/claude-sonnet-4-5", None, 100, 20, &anthropic),
            ("anthropic", "claude-sonnet-4-5"),
            (100, 20, 0),
        ),
        (
            response("gemini/gemini-flash-latest", Some("gemini-2.5-flash"), 100, 20, &gemini),
            ("gemini", "gemini-2.5-flash"),
            (70, 15, 5),
        ),
        (response("gemini-2.5-flash", None, 100, 15, &older_gemini), ("gemini", "gemini-2.5-flash"), (70, 15, 5)),
        (
            response("openrouter/openai/gpt-4o", None, 100, 20, &Value::Null),
            ("openrouter", "openai/gpt-4o"),
            (100, 20, 0),
        ),
    ];
    for (row, (provider, model), counts) in all {
        let call = llm_call(&row);
        let counted = buckets(&call);
        assert_eq!((call.provider.as_str(), call.model.as_str()), (provider, model), "{row}");
        assert_eq!((counted.input, counted.output, counted.reasoning), counts, "{row}");
        assert!(!counted.inconsistent, "{row}");
    }
}

#[test]
fn a_row_of_llm_without_counts_is_a_call_of_unknown_cost() {
    let mut row = response("gpt-4o", None, 1, 1, &Value::Null);
    row["input_tokens"] = Value::Null;
    row["output_tokens"] = Value::Null;
    let call = llm_call(&row);
    assert_eq!(call.usage.billed_buckets(), None);
    assert_eq!((call.duration, call.conversation.as_deref()), (Some(Duration::from_millis(1500)), Some("01c")));
}

#[test]
fn a_file_is_recognised_by_how_it_begins() {
    let of = |head: &str| recognise(head.as_bytes()).map(|origin| origin.name);
    assert_eq!(of(&claude_log()), Some("claude-code"));
    assert_eq!(of("{\"type\":\"summary\",\"summary\":\"x\",\"leafUuid\":\"y\"}"), Some("claude-code"));
    assert_eq!(of(&lines(&codex_log("s"))), Some("codex"));
    assert_eq!(of(&lines(&spend_rows())), Some("litellm"));
    assert_eq!(of(&csv(&spend_rows())), Some("litellm"));
    assert_eq!(of("SQLite format 3\0..."), Some("llm"));
    for strange in ["", "{}", "name,age\na,1\n", "{\"role\":\"user\",\"content\":\"the session_meta of a request_id\"}"]
    {
        assert_eq!(of(strange), None, "{strange}");
    }
}

#[test]
fn the_usual_places_follow_from_the_surroundings() {
    let home = std::path::Path::new("/home/me");
    let paths = |name: &str, variables: &[(&str, &str)]| {
        let get =
            |wanted: &str| variables.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned());
        let paths = Origin::named(name).expect("an origin").paths(Some(home), &get);
        paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(paths("claude-code", &[]), ["/home/me/.claude/projects", "/home/me/.config/claude/projects"]);
    let two = [("CLAUDE_CONFIG_DIR", "/a, /b")];
    assert_eq!(paths("claude-code", &two), ["/a/projects", "/b/projects"]);
    assert_eq!(paths("codex", &[("CODEX_HOME", "/c")]), ["/c/sessions", "/c/archived_sessions"]);
    assert_eq!(paths("llm", &[("XDG_CONFIG_HOME", "/x")])[0], "/x/io.datasette.llm/logs.db");
    assert!(paths("litellm", &[]).is_empty());
}

#[test]
fn more_is_a_larger_count_or_a_cost_that_was_unknown() {
    let sums = |output, unknown| Sums { unknown, output, ..Sums::default() };
    assert!(is_more(&sums(2, 0), &sums(1, 0)) && !is_more(&sums(1, 0), &sums(2, 0)));
    assert!(is_more(&sums(1, 0), &sums(1, 1)) && !is_more(&sums(1, 1), &sums(1, 0)));
    assert!(!is_more(&sums(1, 0), &sums(1, 0)), "the same is nothing new");
}

/// Logs of every origin that is text, in each of its forms.
fn logs() -> Vec<(&'static str, String)> {
    let rows = spend_rows();
    vec![
        ("claude-code", claude_log()),
        ("codex", lines(&codex_log("s1"))),
        ("codex", lines(&fork("child", "gone"))),
        ("litellm", lines(&rows)),
        ("litellm", serde_json::to_string_pretty(&rows).expect("JSON")),
        ("litellm", csv(&rows)),
    ]
}

#[test]
fn a_log_that_is_cut_anywhere_gives_a_prefix_of_its_calls_and_says_that_it_is_cut() {
    for (origin, log) in logs() {
        let (whole, problems) = read(origin, &log);
        assert!(problems.keys().all(|why| why.is_harmless()), "{origin}: {problems:?}");
        for end in (0..log.len()).filter(|end| log.is_char_boundary(*end)) {
            let (calls, passed) = read(origin, &log[..end]);
            let ids = |calls: &[Call]| calls.iter().map(|call| call.id.clone()).collect::<Vec<_>>();
            assert!(ids(&whole).starts_with(&ids(&calls)), "{origin} cut at {end}");
            let at_an_end = log[..end].trim_end().is_empty() || log[..end].ends_with(['\n', '}']);
            assert!(at_an_end || passed.contains_key(&Why::CutOff), "{origin} cut at {end}: {passed:?}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for origin in ["claude-code", "codex", "litellm"] {
            read_as(origin, "x", &bytes, &mut Found::default());
        }
        recognise(&bytes);
    }

    #[test]
    fn no_change_to_a_log_makes_a_reader_panic(at in any::<prop::sample::Index>(), with in prop::collection::vec(any::<u8>(), 0..8)) {
        for (origin, log) in logs() {
            let mut bytes = log.into_bytes();
            let at = at.index(bytes.len());
            let end = (at + with.len()).min(bytes.len());
            bytes.splice(at..end, with.iter().copied());
            read_as(origin, "x", &bytes, &mut Found::default());
        }
    }

    #[test]
    fn no_number_in_a_log_makes_a_reader_panic(counts in prop::array::uniform4(any::<u64>())) {
        let [a, b, c, d] = counts;
        let log = [meta("s", json!({})), counted("10:00:00", used(a / 2, b, c / 2, d), Value::Null),
            counted("10:00:01", used(d / 2, c, b / 2, a), Value::Null)];
        read("codex", &lines(&log));
        for call in read("claude-code", &lines(&[claude("m", "r", a)])).0 {
            prop_assert!(call.usage.billed_buckets().is_some());
        }
    }
}
