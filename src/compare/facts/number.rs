//! Numbers in a text: `1,985`, `-3.5 %`, `1.5e9`, `$5 million`, `١٩٨٥`.

mod chain;

use self::chain::{Piece, pieces};
use super::{Fact, quoted, unit, word_before};

/// The zeros of the ways to write digits: ASCII, Arabic, Persian, Devanagari, Bengali, Thai, full width.
const ZEROS: [char; 7] = ['0', '\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{e50}', '\u{ff10}'];

/// Powers of ten beyond it are no numbers but names.
const LARGEST_EXPONENT: usize = 4;

/// A number with more digits than this is written with a power of ten.
const LONGEST_PLAIN: usize = 30;

/// How far after a number it is looked for what it counts, in characters.
const LOOKED_AT: usize = 40;

/// The value of a digit of any script that is known here.
fn digit(char: char) -> Option<char> {
    ZEROS.iter().find_map(|zero| {
        let value = u32::from(char).checked_sub(u32::from(*zero))?;
        char::from_digit(value, 10)
    })
}

/// A letter of a script that puts spaces between words, or an underscore: a digit beside it belongs to a name.
fn names(char: char) -> bool {
    char == '_' || (char.is_alphabetic() && char < '\u{530}')
}

/// All numbers of a text in their order.
pub fn find(text: &str) -> Vec<Fact> {
    let mut reader = Reader { chars: text.char_indices().collect(), text };
    let mut facts = Vec::new();
    let mut at = 0;
    // Whether nothing but marks of a list was seen on this line.
    let mut fresh = true;
    while let Some(char) = reader.char(at) {
        if digit(char).is_some() {
            let counts = || if fresh { reader.ordinal_end(at) } else { None };
            at = match reader.name_end(at).or_else(counts) {
                Some(end) => end,
                None => reader.number(at, &mut facts),
            };
            fresh = false;
        } else {
            fresh = char == '\n' || (fresh && (char.is_whitespace() || "#>*_-+•(".contains(char)));
            at += 1;
        }
    }
    facts
}

struct Reader<'a> {
    text: &'a str,
    chars: Vec<(usize, char)>,
}

impl Reader<'_> {
    fn char(&self, at: usize) -> Option<char> {
        self.chars.get(at).map(|(_, char)| *char)
    }

    fn byte(&self, at: usize) -> usize {
        self.chars.get(at).map_or(self.text.len(), |(byte, _)| *byte)
    }

    fn before(&self, at: usize) -> Option<char> {
        at.checked_sub(1).and_then(|at| self.char(at))
    }

    fn is_digit(&self, at: usize) -> bool {
        self.char(at).is_some_and(|char| digit(char).is_some())
    }

    /// The end of the characters from here on for which this holds.
    fn end(&self, at: usize, holds: impl Fn(char) -> bool) -> usize {
        let rest = self.chars.get(at..).unwrap_or_default();
        at + rest.iter().take_while(|(_, char)| holds(*char)).count()
    }

    fn slice(&self, from: usize, to: usize) -> &str {
        self.text.get(self.byte(from)..self.byte(to)).unwrap_or_default()
    }

    /// The end of the name that the digit at this place belongs to (`x86_64`, `gpt-4.1`), if it does.
    fn name_end(&self, at: usize) -> Option<usize> {
        let before = self.before(at)?;
        let joined = matches!(before, '-' | '\u{2011}') && at >= 2 && self.before(at - 1).is_some_and(names);
        if !names(before) && !joined {
            return None;
        }
        let mut end = self.end(at, char::is_alphanumeric);
        while matches!(self.char(end), Some('-' | '.' | '_')) && self.char(end + 1).is_some_and(char::is_alphanumeric) {
            end = self.end(end + 1, char::is_alphanumeric);
        }
        Some(end)
    }

    /// The end of a number that only counts an item of a list, when it stands at the beginning of a line.
    fn ordinal_end(&self, at: usize) -> Option<usize> {
        let end = self.end(at, |char| char.is_ascii_digit());
        let mark = matches!(self.char(end), Some('.' | ')' | '、'));
        let item = self.slice(end + 1, end + 1 + LOOKED_AT);
        let item = item.split('\n').next().unwrap_or_default();
        let spaced = item.starts_with([' ', '\t', '*', '_']) || self.char(end) == Some('、');
        (end - at <= 3 && mark && spaced && !item.trim().is_empty()).then_some(end + 1)
    }

    /// Reads the number at this place, or several that are joined by separators, and returns where it ends.
    fn number(&mut self, at: usize, facts: &mut Vec<Fact>) -> usize {
        let (mut chain, end) = self.chain(at);
        let bracketed = matches!(self.before(at), Some('(' | '['));
        let point = self.before(at) == Some('.')
            && !at.checked_sub(2).is_some_and(|at| self.char(at).is_some_and(char::is_alphanumeric));
        let start = if point { at - 1 } else { at };
        if point {
            chain.insert(0, (None, String::new()));
            chain[1].0 = Some('.');
        }
        let mut found = pieces(&chain, bracketed);
        let Some(tail) = self.tail(end, found.last()) else {
            return self.end(end, |char| char.is_alphanumeric() || char == '_');
        };
        let (negative, sign, start) = self.sign(start);
        if let Some(first) = found.first_mut() {
            first.negative = negative;
        }
        let text = quoted(self.slice(start, tail.end));
        let before = word_before(self.text, self.byte(start));
        let last = found.len() - 1;
        for (place, piece) in found.into_iter().enumerate() {
            let exponent = if place == last { tail.exponent } else { 0 };
            let unit = if place == last { tail.unit.or(sign) } else { sign };
            let text = if last == 0 { text.clone() } else { quoted(&piece.written()) };
            facts.push(Fact {
                value: piece.value(exponent),
                unit: unit.map(str::to_owned),
                text,
                before: before.clone(),
            });
        }
        tail.end
    }

    /// Runs of digits with the separators between them.
    fn chain(&self, at: usize) -> (Vec<(Option<char>, String)>, usize) {
        let mut chain = Vec::new();
        let (mut at, mut separator) = (at, None);
        loop {
            let end = self.end(at, |char| digit(char).is_some());
            let run = self.chars[at..end].iter().filter_map(|(_, char)| digit(*char)).collect();
            chain.push((separator, run));
            separator = self.char(end).filter(|char| chain::SEPARATORS.contains(char));
            let blank = separator.is_some_and(char::is_whitespace);
            let three = self.end(end + 1, |char| digit(char).is_some()) == end + 4;
            if separator.is_none() || !self.is_digit(end + 1) || (blank && !three) {
                return (chain, end);
            }
            at = end + 1;
        }
    }

    /// Whether a sign stands before the number, and a currency; and where they begin.
    fn sign(&self, at: usize) -> (bool, Option<&'static str>, usize) {
        let mut start = at;
        let mut negative = false;
        let mut currency = None;
        for _ in 0..2 {
            let Some(before) = self.before(start) else { break };
            if let Some(found) = unit::currency(before).filter(|_| currency.is_none()) {
                (currency, start) = (Some(found), start - 1);
            } else if matches!(before, '-' | '−' | '+' | '–') {
                let opens = |char: char| char.is_whitespace() || "([{=:,;<>*\"'`|$€£¥₹".contains(char);
                if self.before(start - 1).is_none_or(opens) {
                    (negative, start) = (negative || before != '+', start - 1);
                }
            }
        }
        (negative, currency, start)
    }

    /// What follows the digits. `None` where letters follow that make it a name (`3d`, `0x1F`).
    fn tail(&self, at: usize, last: Option<&Piece>) -> Option<Tail> {
        let mut tail = self.power(at);
        if let Some(end) = self.ordinal_suffix(tail.end) {
            return Some(Tail { end, ..tail });
        }
        // A scale, then a unit, each right at it or after one blank.
        for step in 0..2 {
            let spaced = self.char(tail.end).is_some_and(|char| matches!(char, ' ' | '\u{a0}' | '\u{202f}'));
            let from = tail.end + usize::from(spaced);
            let (word, end) = self.word(from);
            let attached = !spaced;
            if let Some(power) = unit::scale(&word, attached).filter(|_| step == 0) {
                (tail.exponent, tail.end) = (tail.exponent + power, end);
                continue;
            }
            if word == "s" && attached && last.is_some_and(Piece::is_decade) {
                return Some(Tail { unit: Some("decade"), end, ..tail });
            }
            // `1985 l'été` are no litres.
            let elided = matches!(self.char(end), Some('\'' | '’'));
            if let Some(unit) = unit::unit(&word).filter(|_| !elided) {
                return Some(Tail { unit: Some(unit), end, ..tail });
            }
            if attached && tail.end == at && word.chars().next().is_some_and(names) {
                return None;
            }
            break;
        }
        Some(tail)
    }

    /// `e9` or ` × 10^9` after the digits.
    fn power(&self, at: usize) -> Tail {
        let none = Tail { exponent: 0, unit: None, end: at };
        let from = if matches!(self.char(at), Some('e' | 'E')) {
            at + 1
        } else {
            let blank = |at| at + usize::from(self.char(at) == Some(' '));
            let sign = blank(at);
            let ten = blank(sign + 1);
            if !matches!(self.char(sign), Some('×' | '·' | '*')) || self.slice(ten, ten + 3) != "10^" {
                return none;
            }
            ten + 3
        };
        let digits = from + usize::from(matches!(self.char(from), Some('-' | '+' | '−')));
        let end = self.end(digits, |char| char.is_ascii_digit());
        if end == digits || end - digits > LARGEST_EXPONENT || self.char(end).is_some_and(names) {
            return none;
        }
        let exponent: i64 = self.slice(digits, end).parse().unwrap_or(0);
        let negative = matches!(self.char(from), Some('-' | '−'));
        Tail { exponent: if negative { -exponent } else { exponent }, unit: None, end }
    }

    fn ordinal_suffix(&self, at: usize) -> Option<usize> {
        let end = self.end(at, names);
        matches!(self.slice(at, end), "st" | "nd" | "rd" | "th").then_some(end)
    }

    /// The word at this place: one symbol with the letters that follow it, or letters; one letter of scripts without spaces.
    fn word(&self, at: usize) -> (String, usize) {
        let Some(first) = self.char(at) else { return (String::new(), at) };
        let end = match first {
            '%' | '％' | '٪' | '×' | '$' | '€' | '£' | '¥' | '₹' | '₽' | '₩' | '℃' | '℉' => at + 1,
            '°' => self.end(at + 1, |char| matches!(char, 'C' | 'F')).min(at + 2),
            _ if names(first) => self.end(at, |char| names(char) || char.is_ascii_digit()),
            _ => at + 1,
        };
        (self.slice(at, end.min(at + 24)).to_owned(), end)
    }
}

/// What follows the digits of a number.
struct Tail {
    exponent: i64,
    unit: Option<&'static str>,
    end: usize,
}
