//! Cuts a text into the pieces that `o200k_base` merges within, in one pass and without allocation, and adds up what they
//! are likely to cost: a word by its pairs of letters, a run of symbols by its changes, all else by its length.

use super::weights::{self, Script};

/// No vocabulary in use holds a token of more bytes: `o200k_base` and `cl100k_base` go up to 128.
const LONGEST_TOKEN: u64 = 128;
/// So many blanks are one token.
const BLANKS: u64 = 80;

/// What a text is likely to cost, and what it costs at least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Hundredths of a token.
    pub hundredths: u64,
    /// Words between white space that hold a letter or digit, a long one once for every [`LONGEST_TOKEN`] bytes.
    pub words: u64,
}

/// Reads a text.
pub fn read(text: &str) -> Sums {
    let mut scan = Scan::default();
    for character in text.chars() {
        scan.take(character);
    }
    scan.finish()
}

/// What a character does to the piece before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    Symbol,
    Blank,
    Newline,
}

impl Class {
    fn of(character: char) -> Self {
        match character {
            'a'..='z' | 'A'..='Z' => Self::Letter,
            ' ' | '\t' => Self::Blank,
            '0'..='9' => Self::Digit,
            '\n' | '\r' => Self::Newline,
            '!'..='~' => Self::Symbol,
            _ if character.is_alphabetic() || weights::is_mark(character) => Self::Letter,
            _ if character.is_numeric() => Self::Digit,
            _ if character.is_whitespace() => Self::Blank,
            _ => Self::Symbol,
        }
    }
}

/// The piece that is being read.
#[derive(Clone, Copy, Default)]
enum Piece {
    #[default]
    None,
    Word(Word),
    Digits(u64),
    Symbols(Symbols),
    Blanks(Blanks),
}

/// Letters, with the one character before them that belongs to them.
#[derive(Clone, Copy)]
struct Word {
    /// Hundredths of a token above one.
    excess: i64,
    /// Its place in the table of pairs; `None` for scripts whose letters count alone.
    pair: Option<usize>,
    script: Script,
    letters: usize,
    /// How many times the last letter stands there again.
    alike: u32,
    capitals: i64,
    /// The last letter is a small one: a capital after it begins a new word.
    small: bool,
    /// It follows a word and an apostrophe, and so far it may be the end of that word, as in `it's`.
    ending: Option<[char; 2]>,
}

/// A run of symbols.
#[derive(Clone, Copy)]
struct Symbols {
    first: char,
    last: char,
    length: i64,
    changes: i64,
    newlines: u32,
    spaced: bool,
    after_word: bool,
    /// Hundredths of a token above one, for symbols beyond ASCII.
    excess: i64,
}

/// White space.
#[derive(Clone, Copy, Default)]
struct Blanks {
    newline: bool,
    /// After the last line end.
    length: u64,
    last: char,
}

#[derive(Default)]
struct Scan {
    hundredths: u64,
    piece: Piece,
    /// Words in Latin letters, and their hundredths above one token each.
    latin: (u64, u64),
    words: u64,
    /// Bytes of what stands between white space and whether it holds a letter or digit.
    word: (u64, bool),
}

impl Scan {
    fn take(&mut self, character: char) {
        let class = Class::of(character);
        if matches!(class, Class::Blank | Class::Newline) {
            self.end_word();
        } else {
            self.word.0 += character.len_utf8() as u64;
            self.word.1 |= class != Class::Symbol;
        }
        match class {
            Class::Letter => self.letter(character),
            Class::Digit => self.digit(),
            Class::Symbol => self.symbol(character),
            Class::Blank => self.blank(character),
            Class::Newline => self.newline(),
        }
    }

    fn letter(&mut self, character: char) {
        let capital = character.is_uppercase();
        if let Piece::Word(word) = &mut self.piece
            && !(capital && word.small)
        {
            word.add(character, capital);
            return;
        }
        let (before, after_word) = match self.piece {
            Piece::Symbols(Symbols { length: 1, newlines: 0, spaced: false, first, after_word, .. }) => {
                (Some(first), after_word)
            }
            Piece::Blanks(blanks) if blanks.length > 0 => {
                self.cost(blanks.cost_without_last());
                (Some(blanks.last), false)
            }
            _ => {
                self.end_piece();
                (None, false)
            }
        };
        self.piece = Piece::Word(Word::starting(character, capital, before, after_word));
    }

    fn digit(&mut self) {
        if let Piece::Digits(count) = &mut self.piece {
            *count += 1;
            return;
        }
        if let Piece::Blanks(blanks) = self.piece
            && blanks.length > 0
        {
            self.cost(blanks.cost_without_last() + 100);
        } else {
            self.end_piece();
        }
        self.piece = Piece::Digits(1);
    }

    fn symbol(&mut self, character: char) {
        if let Piece::Symbols(symbols) = &mut self.piece
            && (symbols.newlines == 0 || character == '/')
        {
            symbols.add(character);
            return;
        }
        let after_word = matches!(self.piece, Piece::Word(_));
        let mut spaced = false;
        match self.piece {
            Piece::Blanks(blanks) if blanks.length > 0 && blanks.last == ' ' => {
                spaced = true;
                self.cost(blanks.cost_without_last());
            }
            _ => self.end_piece(),
        }
        self.piece = Piece::Symbols(Symbols::starting(character, spaced, after_word));
    }

    fn blank(&mut self, character: char) {
        if let Piece::Blanks(blanks) = &mut self.piece {
            blanks.length += 1;
            blanks.last = character;
            return;
        }
        self.end_piece();
        self.piece = Piece::Blanks(Blanks { newline: false, length: 1, last: character });
    }

    fn newline(&mut self) {
        match &mut self.piece {
            Piece::Symbols(symbols) => symbols.newlines += 1,
            Piece::Blanks(blanks) => {
                // Blanks before a line end are one piece with it.
                let long = 100 * (blanks.length / BLANKS);
                *blanks = Blanks { newline: true, ..Blanks::default() };
                self.cost(long);
            }
            _ => {
                self.end_piece();
                self.piece = Piece::Blanks(Blanks { newline: true, ..Blanks::default() });
            }
        }
    }

    fn cost(&mut self, hundredths: u64) {
        self.hundredths += hundredths;
    }

    fn end_piece(&mut self) {
        match std::mem::take(&mut self.piece) {
            Piece::None => {}
            Piece::Digits(count) => self.cost(100 * count.div_ceil(3)),
            Piece::Blanks(blanks) => self.cost(blanks.cost()),
            Piece::Symbols(symbols) => self.cost(symbols.cost()),
            Piece::Word(word) => {
                let excess = word.excess();
                if word.is_ending() {
                    self.cost(weights::ENDING);
                } else if word.pair.is_some() {
                    self.latin = (self.latin.0 + 1, self.latin.1 + excess);
                } else {
                    self.cost(100 + excess);
                }
            }
        }
    }

    fn end_word(&mut self) {
        let (bytes, counts) = std::mem::take(&mut self.word);
        self.words += if counts { bytes.div_ceil(LONGEST_TOKEN) } else { 0 };
    }

    fn finish(mut self) -> Sums {
        self.end_piece();
        self.end_word();
        let (words, excess) = self.latin;
        // Words that are rare among English ones and code stand together: where there are many, each costs somewhat more than
        // its letters tell.
        let share = excess.checked_div(words).unwrap_or(0).min(weights::RARE_AT_MOST);
        let excess = excess * (weights::COMMON + weights::RARE * share / 100) / 100;
        Sums { hundredths: self.hundredths + 100 * words + excess, words: self.words }
    }
}

impl Word {
    fn starting(character: char, capital: bool, before: Option<char>, after_word: bool) -> Self {
        let script = weights::script(character);
        let spaced = before == Some(' ');
        let latin = script.is_latin();
        let excess = if latin {
            let capital = if spaced { weights::CAPITAL_AFTER_SPACE } else { weights::CAPITAL };
            if character.is_uppercase() { i64::from(capital) } else { 0 }
        } else {
            script.start(spaced)
        };
        let mut word = Self {
            excess,
            pair: latin.then(|| weights::start(before)),
            script,
            letters: 0,
            alike: 0,
            capitals: 0,
            small: false,
            ending: (after_word && before == Some('\'')).then_some(['\0'; 2]),
        };
        // What a first capital costs is told already.
        word.add(character, false);
        word.capitals = i64::from(capital);
        word.small = !capital && character.is_lowercase();
        word
    }

    fn add(&mut self, character: char, capital: bool) {
        if let Some(place) = self.pair {
            let letter = weights::letter(character);
            self.alike = if letter == place { self.alike + 1 } else { 0 };
            self.excess += if self.alike > 2 { weights::ALIKE } else { i64::from(weights::PAIRS[place][letter]) };
            if capital {
                self.excess += i64::from(weights::CAPITAL_WITHIN);
            }
            self.pair = Some(letter);
        } else {
            let script = weights::script(character);
            self.excess += weights::each(script, character);
            if script != self.script {
                self.excess += i64::from(weights::TURN);
            }
            self.script = script;
        }
        if let Some(ending) = &mut self.ending {
            match ending.get_mut(self.letters) {
                Some(place) => *place = character.to_ascii_lowercase(),
                None => self.ending = None,
            }
        }
        self.letters += 1;
        self.capitals += i64::from(capital);
        self.small = !capital && character.is_lowercase();
    }

    fn is_ending(&self) -> bool {
        self.ending.is_some_and(|letters| weights::ENDINGS.contains(&letters))
    }

    fn excess(&self) -> u64 {
        let end = match self.pair {
            Some(place) => {
                i64::from(weights::PAIRS[place][weights::END])
                    + i64::from(weights::LENGTHS[self.letters.min(weights::LENGTHS.len() - 1)])
            }
            None if self.capitals > 1 => self.capitals * i64::from(weights::CAPITALS_ELSEWHERE),
            None => 0,
        };
        u64::try_from(self.excess + end).unwrap_or(0)
    }
}

impl Symbols {
    fn starting(character: char, spaced: bool, after_word: bool) -> Self {
        let excess = weights::symbol(character);
        Self { first: character, last: character, length: 1, changes: 0, newlines: 0, spaced, after_word, excess }
    }

    fn add(&mut self, character: char) {
        self.length += 1;
        self.changes += i64::from(character != self.last);
        self.excess += weights::symbol(character);
        self.last = character;
    }

    fn cost(&self) -> u64 {
        let changes = match self.changes {
            0 => 0,
            1 => weights::CHANGES[0],
            more => weights::CHANGES[0] + weights::CHANGES[1] + (more - 2) * weights::CHANGES[2],
        };
        let newlines = match self.newlines {
            0 => 0,
            1 => weights::NEWLINE_AFTER,
            _ => weights::NEWLINES_AFTER,
        };
        let same = (self.length - 1 - self.changes) * weights::SAME_TENTHS / 10;
        let spaced = if self.spaced { weights::SPACE_BEFORE } else { 0 };
        100 + u64::try_from(self.excess + changes + newlines + same + spaced).unwrap_or(0)
    }
}

impl Blanks {
    fn cost(self) -> u64 {
        let run = if self.length > 0 { 100 * (1 + self.length / BLANKS) } else { 0 };
        run + if self.newline { 100 } else { 0 }
    }

    /// When the last one belongs to the piece that follows.
    fn cost_without_last(self) -> u64 {
        Self { length: self.length.saturating_sub(1), ..self }.cost()
    }
}
