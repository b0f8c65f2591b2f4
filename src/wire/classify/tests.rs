use std::time::Duration;

use serde_json::json;

use super::*;
use crate::failure::{FallBack, Overflow, Retry, RetryAfter};

fn class(status: u16, body: &str) -> C {
    http_failure(&ResponseHead { status, headers: Vec::new() }, body.as_bytes()).class
}

#[test]
fn case_33_a_spent_quota_is_no_rate_limit() {
    let table = [
        (429, r#"{"error":{"code":"insufficient_quota","type":"insufficient_quota"}}"#),
        (429, r#"{"error":{"code":"credit_balance_exhausted"}}"#),
        (
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access"}}"#,
        ),
        (429, r#"{"error":{"type":"rate_limit_error","code":"enforced_spend_limit_reached"}}"#),
        (402, r#"{"error":{"message":"Insufficient Balance"}}"#),
        (402, ""),
        (
            429,
            r#"{"error":{"status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}]}}"#,
        ),
    ];
    for (status, body) in table {
        assert_eq!(class(status, body), C::QuotaExhausted, "{status} {body}");
    }
    let rule = C::QuotaExhausted.rule();
    assert_eq!((rule.retry, rule.fall_back), (Retry::Never, FallBack::Yes));
}

#[test]
fn case_34_what_says_quota_and_refills_soon_is_not_a_spent_one() {
    let table = [
        (
            429,
            r#"{"error":{"status":"RESOURCE_EXHAUSTED","message":"You exceeded your current quota","details":[{"violations":[{"quotaId":"GenerateContentPaidTierInputTokensPerModelPerMinute"}]}]}}"#,
            C::RateLimit,
        ),
        (402, r#"{"error":{"code":402,"message":"x","metadata":{"error_type":"in_flight_budget"}}}"#, C::RateLimit),
        (498, r#"{"error":{"message":"busy"}}"#, C::Overloaded),
        (400, r#"{"__type":"x","type":"ServiceQuotaExceededException","message":"slow"}"#, C::RateLimit),
    ];
    for (status, body, expected) in table {
        assert_eq!(class(status, body), expected, "{status} {body}");
    }
    assert_eq!((C::RateLimit.rule().retry, C::Overloaded.rule().retry), (Retry::WhenLast, Retry::WhenLast));
}

#[test]
fn case_35_bad_keys_are_known_in_every_shape() {
    let table = [
        (
            400,
            r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#,
        ),
        (401, r#"{"error":{"code":"invalid_api_key"}}"#),
        (401, r#"{"message":"invalid api token"}"#),
        (
            400,
            r#"{"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***. You can"}"#,
        ),
        (403, r#"{"error":"please check the api-key you provided"}"#),
        (401, "<html>401</html>"),
    ];
    for (status, body) in table {
        assert_eq!(class(status, body), C::Auth, "{status} {body}");
    }
}

#[test]
fn case_36_context_overflow_is_known_in_many_wordings() {
    let messages = [
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
        "prompt is too long: 3333404 tokens > 200000 maximum",
        "Prompt contains 40000 tokens, too large for model with 32768 maximum context length",
        "Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192",
        "request (2009 tokens) exceeds the available context size (512 tokens), try increasing it",
        "The length of all messages is too long",
        "Input is too long for requested model.",
        "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).",
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096",
        "prompt tokens (300) exceed model maximum (200)",
        "Trying to keep the first 5000 tokens. However, the model is loaded with context length of only 4096 tokens",
        // vLLM; OpenRouter, which passes on what it was told.
        "This model's maximum context length is 4096 tokens. Please reduce the length of the input messages.",
        "This endpoint's maximum context length is 131072 tokens. However, you requested about 200001 tokens",
    ];
    for message in messages {
        for status in [400, 403] {
            assert_eq!(
                class(status, &json!({"error": {"message": message}}).to_string()),
                C::ContextWindow,
                "{message}"
            );
        }
        assert_eq!(reported_failure(&json!({"error": message})).class, C::ContextWindow, "{message}");
    }
    for code in ["context_length_exceeded", "exceed_context_size_error"] {
        let body = json!({"error": {"message": "too long", "type": "invalid_request_error", "code": code}});
        assert_eq!(class(400, &body.to_string()), C::ContextWindow, "{code}");
    }
    let passed_on = r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"message\":\"prompt is too long: 9 tokens > 8 maximum\"}"}}}"#;
    assert_eq!(class(400, passed_on), C::ContextWindow);
}

#[test]
fn other_length_limits_are_not_the_context_window() {
    let body =
        r#"{"error":{"code":"string_above_max_length","message":"Invalid 'user': string too long. Expected maximum"}}"#;
    assert_eq!(class(400, body), C::InvalidRequest);
    let body = r#"{"error":{"message":"max_tokens is too large: 50000. This model supports at most 16384 completion tokens"}}"#;
    assert_eq!(class(400, body), C::UnsupportedParameter);
}

#[test]
fn a_key_that_may_not_do_this_is_not_a_wrong_key() {
    let error = |message: &str| format!(r#"{{"error":{{"type":"permission_error","message":"{message}"}}}}"#);
    let not_allowed = error("Your API key does not have permission to use the specified resource.");
    assert_eq!(class(403, &not_allowed), C::Permission);
    assert_eq!(class(403, &error("The API key you provided is not known")), C::Auth);
}

#[test]
fn statuses_decide_when_nothing_else_does() {
    let table = [
        (400, C::InvalidRequest),
        (401, C::Auth),
        (403, C::Permission),
        (404, C::ModelNotFound),
        (410, C::ModelNotFound),
        (413, C::PayloadTooLarge),
        (418, C::InvalidRequest),
        (422, C::InvalidRequest),
        (429, C::RateLimit),
        (500, C::ServerError),
        (503, C::Overloaded),
        (520, C::ServerError),
        (529, C::Overloaded),
        (599, C::ServerError),
        (700, C::Protocol),
    ];
    for (status, expected) in table {
        let failure = http_failure(&ResponseHead { status, headers: Vec::new() }, b"");
        assert_eq!((failure.class, failure.rule), (expected, format!("status {status}")));
        assert_eq!(failure.status, Some(status));
    }
}

#[test]
fn errors_inside_a_200_are_classed_by_their_own_words() {
    let table = [
        (json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}), C::Overloaded),
        (json!({"error": {"code": 429, "message": "slow down please"}}), C::RateLimit),
        (json!({"error": {"code": 502, "message": "Provider returned error"}}), C::ServerError),
        (json!({"error": {"type": "invalid_request_error", "message": "bad"}}), C::InvalidRequest),
        (json!({"error": {"type": "server_error"}}), C::ServerError),
        (json!({"error": {"message": "something else"}}), C::Protocol),
        (json!([{"error": {"code": 503, "status": "UNAVAILABLE"}}]), C::Overloaded),
    ];
    for (error, expected) in table {
        let failure = reported_failure(&error);
        assert_eq!((failure.class, failure.status), (expected, None), "{error}");
    }
}

#[test]
fn every_shape_of_body_is_read() {
    let read = |kind: Option<&str>, code: Option<&str>, message: Option<&str>| {
        (kind.map(str::to_owned), code.map(str::to_owned), message.map(str::to_owned))
    };
    let table = [
        (r#"{"error":{"message":"m","type":"t","code":7}}"#, read(Some("t"), Some("7"), Some("m"))),
        (r#"{"error":{"code":400,"message":"m","status":"S"}}"#, read(Some("S"), Some("400"), Some("m"))),
        (r#"{"error":"m"}"#, read(None, None, Some("m"))),
        (r#"{"code":"c","error":"m"}"#, read(None, Some("c"), Some("m"))),
        (r#"{"message":"m","type":"t","code":"c"}"#, read(Some("t"), Some("c"), Some("m"))),
        (r#"{"detail":"m"}"#, read(None, None, Some("m"))),
        (r#"{"detail":[{"loc":["a",0],"msg":"x"}]}"#, read(None, None, Some(r#"[{"loc": ["a", 0], "msg": "x"}]"#))),
        (r#"{"errors":[{"message":"m","code":1}]}"#, read(None, Some("1"), Some("m"))),
        (r#"{"errors":["m"]}"#, read(None, None, Some("m"))),
        (r#"[{"error":{"message":"m"}}]"#, read(None, None, Some("m"))),
        (r#"{"code":400,"reason":"R","message":"m"}"#, read(Some("R"), Some("400"), Some("m"))),
        ("plain words", read(None, None, Some("plain words"))),
        (" <!doctype html><p>no", read(None, None, None)),
        ("", read(None, None, None)),
        ("\"m\"", read(None, None, Some("m"))),
        ("{}", read(None, None, None)),
    ];
    for (body, expected) in table {
        let failure = http_failure(&ResponseHead { status: 400, headers: Vec::new() }, body.as_bytes());
        assert_eq!((failure.kind, failure.code, failure.message), expected, "{body}");
    }
}

#[test]
fn a_redirect_names_only_the_origin() {
    let location = "https://user:pw@evil.example:8443/path?key=secret";
    let head = ResponseHead { status: 307, headers: vec![("location".to_owned(), location.to_owned())] };
    let failure = http_failure(&head, b"");
    assert_eq!((failure.class, failure.class.rule().retry), (C::Redirect, Retry::Never), "the same would come again");
    let message = "the server redirects to `https://evil.example:8443`, and redirects are not followed";
    assert_eq!(failure.message.as_deref(), Some(message));
}

#[test]
fn request_ids_and_waits_are_taken_from_headers_or_body() {
    let body = br#"{"error":{"message":"Please try again in 2s"},"request_id":"req_body"}"#;
    let failure = http_failure(&ResponseHead { status: 429, headers: Vec::new() }, body);
    assert_eq!(failure.request_id.as_deref(), Some("req_body"));
    assert_eq!(failure.retry_after, Some(RetryAfter::In(Duration::from_secs(2))));
    let headers = vec![("x-request-id".to_owned(), "req_head".to_owned()), ("retry-after".to_owned(), "3".to_owned())];
    let failure = http_failure(&ResponseHead { status: 429, headers }, body);
    assert_eq!(failure.request_id.as_deref(), Some("req_head"));
    assert_eq!(failure.retry_after, Some(RetryAfter::In(Duration::from_secs(3))));
}

#[test]
fn an_unsupported_parameter_is_named() {
    let table = [
        (
            400,
            r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":"max_tokens","code":"unsupported_parameter"}}"#,
            Some("max_tokens"),
            Some("max_completion_tokens"),
        ),
        (
            400,
            r#"{"error":{"message":"logprobs are not supported with reasoning models.","param":"top_logprobs","code":"unsupported_parameter"}}"#,
            Some("top_logprobs"),
            None,
        ),
        (
            400,
            r#"{"error":{"message":"Logprobs is not enabled for this model","status":"INVALID_ARGUMENT"}}"#,
            Some("Logprobs"),
            None,
        ),
        (
            422,
            r#"{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted","input":1}]}"#,
            Some("seed"),
            None,
        ),
        (
            400,
            r#"{"message":"This model doesn't support the s3Uri field. Remove s3Uri and try again."}"#,
            Some("s3Uri"),
            None,
        ),
        (
            400,
            r#"{"error":{"message":"Unrecognized request argument supplied: min_p","param":null}}"#,
            Some("min_p"),
            None,
        ),
    ];
    for (status, body, parameter, instead) in table {
        let failure = http_failure(&ResponseHead { status, headers: Vec::new() }, body.as_bytes());
        let found = (failure.class, failure.parameter.as_deref(), failure.instead.as_deref());
        assert_eq!(found, (C::UnsupportedParameter, parameter, instead), "{body}");
    }
}

#[test]
fn quotas_of_a_day_or_a_month_are_not_rate_limits() {
    let groq =
        "Rate limit reached for model `x` on requests per day (RPD): Limit 1000, Used 1000. Please try again in 7m12s.";
    let minute = "Rate limit reached for model `x` on tokens per minute (TPM): Limit 6000, Used 5000, Requested 2000.";
    let cohere = "You are using a Trial key, which is limited to 1000 API calls / month.";
    let table = [
        (json!({"error": {"message": groq, "type": "requests", "code": "rate_limit_exceeded"}}), C::QuotaExhausted),
        (json!({"error": {"message": minute, "type": "tokens", "code": "rate_limit_exceeded"}}), C::RateLimit),
        (json!({"message": cohere}), C::QuotaExhausted),
        (json!({"message": "You are using a Trial key, which is limited to 10 API calls / minute."}), C::RateLimit),
        (
            json!({"message": "Tokens per day limit exceeded - too many tokens processed.", "code": "token_quota_exceeded"}),
            C::QuotaExhausted,
        ),
        (json!({"error": {"code": 429, "message": "Rate limit exceeded: free-models-per-day"}}), C::QuotaExhausted),
        (
            json!({"error": {"code": 429, "message": "Rate limit exceeded: limit_rpm/x. High demand: limited to 1 requests per minute."}}),
            C::RateLimit,
        ),
        (
            json!({"error": {"code": "RateLimitReached", "message": "Rate limit of 150 per 86400s exceeded for UserByModelByDay."}}),
            C::QuotaExhausted,
        ),
        (
            json!({"errors": [{"code": 3036, "message": "you have used up your daily free allocation of 10,000 neurons"}]}),
            C::QuotaExhausted,
        ),
        (json!({"error": {"type": "exceeded_current_quota_error", "message": "x"}}), C::QuotaExhausted),
        (
            json!({"error": {"code": "insufficient_quota", "message": "You exceeded your current quota"}}),
            C::QuotaExhausted,
        ),
        (
            json!({"error": {"status": "RESOURCE_EXHAUSTED", "message": "You exceeded your current quota"}}),
            C::RateLimit,
        ),
    ];
    for (body, expected) in table {
        assert_eq!(class(429, &body.to_string()), expected, "{body}");
    }
}

#[test]
fn each_class_is_known_in_the_shapes_of_the_providers() {
    let table = [
        // Replicate, Ollama, Cloudflare, Cohere, Writer, Hugging Face, OpenRouter.
        (
            402,
            r#"{"title":"Insufficient credit","detail":"You have insufficient credit to run this model.","status":402}"#,
            C::QuotaExhausted,
        ),
        (
            422,
            r#"{"title":"Invalid version or not permitted","detail":"The specified version does not exist or is: invalid version or not permitted","status":422}"#,
            C::ModelNotFound,
        ),
        (404, r#"{"error":"model 'x' not found, try pulling it first"}"#, C::ModelNotFound),
        (
            500,
            r#"{"error":"Failed to create new sequence: failed to process inputs: image: unknown format"}"#,
            C::InvalidRequest,
        ),
        (
            403,
            r#"{"errors":[{"message":"AiError: Ai: JSON Schema mode is not supported with stream mode.","code":5023}],"success":false}"#,
            C::UnsupportedParameter,
        ),
        (422, r#"{"id":"x","message":"No valid response generated. Try updating messages"}"#, C::ServerError),
        (498, r#"{"message":"blocked"}"#, C::Overloaded),
        (401, r#"{"tpe":"fail.auth","errors":[{"description":"Unauthorized"}]}"#, C::Auth),
        (503, r#"{"error":"Model x/y is currently loading","estimated_time":20.0}"#, C::Overloaded),
        (402, r#"{"error":{"code":402,"message":"This request requires more credits"}}"#, C::QuotaExhausted),
        (402, r#"{"error":{"code":402,"message":"Too many requests in flight for your balance"}}"#, C::RateLimit),
        (
            400,
            r#"{"error":{"code":400,"message":"Provider returned error","metadata":{"raw":"{\"error\":{\"message\":\"prompt is too long: 9 tokens\"}}"}}}"#,
            C::ContextWindow,
        ),
        (400, r#"{"error":{"code":400,"message":"Provider returned error"}}"#, C::ServerError),
        (
            404,
            r#"{"error":{"code":404,"message":"No endpoints found that support tool use"}}"#,
            C::UnsupportedParameter,
        ),
        // Azure, Bedrock, local servers, gateways.
        (
            400,
            r#"{"error":{"code":"x","message":"m","innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
            C::ContentFilter,
        ),
        (404, r#"{"error":{"code":"DeploymentNotFound","message":"m"}}"#, C::ModelNotFound),
        (
            400,
            r#"{"__type":"com.amazon.coral.service#ThrottlingException","message":"Too many requests"}"#,
            C::RateLimit,
        ),
        (424, r#"{"message":"The model failed"}"#, C::ServerError),
        (503, r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#, C::Overloaded),
        (
            500,
            r#"{"error":{"code":500,"message":"image input is not supported - hint","type":"server_error"}}"#,
            C::UnsupportedParameter,
        ),
        (
            400,
            r#"{"code":400,"reason":"INVALID_REQUEST_BODY","message":"model features function calling not support","metadata":{}}"#,
            C::UnsupportedParameter,
        ),
        (
            500,
            r#"{"error":"400 Bad Request","status":500,"details":{"error":{"message":"Invalid image data.","code":"BadRequest"}}}"#,
            C::InvalidRequest,
        ),
        (529, "", C::Overloaded),
        (502, "<html><body>Bad Gateway</body></html>", C::ServerError),
        (403, "<html><body>Attention required</body></html>", C::Permission),
    ];
    for (status, body, expected) in table {
        assert_eq!(class(status, body), expected, "{status} {body}");
    }
}

#[test]
fn amazon_names_the_type_in_a_header_or_in_the_body() {
    for (status, kind, expected) in [
        (429, "ThrottlingException", C::RateLimit),
        (400, "ServiceQuotaExceededException", C::RateLimit),
        (429, "ModelNotReadyException:http://internal.amazon.com/coral/", C::Overloaded),
        (503, "ServiceUnavailableException", C::Overloaded),
        (408, "ModelTimeoutException", C::ServerError),
        (424, "ModelErrorException", C::ServerError),
        (403, "AccessDeniedException", C::Permission),
        (403, "ExpiredTokenException", C::Auth),
        (403, "UnrecognizedClientException", C::Auth),
        (404, "ResourceNotFoundException", C::ModelNotFound),
        (400, "ValidationException", C::InvalidRequest),
    ] {
        let head = ResponseHead { status, headers: vec![("x-amzn-errortype".to_owned(), kind.to_owned())] };
        let failure = http_failure(&head, br#"{"message":"m"}"#);
        assert_eq!(failure.class, expected, "{kind}");
        assert_eq!(failure.kind.as_deref(), kind.split(':').next());
    }
    let body = br#"{"__type":"com.amazon.coral.service#ThrottlingException","message":"Rate exceeded"}"#;
    let failure = http_failure(&ResponseHead { status: 429, ..ResponseHead::default() }, body);
    assert_eq!((failure.class, failure.kind.as_deref()), (C::RateLimit, Some("ThrottlingException")));
}

#[test]
fn an_overflow_is_told_in_numbers() {
    let body = br#"{"error":{"code":400,"message":"too large","type":"exceed_context_size_error","n_prompt_tokens":2009,"n_ctx":512}}"#;
    let failure = http_failure(&ResponseHead { status: 400, headers: Vec::new() }, body);
    assert_eq!(failure.overflow, Some(Overflow { needed: Some(2009), window: Some(512) }));
    let failure = reported_failure(&json!({"error": "prompt is too long: 300 tokens > 200 maximum"}));
    assert_eq!(failure.overflow, Some(Overflow { needed: Some(300), window: Some(200) }));
    let failure = reported_failure(&json!({"error": {"code": 429, "message": "limit is 500, 600 used"}}));
    assert_eq!(failure.overflow, None, "only where the window is what was too small");
}

#[test]
fn a_body_that_is_compressed_without_a_word_is_told_as_such() {
    let failure = http_failure(&ResponseHead { status: 503, headers: Vec::new() }, &[0x1f, 0x8b, 8, 0, 0]);
    assert_eq!((failure.class, failure.rule.as_str()), (C::Overloaded, "status 503"));
    assert!(failure.message.is_some_and(|message| message.contains("gzip")));
}

#[test]
fn cohere_says_with_498_that_a_token_is_invalid() {
    assert_eq!(class(498, r#"{"message":"invalid token"}"#), C::Auth);
}

#[test]
fn an_error_that_is_framed_as_an_event_is_read() {
    for (body, expected, words) in [
        ("data: {\"error\":{\"code\":\"invalid_api_key\",\"message\":\"no\"}}\n\n", C::Auth, "no"),
        (": hi\n\nevent: error\ndata: {\"message\":\ndata: \"no\"}", C::InvalidRequest, "no"),
        ("event: error\ndata: out of paper\n\ndata: [DONE]\n\n", C::InvalidRequest, "out of paper"),
        ("data is missing", C::InvalidRequest, "data is missing"),
    ] {
        let failure = http_failure(&ResponseHead { status: 400, headers: Vec::new() }, body.as_bytes());
        assert_eq!((failure.class, failure.message.as_deref()), (expected, Some(words)), "{body}");
    }
}

#[test]
fn what_every_request_has_is_no_parameter_to_leave_out() {
    let body = r#"{"error":{"code":"unsupported_file","message":"The file type you uploaded is not supported.","param":"input"}}"#;
    let failure = http_failure(&ResponseHead { status: 400, headers: Vec::new() }, body.as_bytes());
    assert_eq!((failure.class, failure.parameter), (C::UnsupportedParameter, None));
}
