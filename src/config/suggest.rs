//! "did you mean": the known name nearest to an unknown one.

/// Longer names are no typing errors, and comparing them costs the square of their length.
const LONGEST: usize = 64;

/// The nearest of `known`, when it is near enough to be what was meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    ranked(name, known).into_iter().next()
}

/// Up to three known names that may have been meant, the nearest first.
pub fn ranked<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    if name.len() > LONGEST {
        return Vec::new();
    }
    let wanted = name.to_lowercase();
    let farthest = (wanted.chars().count() / 3).clamp(1, 4);
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .filter(|known| known.len() <= LONGEST)
        .map(|known| (strsim::damerau_levenshtein(&wanted, &known.to_lowercase()), known))
        .filter(|&(distance, _)| distance <= farthest)
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().map(|(_, known)| known).take(3).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_recognised_and_other_names_are_not() {
        let known = ["base_url", "wire", "openai", "openrouter"];
        for (name, expected) in [
            ("base_ulr", Some("base_url")),
            ("OpenAI", Some("openai")),
            ("opena", Some("openai")),
            ("wrie", Some("wire")),
            ("x", None),
            ("something", None),
        ] {
            assert_eq!(nearest(name, known), expected, "{name}");
        }
        assert_eq!(nearest(&"x".repeat(100_000), known), None);
    }
}
