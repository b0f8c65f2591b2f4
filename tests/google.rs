//! Google credentials through the real binary: a token is asked for at a loopback endpoint, the answer at another one.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::{Home, Llmx, Output};

const KEY: &str = include_str!("support/test_only_key.pem");
const TOKEN: &str = "ya29.CANARY-access-token";
const REFRESH: &str = "1//CANARY-refresh-token";

/// What the server answers to a path that contains a word: status and body.
type Answers = Vec<(&'static str, u16, Value)>;

/// A server of canned answers in a thread of its own; it goes with the test.
struct Canned {
    address: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Canned {
    fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that went away has nothing to be told.
                let _ = serve(stream, &answers, &log);
            }
        });
        Self { address, seen }
    }

    /// Every request that contains `word`, head and body as one text.
    fn requests(&self, word: &str) -> Vec<String> {
        self.seen.lock().expect("no panic").iter().filter(|request| request.contains(word)).cloned().collect()
    }
}

fn serve(mut stream: TcpStream, answers: &Answers, log: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let length = stream.read(&mut buffer)?;
        request.extend_from_slice(&buffer[..length]);
        let text = String::from_utf8_lossy(&request);
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let wanted =
                head.to_ascii_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            body.len() >= wanted.unwrap_or(0)
        });
        if whole || length == 0 {
            break;
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let line = request.lines().next().unwrap_or_default().to_owned();
    log.lock().expect("no panic").push(request);
    let known = answers.iter().find(|(word, ..)| line.contains(word));
    let (status, body) = known.map_or((404, json!({})), |(_, status, body)| (*status, body.clone()));
    let body = body.to_string();
    let head = "content-type: application/json\r\nconnection: close";
    write!(stream, "HTTP/1.1 {status} X\r\n{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn token() -> (&'static str, u16, Value) {
    ("/token", 200, json!({"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"}))
}

fn hello() -> (&'static str, u16, Value) {
    let candidate = json!({"content": {"parts": [{"text": "Hello"}]}, "finishReason": "STOP"});
    ("GenerateContent", 200, json!([{"candidates": [candidate]}]))
}

fn write_file(home: &Home, name: &str, text: &str) -> String {
    let path = home.path("home").join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    std::fs::write(&path, text).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("mode set");
    path.display().to_string()
}

fn service_account(home: &Home, token_uri: &str, key: &str) -> String {
    let file = json!({
        "type": "service_account", "client_email": "me@p.iam.gserviceaccount.com", "private_key": key,
        "token_uri": token_uri,
    });
    write_file(home, "me.json", &file.to_string())
}

fn ask(home: &Arc<Home>, server: &Canned) -> Llmx {
    home.llmx()
        .args(["complete", "-m", "vertex/gemini-3-flash", "Hi"])
        .env("GOOGLE_CLOUD_PROJECT", "my-project")
        .env("VERTEX_BASE_URL", &server.address)
}

#[track_caller]
fn keeps_secrets(output: &Output) {
    let shown = format!("{}{}", output.stdout, output.stderr);
    assert!(!shown.contains("CANARY") && !shown.contains("PRIVATE KEY"), "{shown}");
}

#[test]
fn a_service_account_is_turned_into_a_token_that_is_sent() {
    let server = Canned::start(vec![token(), hello()]);
    let home = Home::new();
    let file = service_account(&home, &format!("{}/token", server.address), KEY);
    let output = ask(&home, &server).env("GOOGLE_APPLICATION_CREDENTIALS", file).run().expect_code(0);
    assert_eq!(output.stdout, "Hello\n");
    keeps_secrets(&output);
    let asked = server.requests("POST /token");
    assert_eq!(asked.len(), 1);
    let form = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=ey";
    assert!(asked[0].contains("application/x-www-form-urlencoded") && asked[0].contains(form), "{}", asked[0]);
    let chat = &server.requests("GenerateContent")[0];
    let path = "/v1/projects/my-project/locations/global/publishers/google/models/gemini-3-flash:streamGenerateContent";
    assert!(chat.contains(path) && chat.contains(&format!("authorization: Bearer {TOKEN}")), "{chat}");
}

#[test]
fn a_dry_run_asks_for_no_token() {
    let server = Canned::start(vec![token(), hello()]);
    let home = Home::new();
    let file = service_account(&home, &format!("{}/token", server.address), KEY);
    let output = ask(&home, &server).env("GOOGLE_APPLICATION_CREDENTIALS", file).arg("--dry-run").run().expect_code(0);
    assert!(output.stdout.contains("authorization: Bearer (redacted)"), "{}", output.stdout);
    keeps_secrets(&output);
    assert_eq!(server.requests("HTTP/1.1").len(), 0);
}

#[test]
fn a_login_of_gcloud_is_found_by_itself_and_a_configured_file_comes_first() {
    let server = Canned::start(vec![token(), hello()]);
    let home = Home::new();
    let token_uri = format!("{}/token", server.address);
    let login = json!({
        "type": "authorized_user", "client_id": "c", "client_secret": "CANARY-secret", "refresh_token": REFRESH,
        "token_uri": token_uri,
    });
    write_file(&home, ".config/gcloud/application_default_credentials.json", &login.to_string());
    keeps_secrets(&ask(&home, &server).run().expect_code(0));
    assert!(server.requests("POST /token")[0].contains("grant_type=refresh_token&client_id=c"));
    service_account(&home, &token_uri, KEY);
    home.write_config("[providers.vertex]\napi_key = { service_account = \"~/me.json\" }\n");
    keeps_secrets(&ask(&home, &server).run().expect_code(0));
    assert!(server.requests("POST /token")[1].contains("jwt-bearer"));
}

#[test]
fn one_token_serves_all_tries_of_a_run() {
    let busy = ("GenerateContent", 500, json!({"error": {"code": 500, "status": "INTERNAL", "message": "oops"}}));
    let server = Canned::start(vec![token(), busy]);
    let home = Home::new();
    let file = service_account(&home, &format!("{}/token", server.address), KEY);
    let output = ask(&home, &server).env("GOOGLE_APPLICATION_CREDENTIALS", file).run().expect_code(6);
    keeps_secrets(&output);
    assert_eq!((server.requests("GenerateContent").len(), server.requests("POST /token").len()), (2, 1));
}

/// A way in which credentials fail: the server's answers, the file, the exit code, and what is said.
struct Trouble {
    answers: Answers,
    key: &'static str,
    token_uri: Option<&'static str>,
    code: i32,
    says: &'static [&'static str],
}

#[test]
fn every_trouble_with_credentials_is_one_clear_error() {
    let grant = |words: &str| ("/token", 400, json!({"error": "invalid_grant", "error_description": words}));
    let troubles = [
        Trouble {
            answers: vec![grant("Invalid JWT Signature.")],
            key: KEY,
            token_uri: None,
            code: 4,
            says: &["no access token for `vertex`", "Invalid JWT Signature", "the key was deleted"],
        },
        Trouble {
            answers: vec![grant("Token must be a short-lived token")],
            key: KEY,
            token_uri: None,
            code: 4,
            says: &["this machine's clock is off"],
        },
        Trouble { answers: vec![], key: "CANARY", token_uri: None, code: 4, says: &["cannot be read as an RSA key"] },
        Trouble {
            answers: vec![],
            key: KEY,
            token_uri: Some("http://127.0.0.1:1/token"),
            code: 6,
            says: &["no access token for `vertex`", "127.0.0.1:1 cannot be reached", "`token_uri` of the credentials"],
        },
        Trouble {
            answers: vec![("/token", 302, json!({}))],
            key: KEY,
            token_uri: None,
            code: 6,
            says: &["(HTTP 302): the server redirects", "`token_uri` of the credentials"],
        },
        Trouble {
            answers: vec![],
            key: KEY,
            token_uri: Some("http://token.example/"),
            code: 4,
            says: &["its `token_uri` is no `https://` address"],
        },
        Trouble {
            answers: vec![("/token", 503, json!({}))],
            key: KEY,
            token_uri: None,
            code: 6,
            says: &["(HTTP 503) gives out no token just now"],
        },
    ];
    for trouble in troubles {
        let server = Canned::start(trouble.answers);
        let home = Home::new();
        let token_uri = trouble.token_uri.map_or_else(|| format!("{}/token", server.address), str::to_owned);
        let file = service_account(&home, &token_uri, trouble.key);
        let output = ask(&home, &server).env("GOOGLE_APPLICATION_CREDENTIALS", file).run().expect_code(trouble.code);
        for words in trouble.says {
            assert!(output.stderr.contains(words), "`{words}` in: {}", output.stderr);
        }
        assert!(!output.stderr.contains("base_url"), "{}", output.stderr);
        keeps_secrets(&output);
        assert!(server.requests("GenerateContent").is_empty(), "nothing was asked without a token");
    }
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let server = Canned::start(vec![]);
    let home = Home::new();
    let run = ask(&home, &server).env("GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent/me.json");
    let output = run.run().expect_code(4);
    let expected = "from GOOGLE_APPLICATION_CREDENTIALS: `/nonexistent/me.json`: cannot read it";
    assert!(output.stderr.contains(expected) && output.stderr.contains("gcloud auth"), "{}", output.stderr);
}

#[test]
fn an_access_token_that_is_over_is_told_with_what_to_do() {
    let over = json!({"error": {
        "code": 401, "status": "UNAUTHENTICATED", "message": "Request had invalid authentication credentials.",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_EXPIRED"}],
    }});
    let server = Canned::start(vec![("GenerateContent", 401, over)]);
    let run = ask(&Home::new(), &server).env("VERTEX_ACCESS_TOKEN", TOKEN);
    let output = run.run().expect_code(4);
    keeps_secrets(&output);
    for words in ["key rejected", "the key came from VERTEX_ACCESS_TOKEN", "an access token lasts about an hour"] {
        assert!(output.stderr.contains(words), "`{words}` in: {}", output.stderr);
    }
}

#[test]
fn a_project_that_is_not_set_is_told_before_anything_is_sent() {
    let server = Canned::start(vec![token(), hello()]);
    let run =
        Home::new().llmx().args(["complete", "-m", "vertex/gemini-3-flash", "Hi"]).env("VERTEX_ACCESS_TOKEN", TOKEN);
    let output = run.env("VERTEX_BASE_URL", &server.address).run();
    assert!(output.code != 0 && output.stderr.contains("GOOGLE_CLOUD_PROJECT"), "{}", output.stderr);
    assert!(server.requests("").is_empty());
}
