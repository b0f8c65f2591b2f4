//! Where in a file a setting stands, and where a new one goes: lines of the text, which are put in or taken out.

use std::ops::Range;

use toml::Table as Meaning;
use toml_edit::{Document, Item, Table, Value};

use super::dotted;

/// The text with a setting that has no section yet, at the best place that does not change what the rest means.
pub fn inserted(text: &str, above: &[String], name: &str, value: &Value) -> String {
    let line = format!("{} = {value}\n", super::member("", name));
    let lines = if above.is_empty() { line } else { format!("[{}]\n{line}", dotted(above)) };
    let expected = meaning_with(text, above, name, value);
    let mut last = String::new();
    for place in places(text, above, name) {
        last = put(text, place, &lines, !above.is_empty());
        if expected.is_some() && last.parse::<Meaning>().ok() == expected {
            break;
        }
    }
    last
}

/// Where a setting could go, the best place first; at the last one it can always stand.
fn places(text: &str, above: &[String], name: &str) -> Vec<usize> {
    let Ok(document) = Document::parse(text) else { return vec![text.len()] };
    let Some(section) = above.first() else {
        let values = document.iter().filter_map(|(_, item)| item.as_value()?.span());
        let after_last = values.map(|span| line_end(text, span.end)).max();
        return example(text, &format!("#{name} = ")).into_iter().chain(after_last).chain([head(text), 0]).collect();
    };
    let mut blocks = Vec::new();
    collect(text, &mut Vec::new(), document.as_table(), &mut blocks);
    let kin = blocks.iter().filter(|block| block.names.first() == Some(section)).map(|block| block.range.end).max();
    let own = example(text, &format!("#[{}]", dotted(above)));
    let like = [format!("#[{section}]"), format!("#[{section}.")].iter().find_map(|start| example(text, start));
    own.into_iter().chain(kin).chain(like).chain([text.len()]).collect()
}

/// The end of the commented paragraph that begins with a line like this; of a single setting, the end of its line.
fn example(text: &str, start: &str) -> Option<usize> {
    let mut at = 0;
    let line = text.split_inclusive('\n').find(|line| {
        let found = line.starts_with(start);
        at += if found { 0 } else { line.len() };
        found
    })?;
    if !start.starts_with("#[") {
        return Some(at + line.len());
    }
    let paragraph = text[at..].split_inclusive('\n').take_while(|line| line.starts_with('#'));
    Some(at + paragraph.map(str::len).sum::<usize>())
}

/// The end of the comment that a file begins with, and of the empty line after it. A section that is commented out is none.
fn head(text: &str) -> usize {
    let is_comment = |line: &&str| line.starts_with('#') && !line.starts_with("#[");
    let comment = text.split_inclusive('\n').take_while(is_comment).map(str::len).sum::<usize>();
    let blank = comment > 0 && text[comment..].starts_with('\n');
    comment + usize::from(blank)
}

/// Puts lines at a place; a section is set off by empty lines.
fn put(text: &str, place: usize, lines: &str, is_section: bool) -> String {
    let (before, after) = text.split_at(place);
    let mut new = before.to_owned();
    if !new.is_empty() && !new.ends_with('\n') {
        new.push('\n');
    }
    if is_section && !new.is_empty() && !new.ends_with("\n\n") {
        new.push('\n');
    }
    new.push_str(lines);
    let next_is_heading = after.trim_start_matches('\n').starts_with('[');
    if (is_section || next_is_heading) && !after.is_empty() && !after.starts_with('\n') {
        new.push('\n');
    }
    new + after
}

/// What a text means with the setting added.
fn meaning_with(text: &str, above: &[String], name: &str, value: &Value) -> Option<Meaning> {
    let mut all: Meaning = text.parse().ok()?;
    let mut holder = &mut all;
    for table in above {
        let below = holder.entry(table.as_str()).or_insert_with(|| toml::Value::Table(Meaning::new()));
        holder = below.as_table_mut()?;
    }
    let value = format!("value = {value}").parse::<Meaning>().ok()?.remove("value")?;
    holder.insert(name.to_owned(), value);
    Some(all)
}

/// The text without the lines of a setting, which is there and not within an inline table.
pub fn removed(text: &str, names: &[String]) -> Option<String> {
    let document = Document::parse(text).ok()?;
    let (name, above) = names.split_last()?;
    let mut holder: &Table = document.as_table();
    for table in above {
        holder = holder.get(table)?.as_table()?;
    }
    let (key, item) = holder.get_key_value(name)?;
    if let Item::Value(value) = item {
        return Some(cut(text, line_start(text, key.span()?.start)..line_end(text, value.span()?.end)));
    }
    let mut blocks = Vec::new();
    collect(text, &mut names.to_vec(), item.as_table()?, &mut blocks);
    let mut ranges: Vec<Range<usize>> = blocks.into_iter().map(|block| block.range).collect();
    ranges.sort_by_key(|range| range.start);
    // The lines of dotted names are lines of their section too.
    ranges.dedup_by(|inner, outer| inner.end <= outer.end);
    Some(ranges.into_iter().rev().fold(text.to_owned(), |text, range| cut(&text, range)))
}

/// Takes lines out, and one of two empty lines that meet then.
fn cut(text: &str, range: Range<usize>) -> String {
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let meets = before.is_empty() || before.ends_with("\n\n");
    let after = after.strip_prefix('\n').filter(|_| meets).unwrap_or(after);
    if after.is_empty() && before.ends_with("\n\n") {
        return before[..before.len() - 1].to_owned();
    }
    format!("{before}{after}")
}

/// A section, or a setting with a dotted name: whole lines.
struct Block {
    names: Vec<String>,
    range: Range<usize>,
}

/// All blocks of a table and of those below it.
fn collect(text: &str, names: &mut Vec<String>, table: &Table, blocks: &mut Vec<Block>) {
    let heading = table.span().filter(|_| !table.is_dotted() && !table.is_implicit() && !names.is_empty());
    if let Some(heading) = heading {
        let end = ends(table).max().unwrap_or(heading.end).max(heading.end);
        let range = line_start(text, heading.start)..line_end(text, end);
        blocks.push(Block { names: names.clone(), range });
    }
    for (name, item) in table {
        names.push(name.to_owned());
        match item {
            Item::Table(below) => collect(text, names, below, blocks),
            Item::Value(value) if table.is_dotted() => {
                let range = value.span().map(|span| line_start(text, span.start)..line_end(text, span.end));
                blocks.extend(range.map(|range| Block { names: names.clone(), range }));
            }
            _ => {}
        }
        names.pop();
    }
}

/// Where the values of a section end, those with dotted names among them.
fn ends(table: &Table) -> Box<dyn Iterator<Item = usize> + '_> {
    Box::new(table.iter().flat_map(|(_, item)| match item {
        Item::Value(value) => {
            Box::new(value.span().map(|span| span.end).into_iter()) as Box<dyn Iterator<Item = usize>>
        }
        Item::Table(below) if below.is_dotted() => ends(below),
        _ => Box::new(std::iter::empty()),
    }))
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1)
}
