//! The place where one model goes on with what another began ([`Seam`]): what it repeats of the text is dropped, and one
//! that begins anew instead is found out. Pure.

/// So much of the second text is looked at before any of it is passed on, in characters. A model that goes on repeating what
/// is there is looked at for longer.
const HELD: usize = 200;
/// A shorter repetition may be chance, in characters.
const OVERLAP: usize = 12;
/// Who begins with so many characters of the beginning begins anew.
const ANEW: usize = 24;
/// So much of the end is looked for behind an introduction, in characters.
const TAIL: usize = 40;

/// Joins a text to one that has been shown.
#[derive(Debug)]
pub struct Seam {
    shown: String,
    held: String,
    open: bool,
}

/// What can be passed on.
#[derive(Debug, PartialEq, Eq)]
pub enum Joined {
    /// The text goes on with this; empty as long as nothing can be said yet.
    On(String),
    /// The model has begun anew, with this.
    Anew(String),
}

impl Seam {
    /// A seam at the end of this text.
    pub fn new(shown: impl Into<String>) -> Self {
        Self { shown: shown.into(), held: String::new(), open: false }
    }

    /// Takes a piece of the second text.
    pub fn push(&mut self, piece: &str) -> Joined {
        if self.open {
            return Joined::On(piece.to_owned());
        }
        self.held.push_str(piece);
        let start = self.held.trim_start();
        // A piece of what is there may be the whole of a long repetition, or the first part of the beginning.
        if start.chars().nth(HELD).is_none() || self.shown.contains(start) {
            return Joined::On(String::new());
        }
        self.decide()
    }

    /// Takes the end of the second text.
    pub fn finish(&mut self) -> Joined {
        if self.open { Joined::On(String::new()) } else { self.decide() }
    }

    fn decide(&mut self) -> Joined {
        self.open = true;
        let held = std::mem::take(&mut self.held);
        let shown = std::mem::take(&mut self.shown);
        if let Some(rest) = after_overlap(&shown, &held).or_else(|| after_echo(&shown, &held)) {
            return Joined::On(rest.to_owned());
        }
        if begins_alike(&shown, &held) {
            return Joined::Anew(held);
        }
        let rest = after_tail(&shown, &held).unwrap_or_else(|| without_introduction(&held));
        let doubled = shown.ends_with(' ') && rest.starts_with(' ');
        Joined::On(if doubled { rest.trim_start_matches(' ') } else { rest }.to_owned())
    }
}

/// What follows the longest end of the one that the other begins with. Blanks between them may differ.
fn after_overlap<'a>(shown: &str, held: &'a str) -> Option<&'a str> {
    let (bare, start) = (shown.trim_end(), held.trim_start());
    let exact = overlap(shown, held).map(|length| &held[length..]);
    let exact = exact.or_else(|| overlap(shown, start).map(|length| &start[length..]));
    exact.or_else(|| {
        let rest = &start[overlap(bare, start)?..];
        let blanks = &shown[bare.len()..];
        Some(rest.strip_prefix(blanks).unwrap_or_else(|| rest.trim_start_matches(' ')))
    })
}

/// The bytes of the longest end of `shown` that `next` begins with.
fn overlap(shown: &str, next: &str) -> Option<usize> {
    let fewest = next.char_indices().nth(OVERLAP - 1).map(|(at, last)| at + last.len_utf8())?;
    let ends = next.char_indices().map(|(at, _)| at).chain([next.len()]);
    ends.filter(|end| (fewest..=shown.len()).contains(end)).rfind(|end| shown.ends_with(&next[..*end]))
}

/// What follows the whole of a text that is too short to overlap.
fn after_echo<'a>(shown: &str, held: &'a str) -> Option<&'a str> {
    let several_words = shown.trim().contains(' ');
    let rest = held.trim_start().strip_prefix(shown.trim())?;
    let blanks = &shown[shown.trim_end().len()..];
    several_words.then(|| rest.strip_prefix(blanks).unwrap_or(rest))
}

fn begins_alike(shown: &str, held: &str) -> bool {
    let (shown, held) = (shown.trim_start(), held.trim_start());
    let alike = shown.chars().zip(held.chars()).take_while(|(one, other)| one == other).count();
    alike >= ANEW
}

/// What follows the end of the text where it is repeated behind an introduction.
fn after_tail<'a>(shown: &str, held: &'a str) -> Option<&'a str> {
    let shown = shown.trim_end();
    let (start, _) = shown.char_indices().rev().nth(TAIL - 1)?;
    let tail = &shown[start..];
    held.find(tail).map(|at| &held[at + tail.len()..])
}

/// The text without a first line such as "Sure, continuing:".
fn without_introduction(held: &str) -> &str {
    let start = held.trim_start();
    let Some((line, rest)) = start.split_once('\n') else { return held };
    let line = line.trim_end();
    let said = line.to_ascii_lowercase();
    let introduces = line.chars().count() <= 80 && said.contains("continu") && line.ends_with([':', '…', '.']);
    if introduces { rest.trim_start_matches('\n') } else { held }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;

    /// The whole text, or `None` when the second began anew.
    fn joined(shown: &str, second: &str, size: usize) -> Option<String> {
        let mut seam = Seam::new(shown);
        let mut whole = shown.to_owned();
        let letters: Vec<char> = second.chars().collect();
        let pieces = letters.chunks(size.max(1)).map(|piece| seam.push(&piece.iter().collect::<String>()));
        for joined in pieces.collect::<Vec<_>>().into_iter().chain([seam.finish()]) {
            match joined {
                Joined::On(text) => whole.push_str(&text),
                Joined::Anew(_) => return None,
            }
        }
        Some(whole)
    }

    #[test]
    fn what_is_repeated_is_dropped() {
        for (shown, second, whole) in [
            ("The sky is blue because", " of scattering.", "The sky is blue because of scattering."),
            ("The sky is blue because", "sky is blue because of it.", "The sky is blue because of it."),
            ("The sky is blue because ", "\n\nis blue because of it.", "The sky is blue because of it."),
            ("The sky is blue because\n", "is blue because\nof it.", "The sky is blue because\nof it."),
            ("The sky", "The sky is blue.", "The sky is blue."),
            ("a", " and b", "a and b"),
            ("one ", " two", "one two"),
            ("one\n", "\ntwo", "one\n\ntwo"),
            (
                "The light of the sun has all colours,",
                "Sure, continuing:\n\n and the air",
                "The light of the sun has all colours, and the air",
            ),
            (
                "The light of the sun has all colours, and the air",
                "Here it goes on: light of the sun has all colours, and the air scatters",
                "The light of the sun has all colours, and the air scatters",
            ),
        ] {
            for size in [1, 7, 1000] {
                assert_eq!(joined(shown, second, size).as_deref(), Some(whole), "{shown:?} {second:?}");
            }
        }
    }

    #[test]
    fn a_model_that_begins_anew_is_found_out() {
        let shown = "The sky is blue because the air scatters light";
        assert_eq!(joined(shown, "The sky is blue because of the sun.", 5), None);
        let mut seam = Seam::new(shown);
        assert_eq!(seam.push("The sky is blue because of"), Joined::On(String::new()));
        assert_eq!(seam.finish(), Joined::Anew("The sky is blue because of".to_owned()));
    }

    #[test]
    fn after_the_seam_nothing_is_held() {
        let mut seam = Seam::new("one");
        let long = " word".repeat(50);
        assert_eq!(seam.push(&long), Joined::On(long));
        assert_eq!(seam.push("x"), Joined::On("x".to_owned()));
    }

    /// A text in which no twelve characters stand twice.
    fn texts() -> impl Strategy<Value = String> {
        let word = (0..5_usize).prop_map(|style| ["{}", "é{}", "**{}**", "{}\n\n", "- {}日本"][style]);
        proptest::collection::vec(word, 8..150).prop_map(|styles| {
            let words = styles.iter().enumerate();
            words.map(|(index, style)| style.replace("{}", &format!("w{index}")) + " ").collect()
        })
    }

    proptest! {
        #[test]
        fn any_split_with_any_repetition_gives_the_text_back(
            text in texts(), split in any::<Index>(), back in any::<Index>(), size in 1..40_usize,
        ) {
            let letters: Vec<char> = text.chars().collect();
            let split = OVERLAP + split.index(letters.len() - OVERLAP);
            let start = back.index(split - OVERLAP + 1);
            let (shown, second): (String, String) = (letters[..split].iter().collect(), letters[start..].iter().collect());
            prop_assert_eq!(joined(&shown, &second, size), Some(text));
        }

        #[test]
        fn any_split_without_repetition_gives_the_text_back(text in texts(), split in any::<Index>(), size in 1..40_usize) {
            let letters: Vec<char> = text.chars().collect();
            let split = split.index(letters.len());
            let (shown, second): (String, String) = (letters[..split].iter().collect(), letters[split..].iter().collect());
            prop_assert_eq!(joined(&shown, &second, size), Some(text));
        }

        #[test]
        fn nothing_panics_and_nothing_new_is_invented(shown in "\\PC{0,60}", second in "\\PC{0,300}", size in 1..20_usize) {
            if let Some(whole) = joined(&shown, &second, size) {
                prop_assert!(whole.starts_with(&shown) && second.ends_with(&whole[shown.len()..]));
            }
        }
    }
}
