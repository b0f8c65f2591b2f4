//! The kinds of checks there are: a row each, which help, manual and README print.

use std::borrow::Cow;

use super::rule::{self, Rule};

/// A kind of check.
pub struct Kind {
    /// What it is called before the colon; each has its opposite with `not-` before it.
    pub name: &'static str,
    /// What stands behind the colon; `None` when nothing does.
    pub argument: Option<&'static str>,
    /// What holds of an answer that passes, in one line.
    pub help: &'static str,
    /// Whether it runs a program of this machine, which no text of others should make it do.
    pub outside_program: bool,
    /// Reads the argument.
    pub(super) rule: fn(&str) -> Result<Rule, Cow<'static, str>>,
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

const fn kind(
    name: &'static str,
    argument: Option<&'static str>,
    help: &'static str,
    rule: fn(&str) -> Result<Rule, Cow<'static, str>>,
) -> Kind {
    Kind { name, argument, help, outside_program: false, rule }
}

/// All kinds.
pub const KINDS: &[Kind] = &[
    kind("contains", Some("TEXT"), "the text is somewhere in the answer", |text| Ok(Rule::Contains(text.to_owned()))),
    kind("icontains", Some("TEXT"), "the same, and capital or small letters do not matter", |text| {
        Ok(Rule::ContainsAnyCase(text.to_lowercase()))
    }),
    kind("equals", Some("TEXT"), "the answer is the text; blanks around it do not matter", |text| {
        Ok(Rule::Equals(text.to_owned()))
    }),
    kind("starts-with", Some("TEXT"), "the answer begins with the text", |text| Ok(Rule::StartsWith(text.to_owned()))),
    kind("ends-with", Some("TEXT"), "the answer ends with the text", |text| Ok(Rule::EndsWith(text.to_owned()))),
    kind("regex", Some("PATTERN"), "the regular expression matches somewhere in the answer", rule::regex),
    kind("number", Some("LOW..HIGH|=X±TOLERANCE"), "the last number in the answer is within, ends included", |text| {
        Ok(Rule::Number(text.parse()?))
    }),
    kind("json", None, "the answer is JSON, alone or as one code block", |_| Ok(Rule::Json)),
    kind("json-schema", Some("FILE"), "the JSON in the answer fits the JSON Schema in the file", |file| {
        Ok(Rule::Schema(file.to_owned()))
    }),
    kind(
        "similar",
        Some("THRESHOLD"),
        "the answer is at least so like the row's reference, from 0 to 1",
        rule::similar,
    ),
    kind("refusal", None, "the answer is a refusal", |_| Ok(Rule::Refusal)),
    kind("finish", Some("stop|length|refusal"), "the answer ended like this: whole, cut, or withheld", rule::finish),
    kind("max-cost", Some("USD"), "the answer costs at most this", rule::max_cost),
    kind("max-time", Some("TIME"), "the whole answer takes at most this, such as 2s or 800ms", |text| {
        Ok(Rule::MaxTime(rule::duration(text)?))
    }),
    kind("max-first-token", Some("TIME"), "the first visible text comes within this time", |text| {
        Ok(Rule::MaxFirstToken(rule::duration(text)?))
    }),
    kind("judge", Some("STATEMENT"), "the judge model says that the statement holds of the answer", |statement| {
        Ok(Rule::Judge(statement.to_owned()))
    }),
    Kind {
        outside_program: true,
        ..kind("command", Some("PROGRAM"), "the program, fed the answer, ends with exit code 0", |program| {
            Ok(Rule::Command(program.to_owned()))
        })
    },
];
