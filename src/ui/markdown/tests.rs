use proptest::prelude::*;

use super::*;
use crate::ui::sanitize::clean;

fn render(text: &str, width: usize, color: bool) -> String {
    let mut markdown = Markdown::new(width, color);
    let mut out = markdown.push(text);
    out.push_str(&markdown.finish());
    out
}

fn render_by_character(text: &str, width: usize, color: bool) -> String {
    let mut markdown = Markdown::new(width, color);
    let mut out: String = text.chars().map(|character| markdown.push(character.encode_utf8(&mut [0; 4]))).collect();
    out.push_str(&markdown.finish());
    out
}

const DOCUMENT: &str = "# The *whole* thing #\n\nA paragraph with **bold text**, `code span` and a [link](https://example.org/a_b)\n\
that goes on here.  \nAfter a hard break.\n\n1. First:\n\n   ```rust\n   fn main() {}\n   ```\n2. Second\n   - nested one\n   - nested *two*\n\n\
> quoted **words** here\n> and more\n\n| name | price |\n|---|--:|\n| a `x\\|y` | 1.50 |\n| b | 20 |\n\n---\n\nLast &amp; least\\\nend <https://x.example>";

#[test]
fn a_document_without_colour() {
    let expected = "\
# The whole thing

A paragraph with bold text, `code span`
and a link (https://example.org/a_b)
that goes on here.
After a hard break.

1. First:

   ── rust ─────────────────────────────
   fn main() {}
   ─────────────────────────────────────
2. Second
   • nested one
   • nested two

│ quoted words here and more

name     price
──────── ─────
a `x|y`   1.50
b           20

────────────────────────────────────────

Last & least
end https://x.example
";
    assert_eq!(render(DOCUMENT, 40, false), expected);
    assert_eq!(render_by_character(DOCUMENT, 40, false), expected);
}

#[test]
fn words_of_all_directions_stay_whole_and_in_order_in_windows_of_any_width() {
    let words =
        ["שלום", "עולם", "مرحبا", "بالعالم", "می\u{200c}خواهم", "👩\u{200d}💻", "🇩🇪", "漢", "e\u{301}té", "end"];
    let running = words.join(" ");
    let nested = format!("1. {running}\n   - {running}\n     > {running}\n");
    for width in [1, 2, 3, 7, 20, 40, 80] {
        for (text, times) in [(&running, 1), (&nested, 3)] {
            let shown = render(text, width, false);
            assert_eq!(shown, render_by_character(text, width, false), "{width}");
            let kept: Vec<&str> = shown.split_whitespace().filter(|word| words.contains(word)).collect();
            assert_eq!(kept, words.repeat(times), "{width}\n{shown}");
        }
        let table = format!("| שם | {} |\n|---|---|\n| {} |\n", words[2], words.join(" | "));
        let shown = render(&table, width, false);
        let letters = |text: &str| text.chars().filter(|letter| letter.is_alphabetic()).collect::<String>();
        assert!(words.iter().all(|word| letters(&shown).contains(&letters(word))), "{width}\n{shown}");
    }
}

#[test]
fn formulas_stand_as_they_were_written() {
    for (text, shown) in [
        ("so \\(x_1 * y_2 * z\\) and \\(a\\) hold", "so \\(x_1 * y_2 * z\\) and \\(a\\) hold\n"),
        ("\\[\na_{i} \\cdot *b* = \\{c\\}\n\\]", "\\[ a_{i} \\cdot *b* = \\{c\\} \\]\n"),
        ("`\\(` and \\* and \\\\(no\\\\)", "`\\(` and * and \\(no\\)\n"),
        ("# **All** \\(x\\) is", "# All \\(x\\) is\n"),
        ("and $x*y*z$ and $a_1 + b_2$, $$c*d*e$$", "and $x*y*z$ and $a_1 + b_2$, $$c*d*e$$\n"),
        ("from $5 *to* $10, $HOME *and* $PATH$1", "from $5 to $10, $HOME and $PATH$1\n"),
        ("`$x*y*z$` and \\$x*y*z$", "`$x*y*z$` and $xyz$\n"),
        ("\\(never closed *and* on", "(never closed and on\n"),
    ] {
        assert_eq!(render(text, 60, false), shown, "{text}");
        assert_eq!(render_by_character(text, 60, false), shown, "{text}");
    }
}

#[test]
fn styles_are_painted_word_by_word() {
    let painted = render("# T\n\na **b c** *d* `e` ~~f~~", 40, true);
    assert_eq!(
        painted,
        "\x1b[1;4mT\x1b[0m\n\na \x1b[1mb\x1b[0m \x1b[1mc\x1b[0m \x1b[3md\x1b[0m \x1b[36me\x1b[0m \x1b[9mf\x1b[0m\n"
    );
}

#[test]
fn code_has_colours_where_there_are_any_and_is_shown_line_by_line() {
    let text = "```rust\nlet a = 1;\n\nlet b\n```\n";
    let rule = "─".repeat(20);
    assert_eq!(
        render(text, 20, true),
        format!(
            "\x1b[2m── rust {}\x1b[0m\n\x1b[35mlet\x1b[0m a = \x1b[36m1\x1b[0m;\n\n\x1b[35mlet\x1b[0m b\n\x1b[2m{rule}\x1b[0m\n",
            "─".repeat(12)
        )
    );
    assert_eq!(render(text, 20, true), render_by_character(text, 20, true));
    assert!(!render(text, 20, false).contains('\x1b'));
}

#[test]
fn running_text_is_shown_word_by_word() {
    let mut markdown = Markdown::new(80, false);
    assert_eq!(markdown.push("Hello wor"), "Hello");
    assert_eq!(markdown.push("ld, this **is bo"), " world, this");
    assert_eq!(markdown.push("ld** and 2 * 3 snake_case_name "), " is bold and 2 * 3 snake_case_name");
    assert_eq!(markdown.push("\n- "), "");
    assert_eq!(markdown.push("item te"), "\n• item");
    assert_eq!(markdown.push("xt\n中文字"), " text 中文");
    assert_eq!(markdown.finish(), "字\n");
}

#[test]
fn a_marker_that_never_closes_holds_text_only_so_long() {
    let mut markdown = Markdown::new(80, false);
    let shown = markdown.push(&format!("an *open {}", "word ".repeat(200)));
    assert!(shown.starts_with("an *open word"), "{shown}");
}

#[test]
fn the_window_may_be_resized_in_the_middle() {
    let mut markdown = Markdown::new(30, false);
    let mut out = markdown.push("one two three four five six seven ");
    markdown.set_width(10);
    out.push_str(&markdown.push("eight nine ten"));
    out.push_str(&markdown.finish());
    assert_eq!(out, "one two three four five six\nseven\neight nine\nten\n");
}

#[test]
fn wide_characters_fill_lines_without_spaces() {
    assert_eq!(render("今日は、とても良い天気です。", 10, false), "今日は、と\nても良い天\n気です。\n");
    assert_eq!(render("ab漢字", 3, false), "ab\n漢\n字\n");
}

#[test]
fn what_looks_like_blocks_but_is_text_stays() {
    for (text, expected) in [
        ("[ref]: https://example.org", "[ref]:\nhttps://example.org\n"),
        ("Vec<T> and <br> tag", "Vec<T> and\ntag\n"),
        ("1986. A great year", "1986. A great year\n"),
        ("# C #", "# C\n"),
        ("# C#", "# C#\n"),
        ("text\n---\nmore", "text\n────────────────────\nmore\n"),
        ("Title\n===", "Title\n───\n"),
        ("<div>\n**raw**\n\nx", "<div>\n**raw**\n\nx\n"),
        ("a | b\n--- | ---\n1 | 2", "a | b\n--- | ---\n1 | 2\n"),
        ("|x| is absolute", "|x| is absolute\n"),
        ("- a\n-\n- b", "• a\n•\n• b\n"),
        ("- [x] done", "• [x] done\n"),
        ("    let x;\n\ty", "    let x;\n\ty\n"),
        ("```\nopen", "────────────────────\nopen\n────────────────────\n"),
        ("1. a\n  - b\n2. c", "1. a\n   • b\n2. c\n"),
        ("> a\nlazy\n>\n> b\n\nc", "│ a lazy\n│\n│ b\n\nc\n"),
        ("\n\n  x  \n\n\n\ny\n\n", "x\n\ny\n"),
        ("", ""),
    ] {
        assert_eq!(render(text, 20, false), expected, "{text:?}");
        assert_eq!(render_by_character(text, 20, false), expected, "{text:?}");
    }
}

#[test]
fn entities_cannot_bring_control_characters_back() {
    let out = render("a&#27;]0;x&#7;b &#x9b;2J `&#27;`\n\n| &#27;c |\n|---|\n| [x](http://a&#27;b) |", 80, false);
    assert!(out.chars().all(|c| !c.is_control() || c == '\n'), "{out:?}");
    assert!(out.contains("a^[]0;x^Gb ^[[2J"), "{out:?}");
}

#[test]
fn long_input_takes_linear_time() {
    for unit in ["*a ", "[x](", "`", "> ", "- ", "| ", "<b ", "_", "word ", "\\", "#", " "] {
        let text = unit.repeat(200_000 / unit.len());
        let started = std::time::Instant::now();
        render(&text, 80, false);
        render_by_character(&text, 80, false);
        assert!(started.elapsed().as_secs() < 10, "{unit:?} took {:?}", started.elapsed());
    }
}

fn markdown_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "word",
        " ",
        " ",
        "\n",
        "\n",
        "\n\n",
        "*",
        "**",
        "_",
        "`",
        "```",
        "~~",
        "[",
        "](",
        ")",
        "<",
        ">",
        "> ",
        "- ",
        "1. ",
        "# ",
        "| a | b |\n|---|---|\n",
        "|",
        "    ",
        "\t",
        "---",
        "===",
        "\\",
        "&amp;",
        "&#27;",
        "漢字",
        "，",
        "👩‍💻",
        "é",
        "<br>",
        "x",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| clean(&pieces.concat()))
}

proptest! {
    #[test]
    fn every_chunking_renders_the_same(text in markdown_text(), cuts in prop::collection::vec(0usize..200, 0..8), width in 0usize..50, color: bool) {
        let mut markdown = Markdown::new(width, color);
        let mut out = String::new();
        let mut from = 0;
        for to in (1..=text.len()).filter(|at| text.is_char_boundary(*at) && cuts.contains(at)) {
            out.push_str(&markdown.push(&text[from..to]));
            from = to;
        }
        out.push_str(&markdown.push(&text[from..]));
        out.push_str(&markdown.finish());
        prop_assert_eq!(&out, &render(&text, width, color));
        prop_assert_eq!(out, render_by_character(&text, width, color));
    }

    #[test]
    fn visible_words_survive(text in markdown_text(), width in 0usize..50) {
        let count = |text: &str, word: &str| -> usize {
            let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            squeezed.matches(word).count()
        };
        let out = render(&text, width, false);
        for letter in ["w", "x", "漢", "é", "👩"] {
            prop_assert!(count(&out, letter) >= count(&text, letter), "{:?} of {:?} in {:?}", letter, text, out);
        }
    }

    #[test]
    fn only_our_own_styles_escape(text in any::<String>()) {
        let out = render(&clean(&text), 40, true);
        for sequence in out.split('\x1b').skip(1) {
            prop_assert!(sequence.starts_with('[') && sequence.contains('m'), "{:?}", sequence);
        }
        prop_assert!(out.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t' | '\x1b')));
    }
}
