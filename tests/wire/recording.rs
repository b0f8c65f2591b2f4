//! A recorded exchange: its file, the target that its provider's row makes, its bytes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use llmx::provider::{KeyState, Provider, Row, Target, TargetId, builtin};
use llmx::wire::{ResponseHead, codec};
use serde_json::Value;

/// What follows a model's name in a path.
const METHODS: &[&str] = &[
    ":generateContent",
    ":streamGenerateContent",
    ":batchEmbedContents",
    ":embedContent",
    ":predict",
    ":rawPredict",
    ":streamRawPredict",
    "/converse",
    "/converse-stream",
    "/invoke",
    "/invoke-with-response-stream",
    "/predictions",
    "/chat/completions",
    "/embeddings",
];

/// One file of the recordings; `README.md` beside them tells what each member means.
pub struct Recording {
    /// `provider/id`.
    pub name: String,
    /// Whose service answered, a directory of the recordings.
    pub provider: String,
    /// The wire format in the recordings' words.
    pub wire: String,
    /// `chat`, `completion`, `embeddings` or `models`.
    pub endpoint: String,
    /// Method, host, path, headers and body that were sent.
    pub request: Value,
    /// Status and headers that came back.
    pub head: ResponseHead,
    /// The decoded bytes that came back.
    pub body: Vec<u8>,
    /// What must be read from them.
    pub expect: Value,
}

/// Where the recordings are; `None` where there are none.
pub fn directory() -> Option<PathBuf> {
    let given = std::env::var_os("LLMX_RECORDINGS").map(PathBuf::from);
    let directory = given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/recordings"));
    directory.is_dir().then_some(directory)
}

/// Whether these are the recordings that the rows were made with; another directory may hold others, and fewer.
pub fn made_with_these() -> bool {
    std::env::var_os("LLMX_RECORDINGS").is_none()
}

/// All exchanges, in the order of their names. None, with a word on stderr, when there is no directory.
pub fn all() -> Vec<Recording> {
    let Some(directory) = directory() else {
        #[expect(clippy::print_stderr, reason = "a test that has nothing to replay must say so")]
        {
            eprintln!("no recordings: set LLMX_RECORDINGS to a directory of them");
        }
        return Vec::new();
    };
    let mut paths: Vec<_> = std::fs::read_dir(directory)
        .expect("a readable directory")
        .flat_map(|provider| std::fs::read_dir(provider.expect("an entry").path()).into_iter().flatten())
        .map(|file| file.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    paths.sort();
    paths.iter().map(|path| Recording::read(path)).collect()
}

impl Recording {
    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("a readable file");
        let file: Value = serde_json::from_str(&text).expect("a recording is JSON");
        let word = |name: &str| file[name].as_str().unwrap_or_default().to_owned();
        let response = &file["response"];
        let headers = response["headers"].as_object().into_iter().flatten();
        let body = match response["body_b64"].as_str() {
            Some(encoded) => STANDARD.decode(encoded).expect("base64"),
            None => response["body"].as_str().unwrap_or_default().as_bytes().to_vec(),
        };
        Self {
            name: format!("{}/{}", word("provider"), word("id")),
            provider: word("provider"),
            wire: word("wire"),
            endpoint: word("endpoint"),
            request: file["request"].clone(),
            head: ResponseHead {
                status: response["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(200),
                headers: headers
                    .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
                    .collect(),
            },
            body,
            expect: file["expect"].clone(),
        }
    }

    /// The wire format's name in llmx, when it has a codec.
    pub fn codec(&self) -> Option<&'static str> {
        // One format at three places is three codecs: addresses and bodies differ by what the place wants.
        let name = match (self.wire.as_str(), self.provider.as_str()) {
            ("anthropic", "vertex-anthropic") => "vertex-anthropic",
            ("gemini", "vertex-gemini") => "vertex-gemini",
            ("bedrock-invoke-anthropic", _) => "bedrock-anthropic",
            (wire, _) => wire,
        };
        let codec = codec(name)?;
        (self.endpoint == "chat" || self.wire == "hf-text-generation").then(|| codec.name())
    }

    /// The target that was asked: the built-in row that was proven on this provider's recordings, or a plain one.
    pub fn target(&self) -> Target {
        let parameter = |variable: &str| self.parameter(variable);
        let rows = builtin().into_iter().filter_map(|(name, row)| row.into_provider(&name, &parameter).ok());
        let rows = rows.filter(|row| row.proven.contains(&self.provider));
        // A provider with several addresses has a row for each.
        let proven = rows.min_by_key(|row| std::cmp::Reverse(self.shared_path(row)));
        let plain = || {
            let row = Row { base_url: Some("https://api.example".to_owned()), ..Row::default() };
            row.into_provider(&self.provider, &|_| None).expect("a provider")
        };
        let provider = proven.unwrap_or_else(plain);
        let wire = self.codec().map_or_else(|| provider.wire.clone(), str::to_owned);
        let provider = Provider { wire, wires: Vec::new(), ..provider };
        let id = TargetId::new(provider.name.clone(), self.model());
        Target { id, provider: Arc::new(provider), model: None, key: KeyState::NotNeeded, keys: Vec::new() }
    }

    /// The model that was asked for: in the body, or in the path. A deployment in the path counts, whatever the body says.
    pub fn model(&self) -> String {
        let path = self.request["path"].as_str().unwrap_or_default();
        let in_path = ["/models/", "/model/", "/ai/run/", "/deployments/"].iter().find_map(|before| {
            let after = path.split_once(before)?.1;
            let path = after.split('?').next().unwrap_or_default();
            let path = METHODS.iter().find_map(|method| path.strip_suffix(method)).unwrap_or(path);
            Some(unescaped(path))
        });
        // Replicate names a model by its version alone, too.
        let body = &self.request["body"];
        let in_body = body["model"].as_str().or_else(|| body["version"].as_str()).map(str::to_owned);
        let deployed = path.contains("/deployments/").then(|| in_path.clone()).flatten();
        deployed.or(in_body).or(in_path).unwrap_or_default()
    }

    /// The path that was asked, with its query.
    pub fn path(&self) -> &str {
        self.request["path"].as_str().unwrap_or_default()
    }

    /// How much of the recorded path a row's address begins with.
    fn shared_path(&self, row: &Provider) -> usize {
        let path = self.request["path"].as_str().unwrap_or_default();
        let base = row.base_url.splitn(4, '/').nth(3).unwrap_or_default();
        let own = format!("/{base}{}", row.quirks.path.as_deref().unwrap_or_default());
        own.chars().zip(path.chars()).take_while(|(one, other)| one == other).count()
    }

    /// What the environment would have to say for the row to make this recording's address. `variable` is its name.
    fn parameter(&self, variable: &str) -> Option<String> {
        let (host, path) = (self.request["host"].as_str()?, self.request["path"].as_str()?);
        let after = |word: &str| path.split_once(word)?.1.split(['/', '?', '&']).next().map(str::to_owned);
        let variable = variable.to_ascii_lowercase();
        let has = |word: &str| variable.contains(word);
        match () {
            () if has("location") => after("/locations/"),
            () if has("region") => host.split('.').nth(1).map(str::to_owned),
            () if has("project") => after("/projects/"),
            () if has("api_version") => after("api-version="),
            () if has("account") => after("/accounts/").or_else(|| host.split('.').next().map(str::to_owned)),
            () if has("resource") || has("endpoint") => host.split('.').next().map(str::to_owned),
            () => None,
        }
    }
}

/// Without percent-encoding.
pub fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = (first == b'%').then(|| after.get(..2)).flatten();
        let byte = code.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
