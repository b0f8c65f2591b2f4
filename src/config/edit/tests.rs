use super::*;
use crate::config::template::TEMPLATE;

fn changed(text: &str, setting: &str, value: &str) -> String {
    let setting = Setting::parse(setting).expect("a name");
    set(text, &setting, &readings(value)[0]).unwrap_or_else(|error| panic!("{setting}: {error:?}"))
}

fn without(text: &str, setting: &str) -> Option<String> {
    unset(text, &Setting::parse(setting).expect("a name")).expect("TOML")
}

#[test]
fn a_value_is_replaced_where_it_stands() {
    for (text, setting, value, expected) in [
        ("# head\ndefault = 'a'   # mine\n", "default", "b", "# head\ndefault = \"b\"   # mine\n"),
        ("[routes.r]\n  retries=1 # x\n", "routes.r.retries", "2", "[routes.r]\n  retries=2 # x\n"),
        (
            "[routes.r]\ntimeout = { idle = '1s', total = '9s' } # y\n",
            "routes.r.timeout.idle",
            "2s",
            "[routes.r]\ntimeout = { idle = \"2s\", total = '9s' } # y\n",
        ),
        ("log.keep = '1d'\n", "log.keep", "2d", "log.keep = \"2d\"\n"),
        (
            "[routes.r]\ntiers = [\n  'a', # one\n]\nretries = 1\n",
            "routes.r.tiers",
            "[\"b\"]",
            "[routes.r]\ntiers = [\"b\"]\nretries = 1\n",
        ),
    ] {
        assert_eq!(changed(text, setting, value), expected, "{setting}");
    }
}

#[test]
fn what_is_new_goes_into_its_section() {
    for (text, setting, value, expected) in [
        (
            "[aliases]\na = 'x/y'\n\n# next\n[log]\n",
            "aliases.gpt-5.4",
            "p/m",
            "[aliases]\na = 'x/y'\n\"gpt-5.4\" = \"p/m\"\n\n# next\n[log]\n",
        ),
        ("[routes.r]\n", "routes.r.timeout.idle", "2s", "[routes.r]\ntimeout = { idle = \"2s\" }\n"),
        (
            "[routes.r]\ntimeout = { idle = '1s' }\n",
            "routes.r.timeout.total",
            "9s",
            "[routes.r]\ntimeout = { idle = '1s' , total = \"9s\" }\n",
        ),
        ("[routes.r]\nretries = 1\n", "routes.s.retries", "2", "[routes.r]\nretries = 1\n\n[routes.s]\nretries = 2\n"),
    ] {
        let new = changed(text, setting, value);
        assert_eq!(new.replace(" ,", ","), expected.replace(" ,", ","), "{setting}");
    }
}

#[test]
fn without_a_section_it_goes_beside_its_example_or_to_the_end() {
    for (text, setting, value, expected) in [
        ("", "default", "m", "default = \"m\"\n"),
        ("", "aliases.a", "m", "[aliases]\na = \"m\"\n"),
        ("repair = true", "default", "m", "repair = true\ndefault = \"m\"\n"),
        ("# head\n\n# of log\n[log]\n", "default", "m", "# head\n\ndefault = \"m\"\n# of log\n[log]\n"),
        ("# mine\n#\n#more\n[log]\n", "default", "m", "# mine\n#\n#more\ndefault = \"m\"\n\n[log]\n"),
        ("# mine", "default", "m", "# mine\ndefault = \"m\"\n"),
        ("[log]\n", "default", "m", "default = \"m\"\n\n[log]\n"),
        ("#default = 'x'\n\n#[log]\n", "default", "m", "#default = 'x'\ndefault = \"m\"\n\n#[log]\n"),
        // Where the example stands in another section, the value would be of that.
        ("[log]\n#default = 'x'\n", "default", "m", "default = \"m\"\n\n[log]\n#default = 'x'\n"),
        (
            "#[routes.x]\n#retries = 1\n\n#[hooks]\n",
            "routes.r.retries",
            "2",
            "#[routes.x]\n#retries = 1\n\n[routes.r]\nretries = 2\n\n#[hooks]\n",
        ),
        // What follows the example is at the top, and must stay there.
        ("#[aliases]\n\nrepair = true\n", "aliases.a", "m", "#[aliases]\n\nrepair = true\n\n[aliases]\na = \"m\"\n"),
    ] {
        assert_eq!(changed(text, setting, value), expected, "{text:?} {setting}");
    }
}

#[test]
fn the_template_takes_settings_of_every_kind_and_gives_them_back() {
    let mut text = TEMPLATE.to_owned();
    let settings = [
        ("aliases.fast", "groq/x"),
        ("default", "smart"),
        ("routes.smart.tiers", "[[\"a/b\"], [\"c/d\"]]"),
        ("routes.smart.retries", "2"),
        ("providers.corp.base_url", "https://h/v1"),
        ("log.keep", "30d"),
        ("budgets.tags.\"team=search\".daily", "1"),
        ("store_prompts", "false"),
    ];
    for (setting, value) in settings {
        text = changed(&text, setting, value);
    }
    let comments =
        |text: &str| text.lines().filter(|line| line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(comments(&text), comments(TEMPLATE));
    assert!(text.contains("#default = \"smart\"\ndefault = \"smart\"\n\n# Keep"), "{text}");
    assert!(text.contains("\n\n[aliases]\nfast = \"groq/x\"\n\n# A fallback chain"), "{text}");
    assert!(text.parse::<toml::Table>().is_ok_and(|table| table["routes"]["smart"]["retries"].as_integer() == Some(2)));
    for (setting, _) in settings {
        text = without(&text, setting).unwrap_or_else(|| panic!("{setting}"));
    }
    for section in ["aliases", "routes", "providers", "log", "budgets"] {
        text = without(&text, section).unwrap_or_else(|| panic!("{section}"));
    }
    assert_eq!(text, TEMPLATE);
}

#[test]
fn a_setting_is_taken_out_and_every_comment_stays() {
    for (text, setting, expected) in [
        ("# head\n\n# of it\ndefault = 'a' # x\nrepair = true\n", "default", "# head\n\n# of it\nrepair = true\n"),
        ("[routes.r]\ntiers = [\n 'a',\n]\nretries = 1\n", "routes.r.tiers", "[routes.r]\nretries = 1\n"),
        (
            "[routes.r]\ntimeout = { idle = '1s', total = '9s' }\n",
            "routes.r.timeout.idle",
            "[routes.r]\ntimeout = { total = '9s' }\n",
        ),
        ("log.keep = '1d'\nlog.text = true\n", "log.keep", "log.text = true\n"),
        ("log.keep = '1d'\nlog.text = true\nrepair = true\n", "log", "repair = true\n"),
        ("a = 1\n\n[b]\nc = 1\n\n# d\n[d]\n", "b", "a = 1\n\n# d\n[d]\n"),
        ("[b]\nc = 1\n[b.e]\nf.g = 1\n[d]\n[b.h]\n", "b", "[d]\n"),
        ("a = 1", "a", ""),
    ] {
        assert_eq!(without(text, setting).as_deref(), Some(expected), "{setting}");
    }
    assert_eq!(without("a = 1\n", "b"), None);
    assert_eq!(without("[a]\nb = 1\n", "a.c.d"), None);
}

#[test]
fn a_section_gives_way_to_a_table_in_one_line() {
    let text = "[routes.r]\nretries = 1\n\n[routes.r.timeout]\nidle = '1s'\n";
    let new = changed(text, "routes.r.timeout", "{ total = \"9s\" }");
    let table: toml::Table = new.parse().expect("TOML");
    assert_eq!(table["routes"]["r"]["timeout"].to_string(), "{ total = \"9s\" }", "{new}");
}

#[test]
fn what_cannot_be_changed_is_told() {
    let set = |text: &str, setting: &str| set(text, &Setting::parse(setting).expect("a name"), &Value::from(1));
    assert_eq!(set("a = \n", "b"), Err(EditError::Broken));
    assert_eq!(set("default = 'x'\n", "default.b"), Err(EditError::NoTable("default".to_owned())));
    for wrong in ["", "a b", "a..b", "a.[0]"] {
        assert!(Setting::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_value_is_toml_or_words() {
    let read = |text: &str| readings(text).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(read("smart"), ["\"smart\""]);
    assert_eq!(read("\"smart\""), ["\"smart\""]);
    assert_eq!(read(" 5 "), ["5", "\" 5 \""]);
    assert_eq!(read("{ env = \"K\" }"), ["{ env = \"K\" }", "'{ env = \"K\" }'"]);
    assert_eq!(read("30d"), ["\"30d\""]);
    assert_eq!(read("true"), ["true", "\"true\""]);
}
