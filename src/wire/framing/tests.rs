//! Tests of framing: what begins a body, what ends it, and what is neither.

use super::*;

/// Content type, body, pieces, result.
type Row<'a> = (&'a str, &'a str, &'a [&'a str], Result<(), FailureClass>);

/// Reports every piece as text; `end` ends.
#[derive(Default)]
struct Echo(bool);

impl Reader for Echo {
    fn event(&mut self, name: &str, data: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        self.0 = data == "end";
        if data.ends_with('!') {
            return Err(protocol(MALFORMED, data));
        }
        events.push(Event::Text(format!("{name}:{data}")));
        Ok(())
    }
    fn whole(&mut self, body: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
        events.push(Event::Text(format!("whole:{body}")));
        Ok(())
    }
    fn end(&self) -> End {
        if self.0 { End::Done } else { End::Open }
    }
}

fn decode(content_type: &str, chunks: &[&[u8]]) -> (Vec<String>, Result<(), FailureClass>) {
    let headers = vec![("content-type".to_owned(), content_type.to_owned())];
    let mut decoder = Framed::new(&ResponseHead { status: 200, headers }, Echo::default());
    let mut events = Vec::new();
    let mut result = Ok(());
    for chunk in chunks {
        result = result.and_then(|()| decoder.push(chunk, &mut events));
    }
    result = result.and_then(|()| decoder.finish(&mut events));
    let texts = events.into_iter().filter_map(|event| if let Event::Text(text) = event { Some(text) } else { None });
    (texts.collect(), result.map_err(|failure| failure.class))
}

#[test]
fn the_first_bytes_decide_whatever_the_content_type_says() {
    let cut = Err(FailureClass::IncompleteStream);
    let text = Err(FailureClass::Protocol);
    let table: &[Row<'_>] = &[
        ("text/event-stream", "data: a\n\ndata: end\n\n", &[":a", ":end"], Ok(())),
        ("text/event-stream", "data: a\n\n", &[":a"], cut),
        ("text/event-stream", "data: a\n\ndata: cut!", &[":a"], cut),
        ("text/event-stream", "data: end\n\ndata: more\n\n", &[":end"], Ok(())),
        ("application/json", "event: x\ndata: end\n\n", &["x:end"], Ok(())),
        ("application/json", ": hi\n\ndata: end", &[":end"], Ok(())),
        ("text/event-stream; charset=utf-8", " \r\n{\"a\":1}", &["whole:{\"a\":1}"], Ok(())),
        ("application/json", "\u{FEFF}\n  \n{}", &["whole:{}"], Ok(())),
        ("application/json", "[{\"a\":[1,\"],\\\"\"]},\n 2 ]", &[":{\"a\":[1,\"],\\\"\"]}", ":2"], Ok(())),
        ("application/json", "[{\"a\":1},{\"b\"", &[":{\"a\":1}"], cut),
        ("text/event-stream", "<html>no</html>", &[], text),
        ("application/json", "daily limit", &[], text),
        ("text/plain", "da", &[], text),
        ("text/event-stream", "da", &[], cut),
        ("text/event-stream", "upstream connect error: reset", &[], text),
        ("application/json", "database is down", &[], text),
        ("application/json", "", &[], cut),
        ("text/event-stream", " \n", &[], cut),
    ];
    for (content_type, body, pieces, result) in table {
        let expected = (pieces.iter().map(ToString::to_string).collect::<Vec<_>>(), *result);
        let bytes = body.as_bytes();
        for at in 0..=bytes.len() {
            assert_eq!(decode(content_type, &[&bytes[..at], &bytes[at..]]), expected, "{body:?} cut at {at}");
        }
    }
}

#[test]
fn halves_of_surrogate_pairs_are_replaced_and_pairs_are_kept() {
    let table = [
        (r#"{"a":"x\ud83d"}"#, Some("{\"a\":\"x\u{FFFD}\"}")),
        (r#""\ud83d\ude00 \ude00\ud83d\n""#, Some("\"\\ud83d\\ude00 \u{FFFD}\u{FFFD}\\n\"")),
        (r#""\ud83d\ude00""#, None),
        (r#""\\ud83d""#, None),
        (r#""\"#, None),
        (r#""\ud8"#, None),
        ("\"é\\é\"", None),
    ];
    for (json, expected) in table {
        assert_eq!(without_lone_surrogates(json).as_deref(), expected, "{json}");
    }
}

#[test]
fn an_event_of_an_error_in_plain_words_is_told() {
    let mut decoder = Framed::new(&ResponseHead::default(), Echo::default());
    let failure = decoder.push(b"event: error\ndata: out of paper!\n\n", &mut Vec::new()).expect_err("an error");
    assert_eq!((failure.class, failure.message.as_deref()), (FailureClass::ServerError, Some("out of paper!")));
    let mut decoder = Framed::new(&ResponseHead::default(), Echo::default());
    let failure = decoder.push(b"event: error\ndata: {!\n\n", &mut Vec::new()).expect_err("no JSON");
    assert_eq!(failure.class, FailureClass::Protocol);
}

#[test]
fn a_page_of_html_is_shown_in_part() {
    let page = format!("<html>{}", "é".repeat(5000));
    let mut decoder = Framed::new(&ResponseHead::default(), Echo::default());
    let failure = decoder.push(page.as_bytes(), &mut Vec::new()).expect_err("no format");
    let message = failure.message.expect("words");
    let page = message.strip_prefix("a web page came in place of an answer: ").expect("what it is");
    assert_eq!(page.chars().count(), SHOWN_CHARS);
    let mut decoder = Framed::new(&ResponseHead::default(), Echo::default());
    decoder.push(&[0x1f, 0x8b, 8, 0, 0xff], &mut Vec::new()).expect("too few bytes to say");
    let failure = decoder.finish(&mut Vec::new()).expect_err("no format");
    assert!(failure.message.is_some_and(|message| message.contains("gzip")), "told as what it is");
}

#[test]
fn a_body_over_the_cap_is_refused() {
    let mut decoder = Framed::new(&ResponseHead::default(), Echo::default());
    let chunk = vec![b'{'; 8 * 1024 * 1024];
    let refused = (0..5).find(|_| decoder.push(&chunk, &mut Vec::new()).is_err());
    assert_eq!(refused, Some(4));
}
