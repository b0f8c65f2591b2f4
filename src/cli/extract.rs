//! `--extract`: the first fenced code block of an answer.

/// The content of the first fenced code block, with its line ends; `None` when there is none.
///
/// A block that is never closed counts to the end: models that run into the token limit leave it open.
pub fn first_block(text: &str) -> Option<String> {
    blocks(text).into_iter().next()
}

/// The contents of all fenced code blocks.
pub fn blocks(text: &str) -> Vec<String> {
    let mut lines = text.split_inclusive('\n');
    let mut blocks = Vec::new();
    while let Some(fence) = lines.by_ref().find_map(opening) {
        blocks.push(lines.by_ref().take_while(|line| !closes(line, fence)).collect());
    }
    blocks
}

/// The fence character and its length, when the line opens a block.
fn opening(line: &str) -> Option<(char, usize)> {
    let trimmed = line.trim_start();
    let mark = trimmed.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let length = trimmed.chars().take_while(|char| *char == mark).count();
    // A backtick in the info string means inline code, by the CommonMark rule.
    let inline = mark == '`' && trimmed[length..].contains('`');
    (length >= 3 && !inline).then_some((mark, length))
}

fn closes(line: &str, (mark, length): (char, usize)) -> bool {
    let trimmed = line.trim();
    trimmed.chars().count() >= length && trimmed.chars().all(|char| char == mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_block_is_taken_without_its_fences() {
        assert_eq!(first_block("Hi:\n```rust\nfn a() {}\n```\nand\n```\nb\n```\n").as_deref(), Some("fn a() {}\n"));
        assert_eq!(first_block("~~~~\n~~~\n~~~~").as_deref(), Some("~~~\n"));
        assert_eq!(first_block("```sh\nls").as_deref(), Some("ls"));
        assert_eq!(first_block("use ```x``` inline\nno block"), None);
    }
}
