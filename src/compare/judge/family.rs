//! Who made a model: judges favour what sounds like themselves.

/// How the names of models begin, and whose family they are. The first letters of a word of the name are looked up.
const FAMILIES: &[(&str, &str)] = &[
    ("gpt", "gpt"),
    ("chatgpt", "gpt"),
    // o1, o3, o4-mini
    ("o", "gpt"),
    ("codex", "gpt"),
    ("claude", "claude"),
    ("gemini", "gemini"),
    ("gemma", "gemini"),
    ("llama", "llama"),
    ("codellama", "llama"),
    ("nemotron", "llama"),
    ("sonar", "llama"),
    ("mistral", "mistral"),
    ("mixtral", "mistral"),
    ("ministral", "mistral"),
    ("magistral", "mistral"),
    ("codestral", "mistral"),
    ("devstral", "mistral"),
    ("pixtral", "mistral"),
    ("voxtral", "mistral"),
    ("deepseek", "deepseek"),
    ("qwen", "qwen"),
    ("qwq", "qwen"),
    ("qvq", "qwen"),
    ("grok", "grok"),
    ("command", "command"),
    ("aya", "command"),
    ("phi", "phi"),
    ("nova", "nova"),
    ("kimi", "kimi"),
    ("moonshot", "kimi"),
    ("glm", "glm"),
    ("chatglm", "glm"),
    ("minimax", "minimax"),
    ("granite", "granite"),
    ("jamba", "jamba"),
    ("hermes", "llama"),
];

/// The family of a model, from its name with or without provider and maker (`openrouter/meta-llama/llama-3.3-70b` is `llama`).
/// `None` when the name does not tell.
pub fn family(model: &str) -> Option<&'static str> {
    // The last part names the model; in front of it stand those who serve it.
    let name = model.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    name.split(|char: char| !char.is_ascii_alphanumeric()).find_map(|word| {
        let letters = word.split(|char: char| char.is_ascii_digit()).next().unwrap_or_default();
        // A lone `o` is no name without its number.
        let known = FAMILIES.iter().find(|(start, _)| letters == *start && (letters.len() > 1 || word.len() > 1));
        known.map(|(_, family)| *family)
    })
}

/// What to tell the user when a judge is of the family of a model that it judges.
pub fn warning(judge: &str, candidates: &[&str]) -> Option<String> {
    let own = family(judge)?;
    let related: Vec<String> = (candidates.iter())
        .filter(|candidate| family(candidate) == Some(own))
        .map(|candidate| format!("`{candidate}`"))
        .collect();
    (!related.is_empty()).then(|| {
        format!(
            "the judge `{judge}` is of the same family as {} and may favour it; take another judge",
            related.join(", ")
        )
    })
}
