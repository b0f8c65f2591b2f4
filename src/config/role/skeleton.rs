//! What a new role begins with: sound as it is, and with every line of its head opened.

/// The text of a new role.
pub const SKELETON: &str = r#"+++
description = "answers in another language"
#model = "smart"                        # a route, an alias, or provider/model
#options = { temperature = 0.2, max_tokens = 300 }
#schema = "answer, certainty number"    # or a file beside this one
#system = "You are terse."              # beside a text with {{input}}
variables = { language = "English" }    # `llmx complete -t NAME -p language=German`
+++
Answer in {{language}}, in one sentence:

{{input}}
"#;
