//! The environment variables llmx reads for itself. Those of providers (keys, addresses) are members of their rows.

/// Replaces the default model, route or alias.
pub const MODEL: &str = "LLMX_MODEL";
/// The path of the user's configuration file.
pub const CONFIG: &str = "LLMX_CONFIG";
/// The directory of the ledger and everything else that llmx keeps.
pub const DATA_DIR: &str = "LLMX_DATA_DIR";
/// `1` replaces every provider by the simulated fleet, as `--sim` does.
pub const SIM: &str = "LLMX_SIM";
/// `off` keeps prompts and answers out of the ledger, `on` keeps them; wins over `store_prompts`.
pub const LOG: &str = "LLMX_LOG";

/// The project that spending is counted for, in place of the git repository's root.
pub const PROJECT: &str = "LLMX_PROJECT";

/// All of them with what they hold, as the help lists them.
pub const ALL: &[(&str, &str)] = &[
    (MODEL, "the model, route or alias to ask without -m"),
    (CONFIG, "the path of your configuration file"),
    (DATA_DIR, "the directory of the ledger"),
    (SIM, "1 or faults: the simulated fleet, as by --sim"),
    (LOG, "`off` keeps prompts and answers out of the ledger"),
    (PROJECT, "the project that spending is counted for"),
];
