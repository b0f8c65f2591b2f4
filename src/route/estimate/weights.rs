//! What pieces of text cost, in hundredths of a token of `o200k_base`: least-squares fits on 8,700 public source and text files
//! in some sixty languages of man and machine. `examples/measure_estimate.rs` measures others.

/// A script; those without a row of their own are [`Script::Other`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    Mark,
    Greek,
    Cyrillic,
    Armenian,
    Hebrew,
    Arabic,
    Devanagari,
    Bengali,
    Punjabi,
    Gujarati,
    Tamil,
    Telugu,
    Kannada,
    Malayalam,
    Thai,
    Georgian,
    Hangul,
    OldGreek,
    Hiragana,
    Katakana,
    Han,
    Other,
    Latin,
}

/// What a word of a script costs above one token: as it begins, after a space or not, and for each letter. Latin letters have a
/// table of pairs instead, and count by themselves only in words that another script begins.
struct Row {
    spaced: i64,
    bare: i64,
    each: i64,
}

/// One row a script, in the order of [`Script`].
const SCRIPTS: &[Row] = &[
    Row { spaced: 14, bare: 0, each: 178 },     // Mark
    Row { spaced: -101, bare: -17, each: 40 },  // Greek
    Row { spaced: -80, bare: 14, each: 0 },     // Cyrillic
    Row { spaced: -30, bare: 91, each: 26 },    // Armenian
    Row { spaced: -70, bare: -20, each: 42 },   // Hebrew
    Row { spaced: -265, bare: -144, each: 62 }, // Arabic
    Row { spaced: -106, bare: -21, each: 41 },  // Devanagari
    Row { spaced: -105, bare: -18, each: 41 },  // Bengali
    Row { spaced: -150, bare: -104, each: 80 }, // Punjabi
    Row { spaced: -121, bare: -65, each: 49 },  // Gujarati
    Row { spaced: -28, bare: 94, each: 30 },    // Tamil
    Row { spaced: -65, bare: -2, each: 45 },    // Telugu
    Row { spaced: -47, bare: 53, each: 38 },    // Kannada
    Row { spaced: -23, bare: 39, each: 30 },    // Malayalam
    Row { spaced: -49, bare: -20, each: 41 },   // Thai
    Row { spaced: -58, bare: 12, each: 30 },    // Georgian
    Row { spaced: -71, bare: -11, each: 60 },   // Hangul
    Row { spaced: 32, bare: -6, each: 163 },    // OldGreek
    Row { spaced: -129, bare: -103, each: 62 }, // Hiragana
    Row { spaced: -128, bare: -114, each: 65 }, // Katakana
    Row { spaced: -146, bare: -176, each: 98 }, // Han
    Row { spaced: 16, bare: -67, each: 78 },    // Other
    Row { spaced: 0, bare: 0, each: 8 },        // Latin
];

/// Cyrillic letters from а to я, then і, ї, є and ґ, then all others.
const CYRILLIC: [i8; 34] = [
    32, 31, 31, 42, 31, 20, 27, 22, 24, 29, 38, 18, 22, 24, 12, 23, 25, 20, 16, 38, 29, 51, 32, 32, 50, 7, 111, 28, -5,
    47, 23, 18, 75, 89,
];

/// Characters that only traditional Chinese writes, among the most frequent: its vocabulary is smaller.
const TRADITIONAL: &str = "這個們來對時會為說與檔設無於開關過還進後動將從應該經實現產發點數據資訊錯誤";
const TRADITIONAL_MORE: i64 = 36;

/// A letter of another script than the one before it.
pub const TURN: i16 = 5;
/// A capital at the beginning of a Latin word, after a space or not; within it; and each in a word of capitals in other scripts.
pub const CAPITAL_AFTER_SPACE: i16 = 25;
pub const CAPITAL: i16 = 21;
pub const CAPITAL_WITHIN: i16 = 6;
pub const CAPITALS_ELSEWHERE: i16 = 39;

/// A Latin letter that stands there more than three times in a row.
pub const ALIKE: i64 = 13;

/// A Latin word of so many letters; the last stands for all longer ones.
pub const LENGTHS: [i16; 17] = [0, -105, -64, -82, -79, -81, -80, -79, -72, -77, -81, -77, -78, -78, -75, -98, -35];

/// What goes with an apostrophe into the word before it, and what that costs.
pub const ENDINGS: &[[char; 2]] =
    &[['s', '\0'], ['t', '\0'], ['m', '\0'], ['d', '\0'], ['r', 'e'], ['v', 'e'], ['l', 'l']];
pub const ENDING: u64 = 31;

/// Percent of a rare word's cost that counts, and how many more for each hundredth of a token that the words of the text cost
/// above one, up to so many hundredths.
pub const COMMON: u64 = 82;
pub const RARE: u64 = 70;
pub const RARE_AT_MOST: u64 = 50;

/// Symbols that are not the one before: the first, the second, each further one; ten that are.
pub const CHANGES: [i64; 3] = [8, 47, 54];
pub const SAME_TENTHS: i64 = 19;
/// A space before a run of symbols, one line end after it, or several.
pub const SPACE_BEFORE: i64 = 3;
pub const NEWLINE_AFTER: i64 = -1;
pub const NEWLINES_AFTER: i64 = 4;

/// What a symbol beyond ASCII costs above one token.
pub const fn symbol(character: char) -> i64 {
    match character {
        '\0'..='\x7f' => 0,
        '\u{80}'..='\u{ff}' => 31,
        '\u{2010}'..='\u{2027}' => 30,
        '\u{2500}'..='\u{259f}' => 25,
        '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff5f}' => 21,
        '\u{300}'..='\u{1fff}' => 34,
        '\u{1f000}'.. => 191,
        _ => 176,
    }
}

impl Script {
    /// Whether its words are told by their pairs of letters.
    pub fn is_latin(self) -> bool {
        self == Self::Latin
    }

    /// What a word costs as it begins.
    pub fn start(self, spaced: bool) -> i64 {
        let row = self.row();
        if spaced { row.spaced } else { row.bare }
    }

    fn row(self) -> &'static Row {
        &SCRIPTS[self as usize]
    }
}

/// The script of a letter.
pub const fn script(character: char) -> Script {
    match character {
        '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Script::Latin,
        '\u{300}'..='\u{36f}' => Script::Mark,
        '\u{370}'..='\u{3ff}' => Script::Greek,
        '\u{400}'..='\u{52f}' => Script::Cyrillic,
        '\u{530}'..='\u{58f}' => Script::Armenian,
        '\u{590}'..='\u{5ff}' => Script::Hebrew,
        '\u{600}'..='\u{77f}' => Script::Arabic,
        '\u{900}'..='\u{97f}' => Script::Devanagari,
        '\u{980}'..='\u{9ff}' => Script::Bengali,
        '\u{a00}'..='\u{a7f}' => Script::Punjabi,
        '\u{a80}'..='\u{aff}' => Script::Gujarati,
        '\u{b80}'..='\u{bff}' => Script::Tamil,
        '\u{c00}'..='\u{c7f}' => Script::Telugu,
        '\u{c80}'..='\u{cff}' => Script::Kannada,
        '\u{d00}'..='\u{d7f}' => Script::Malayalam,
        '\u{e00}'..='\u{e7f}' => Script::Thai,
        '\u{10a0}'..='\u{10ff}' => Script::Georgian,
        '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}' => Script::Hangul,
        '\u{1f00}'..='\u{1fff}' => Script::OldGreek,
        '\u{3040}'..='\u{309f}' => Script::Hiragana,
        '\u{30a0}'..='\u{30ff}' => Script::Katakana,
        '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' => Script::Han,
        _ => Script::Other,
    }
}

/// What a letter costs.
pub fn each(script: Script, letter: char) -> i64 {
    match script {
        Script::Cyrillic => i64::from(CYRILLIC[cyrillic(letter)]),
        Script::Han if TRADITIONAL.contains(letter) => script.row().each + TRADITIONAL_MORE,
        _ => script.row().each,
    }
}

const fn cyrillic(letter: char) -> usize {
    match letter {
        'а'..='я' => letter as usize - 'а' as usize,
        'А'..='Я' => letter as usize - 'А' as usize,
        'і' | 'ї' | 'є' | 'ґ' | 'І' | 'Ї' | 'Є' | 'Ґ' => 32,
        _ => 33,
    }
}

/// Marks that count as letters, and that the standard library does not call alphabetic: accents, signs of vowels.
pub const fn is_mark(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'..='\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{963}' | '\u{971}'..='\u{9e3}'
        | '\u{a00}'..='\u{a65}' | '\u{a70}'..='\u{ae5}' | '\u{b00}'..='\u{b65}' | '\u{b80}'..='\u{be5}'
        | '\u{c00}'..='\u{c65}' | '\u{c80}'..='\u{ce5}' | '\u{d00}'..='\u{d65}' | '\u{e31}'..='\u{e3a}'
        | '\u{e47}'..='\u{e4e}' | '\u{17b4}'..='\u{17d3}' | '\u{20d0}'..='\u{20ff}' | '\u{302a}'..='\u{302f}'
        | '\u{fe00}'..='\u{fe0f}')
}

/// The place of a letter in [`PAIRS`].
pub const fn letter(character: char) -> usize {
    match character {
        'a'..='z' => character as usize - 'a' as usize,
        'A'..='Z' => character as usize - 'A' as usize,
        '\u{c0}'..='\u{de}' | '\u{df}'..='\u{ff}' => 26,
        '\u{100}'..='\u{24f}' => 27,
        '\u{1e00}'..='\u{1eff}' => 28,
        '\u{300}'..='\u{36f}' => 29,
        _ => END,
    }
}

/// The place in [`PAIRS`] of what stands before a word and belongs to it.
pub const fn start(before: Option<char>) -> usize {
    match before {
        None => 31,
        Some(' ') => 32,
        Some('_') => 33,
        Some('.') => 34,
        Some('(') => 35,
        Some(_) => 36,
    }
}

/// The place of all other letters, and of the end of a word.
pub const END: usize = 30;

/// What a letter of a Latin word costs after another: a pair that is frequent in English and in code makes a token more likely
/// to reach over it. A row for the letter before, a column for the letter, whether small or capital.
#[rustfmt::skip]
pub const PAIRS: [[i16; 31]; 37] = [
    [62, 5, 18, 14, 69, 24, -2, 47, 16, 35, 39, 9, 20, 17, 55, 4, 67, 4, 28, -3, 37, 21, 66, 0, 19, 38, 10, 53, 108, 172, 58], // a
    [25, 54, 94, 70, 22, 100, 89, 94, 42, -15, 27, 11, 86, 61, 25, 74, 100, 24, 30, 44, 1, 110, 100, 98, 38, 74, 74, 84, 30, 0, 53], // b
    [32, 67, 24, 63, -12, 83, 88, 20, 2, 51, -10, -1, 66, 81, 16, 58, 72, 29, 57, -14, 5, 83, 98, 83, 51, 59, 22, 49, 52, 3, 45], // c
    [28, 50, 60, 32, 13, 82, 72, 114, 19, -13, 57, 35, 18, 63, 27, 72, 70, 39, 26, 79, 44, 53, 65, -1, 36, 26, 75, 63, 55, 0, 24], // d
    [11, 51, 26, 8, 48, 2, 28, 56, 63, 55, 63, 31, 37, 15, 51, 28, 13, 9, 14, 29, 42, 35, 30, 23, 45, 56, 41, 58, 43, 43, 27], // e
    [31, 79, 70, 81, 35, 20, 31, 83, 13, 115, 49, 50, 17, 14, 20, 98, 87, 25, 79, 32, 32, 91, 92, 80, 53, 31, 55, -9, 14, 0, 35], // f
    [55, 62, 85, 81, 5, 68, 29, 5, 30, 104, 68, 28, -2, 18, 18, 64, 89, 17, 40, 41, 23, 76, 132, 51, 74, 35, 84, 68, 76, 4, 19], // g
    [28, 78, 49, 104, 17, 129, 91, 87, 32, 69, 51, 49, 26, -24, 10, 58, 116, 41, 67, -45, 30, 64, 98, 97, 93, 79, 44, 38, 22, 0, 35], // h
    [37, 28, 3, 41, 26, 19, 25, 71, 44, 44, 40, 25, 54, 2, -4, 7, 58, 37, 22, 10, 77, 27, 101, 38, 80, 10, 32, 66, 21, 114, 78], // i
    [46, 89, 110, 66, 34, 76, 62, 96, 60, 62, -26, 96, 89, 75, 39, 23, 45, 75, 24, 121, 33, 43, 141, 49, 108, 31, 50, 63, 0, 0, 94], // j
    [53, 13, 55, 48, 31, 14, 20, 56, 42, 79, 55, 64, 20, 36, 75, 65, -35, 85, 47, 48, 48, 124, 53, 88, 100, 48, 65, 65, 55, 0, 46], // k
    [17, 20, 48, 28, 13, 40, 51, 55, 9, 56, 62, 38, 55, 62, 21, 24, 78, 69, 46, 26, 19, 58, 37, 78, 0, 122, 56, 44, 41, 0, 23], // l
    [7, -7, 41, 63, -9, 95, 49, 85, 14, 73, 66, 56, -7, 57, 13, -16, 49, 82, 38, 84, 28, 78, 92, 88, 43, 64, 26, 41, 43, 0, 30], // m
    [42, 70, 6, 8, 33, -2, 15, 55, 39, 50, 30, 48, 46, 36, 36, 81, 88, 77, 7, 3, 37, 12, 19, 67, 72, 29, 41, 56, 24, 12, 32], // n
    [29, 29, 28, 18, 50, 10, 28, 83, 35, -9, 28, 20, 43, 3, 8, 18, 84, -1, 43, 29, 10, 19, 24, 1, 41, 61, 87, 56, 14, 110, 63], // o
    [30, 62, 57, 42, 11, 65, 82, 33, 43, 99, 88, 11, 41, 77, 8, 51, 3, 4, 48, 11, 8, 37, 106, 46, 67, 72, 34, 74, 32, 0, 57], // p
    [40, 53, 36, 96, 82, 90, 95, 96, 117, 76, 106, 30, 80, 78, 96, 83, 33, 54, 99, 82, -22, 100, 48, 54, 71, 87, 58, 9, 0, 0, 60], // q
    [27, 50, -1, 41, 18, 32, 24, 60, 21, 62, 43, 65, 27, 13, 18, 46, 44, 31, 37, 34, 43, 48, 23, 53, 5, 57, 55, 52, 50, 0, 33], // r
    [56, 95, 15, 19, 5, 9, 67, 23, 22, 93, 45, 54, 82, 27, 25, 24, 40, 52, 4, 17, 26, 51, -12, 73, 30, 56, 44, 22, 46, 30, 29], // s
    [29, 73, 22, 61, 14, 11, 32, -10, 3, 111, 42, 67, 55, 35, 23, 56, 81, 6, 32, 40, 21, 81, -26, 73, -19, 31, 40, 61, 33, 0, 24], // t
    [27, 11, 34, 34, 23, 22, 41, 93, 27, 55, 53, 0, 17, 23, 58, 4, 114, 17, 37, 5, 56, 48, 91, -1, 53, 63, 19, 43, 46, 24, 74], // u
    [24, 117, 95, 64, -3, 76, 33, 89, 15, 61, 85, 85, 15, 74, 30, 91, 111, 52, 67, 80, 69, 70, -311, 105, 81, 115, 53, 76, 21, 0, 70], // v
    [11, 75, 41, 45, 11, 69, 114, 28, 1, 101, 59, 20, 93, -30, -7, 48, 100, -7, 5, 75, 81, 31, 38, 95, 80, 86, 59, 74, 7, 0, 20], // w
    [38, 60, 30, 78, 54, 72, 111, 16, 34, 48, 83, 109, -19, 56, 102, 6, 68, 44, 71, 19, 85, 73, 106, 13, 65, 55, 66, 51, 22, 0, 65], // x
    [57, 53, 79, 89, 50, 91, 91, 93, 40, 89, 61, 48, 56, 23, 22, 53, 152, -4, 16, 16, 73, 75, -9, 108, 40, 24, 63, 46, -3, 0, 5], // y
    [37, 70, 58, 90, 29, 65, 51, 93, 45, 60, 78, 86, 82, 34, 63, 36, 29, 98, 110, 49, 30, 80, 51, 4, 63, 38, 70, 60, 3, 9, 63], // z
    [41, 77, 55, 53, 52, 26, 55, 13, 74, 62, 69, 41, 61, 41, 10, 64, 48, 51, 63, 51, 75, 54, 102, 23, 75, 73, 24, 64, -16, 36, 76], // ß–ÿ
    [76, 80, 9, 68, 67, 183, 116, 42, 75, 93, 43, 25, 76, 30, 113, 64, -9, 30, 74, 74, 91, 118, 33, 0, 76, 36, 39, 45, -28, 13, 92], // Ā–ɏ
    [52, -20, 63, -13, 157, 44, -28, 0, 37, 2, 29, 34, 19, 74, 70, 72, 0, 39, 7, 47, 27, 0, 0, 0, 104, 0, 9, 87, 280, 0, 99], // Ạ–ỹ
    [25, 3, -4, 4, 35, 18, -1, 4, 6, 5, 38, -11, 55, 40, 46, 12, 14, 51, 34, 53, 0, 1, 0, 2, 54, 33, 36, -37, 29, 154, 67], // accent
    [125, 209, 100, 56, 206, 25, 38, 72, 281, 156, 91, 156, 115, 121, 32, 103, 54, 69, 63, 67, 194, 0, 140, 87, 28, 80, 37, 47, 4, 43, 65], // other
    [-23, -10, -40, -45, -26, -35, -26, -38, -15, -16, -17, -25, -21, -33, -21, -29, -8, -34, -31, -22, -35, -22, -15, 4, -33, -13, 22, 28, 21, 0, 19], // nothing
    [-61, -54, -72, -78, -59, -58, -53, -47, -53, -61, -63, -50, -48, -45, -55, -62, -25, -65, -65, -51, -65, -48, -107, -7, -82, -41, -32, -20, 22, 0, 22], // space
    [-35, -41, -19, -29, -24, -36, -9, -47, -34, -16, -34, -29, -21, -14, -29, -19, 34, -23, -50, -32, -19, -53, -81, 37, 8, 37, 58, 38, 0, 0, 0], // _
    [-9, 31, -5, -24, -21, -24, -15, -8, -8, -13, 10, -16, -25, 3, -10, 0, 9, 1, -19, 19, -7, 3, 29, 0, -52, 19, 3, 46, 0, 0, 0], // .
    [-13, 1, 2, -15, 2, -32, 24, -19, 11, 3, 9, 3, 9, -5, 6, -18, 41, -6, -25, -17, -8, -19, 41, 17, 25, 17, 22, 60, 0, 0, 0], // (
    [57, 39, 53, 20, 22, 26, 30, 37, 27, 45, 46, 35, 47, 28, 50, 52, 74, 39, 26, 5, 20, -9, 29, 55, 3, 47, 55, 129, 125, 0, 19], // symbol
];
