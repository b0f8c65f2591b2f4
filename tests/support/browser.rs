//! A real browser without a network, for pages that are opened from disk.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use fantoccini::wd::{Capabilities, TimeoutConfiguration, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use url::{ParseError, Url};

/// The limit of a whole test in the browser; generous, for it only ends what is stuck.
const LIMIT: Duration = Duration::from_mins(3);

/// The limit of one wait for something in the page.
const PATIENCE: Duration = Duration::from_mins(1);

/// A page in the browser.
pub struct Page {
    driver: Client,
}

/// Runs a test in a browser of its own, and ends the browser whatever comes of the test. Without Chromium the test is skipped,
/// which is a failure where nothing may be skipped.
pub fn browse<T, F>(test: T)
where
    T: FnOnce(Page) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    if !installed("chromium") || !installed("chromedriver") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let profile = tempfile::tempdir().expect("a profile");
        let (mut process, port) =
            tokio::time::timeout(LIMIT, driver()).await.expect("the driver listens within its limit");
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities(profile.path()));
        let driver = builder.connect(&format!("http://127.0.0.1:{port}")).await.expect("a session with the browser");
        let patience = TimeoutConfiguration::new(Some(PATIENCE), None, None);
        driver.update_timeouts(patience).await.expect("a limit");
        // The browser's own first page loads pieces of itself for a while; leaving it ends that.
        driver.goto("about:blank").await.expect("an empty page");
        // In a task, so that a test that fails is no reason to leave a browser behind.
        let ran = tokio::spawn(tokio::time::timeout(LIMIT, test(Page { driver: driver.clone() }))).await;
        let ended = driver.close().await;
        process.kill().await.expect("the driver ends");
        match ran {
            Ok(in_time) => in_time.expect("the test ends within its limit"),
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        }
        ended.expect("the browser ends");
    });
}

impl Page {
    /// Opens a file and forgets what the browser said before.
    pub async fn open(&self, file: &Path) {
        self.complaints().await;
        self.requests().await;
        self.driver.goto(&format!("file://{}", file.display())).await.expect("the page opens");
    }

    /// What a script returns.
    pub async fn run(&self, script: &str) -> Value {
        self.driver.execute(script, vec![]).await.expect("the script runs")
    }

    /// What an expression is worth.
    pub async fn value(&self, expression: &str) -> Value {
        self.run(&format!("return {expression};")).await
    }

    /// Waits until an expression is true, looking at every frame.
    pub async fn until(&self, expression: &str) {
        let script = format!(
            "const done = arguments[arguments.length - 1]; \
             const look = () => ({expression}) ? done(true) : requestAnimationFrame(look); look();"
        );
        let met = self.driver.execute_async(&script, vec![]).await;
        met.unwrap_or_else(|error| panic!("`{expression}` never came true: {error}"));
    }

    /// What a script hands to the function `done`.
    pub async fn eventually(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1]; {script}");
        self.driver.execute_async(&script, vec![]).await.expect("the script ends")
    }

    /// Clicks as a person does: the element must be in view and not covered.
    pub async fn click(&self, css: &str) {
        self.driver.find(Locator::Css(css)).await.expect(css).click().await.expect(css);
    }

    /// Types into what `css` finds.
    pub async fn keys(&self, css: &str, keys: &str) {
        self.driver.find(Locator::Css(css)).await.expect(css).send_keys(keys).await.expect(css);
    }

    /// Sets a field that has no keys to type, such as a slider, and tells the page as a person's hand would.
    pub async fn set(&self, css: &str, value: &str) {
        let script = format!(
            "const field = document.querySelector('{css}'); field.value = '{value}'; \
             for (const event of ['input', 'change']) field.dispatchEvent(new Event(event));"
        );
        self.run(&script).await;
    }

    /// Presses keys for whatever has the focus.
    pub async fn press(&self, keys: &str) {
        self.driver.active_element().await.expect("a focus").send_keys(keys).await.expect(keys);
    }

    /// Sets the size of what is seen of the page, whatever the frame of the window takes.
    pub async fn size(&self, width: u32, height: u32) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.command("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// A command of the browser's own protocol.
    pub async fn command(&self, name: &str, parameters: Value) -> Value {
        let body = json!({"cmd": name, "params": parameters});
        self.driver.issue_cmd(Own { path: "goog/cdp/execute", body }).await.expect(name)
    }

    /// What stands in the console as a warning or an error since the last look.
    pub async fn complaints(&self) -> Vec<String> {
        let bad = |entry: &Value| entry["level"] == "WARNING" || entry["level"] == "SEVERE";
        self.log("browser").await.iter().filter(|entry| bad(entry)).map(ToString::to_string).collect()
    }

    /// The addresses that were asked for since the last look, whether or not there was an answer.
    pub async fn requests(&self) -> Vec<String> {
        let log = self.log("performance").await;
        let events = log.iter().filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok());
        let sent = events.filter(|event| event["message"]["method"] == "Network.requestWillBeSent");
        sent.filter_map(|event| Some(event.pointer("/message/params/request/url")?.as_str()?.to_owned())).collect()
    }

    /// What a log of the browser holds since the last look.
    async fn log(&self, name: &str) -> Vec<Value> {
        let log = self.driver.issue_cmd(Own { path: "se/log", body: json!({"type": name}) }).await.expect(name);
        log.as_array().expect("a list").clone()
    }
}

/// A command that only the driver of Chromium knows.
#[derive(Debug)]
struct Own {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        base_url.join(&format!("session/{}/{}", session_id.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// Whether a program is there; says so when a test is skipped for want of it.
fn installed(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if let Err(error) = found {
        assert!(std::env::var_os("LLMX_TEST_NO_SKIP").is_none(), "`{program}` is not to be had: {error}");
        #[expect(clippy::print_stderr, reason = "a check that is skipped must say so")]
        {
            eprintln!("skipped: `{program}` is not to be had: {error}");
        }
        return false;
    }
    true
}

/// A driver on a port that the system chose, as it tells once it listens.
async fn driver() -> (Child, u16) {
    let mut command = tokio::process::Command::new("chromedriver");
    let command = command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut process = command.spawn().expect("the driver starts");
    let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
    while let Some(line) = lines.next_line().await.expect("a line") {
        let Some((_, port)) = line.split_once("successfully on port ") else { continue };
        return (process, port.trim_end_matches('.').parse().expect("a port"));
    }
    panic!("the driver ended before it listened");
}

/// A browser that sees no network and tells all that it would have asked for.
fn capabilities(profile: &Path) -> Capabilities {
    let profile = format!("--user-data-dir={}", profile.display());
    let arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--proxy-server=127.0.0.1:9",
        "--window-size=1280,900",
        &profile,
    ];
    let logs = json!({"browser": "ALL", "performance": "ALL"});
    let options = json!({"args": arguments});
    [("goog:chromeOptions", options), ("goog:loggingPrefs", logs)]
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}
