//! The traps that other tools of this kind fall into, each with the tests that hold llmx out of it.

use std::fs;
use std::path::Path;

/// A trap, and the tests by their modules.
const TRAPS: &[(&str, &[&str])] = &[
    (
        "`| head -1` leaves a broken pipe",
        &[
            "interrupt::case_18_a_reader_that_has_enough_ends_a_stream_quietly",
            "interrupt::a_reader_that_left_before_the_answer_is_no_error_to_shout_about",
        ],
    ),
    ("`< /dev/null`", &["bad_input::an_empty_stdin_stops_no_command"]),
    ("a parent holds stdin open", &["complete::an_open_silent_stdin_is_left_alone_and_that_is_said"]),
    (
        "`NO_COLOR=yes`",
        &[
            "terminal::a_dumb_terminal_gets_no_escapes_and_no_color_gets_no_styles",
            "chat_screen::no_colour_means_no_styles",
        ],
    ),
    (
        "`TERM=dumb`",
        &[
            "terminal::a_dumb_terminal_gets_no_escapes_and_no_color_gets_no_styles",
            "terminal::a_dumb_terminal_has_no_spinner",
            "chat_screen::the_smallest_and_the_dumbest_terminal_can_chat",
        ],
    ),
    (
        "a terminal that never answers a question about its colours or its cursor",
        &[
            "terminal::a_spinner_says_who_is_waited_for_and_leaves_no_trace",
            "chat_screen::a_terminal_that_answers_no_question_is_asked_none",
        ],
    ),
    (
        "a window of ten rows and a paragraph that is longer",
        &["chat_screen::a_paragraph_that_is_longer_than_the_window_is_high_is_written_once"],
    ),
    (
        "a new size in the middle of a stream",
        &[
            "terminal::a_new_size_in_mid_stream_is_followed",
            "chat_screen::a_window_that_becomes_narrow_in_the_middle_breaks_no_word",
            "newcomer::every_screen_of_the_first_hour_is_as_somebody_saw_it",
        ],
    ),
    (
        "a paste with line ends",
        &[
            "chat_screen::a_paste_of_200_lines_is_one_question",
            "chat_screen::ctrl_j_quotes_and_a_short_paste_make_lines_of_one_question",
        ],
    ),
    (
        "an error after the first words",
        &[
            "faults::with_stream_a_fault_after_text_ends_with_what_came_and_nobody_else_is_asked",
            "chat_stop::an_error_in_mid_answer_is_told_and_what_came_stays",
        ],
    ),
    (
        "a page of HTML with status 503",
        &[
            "faults::when_everybody_fails_stdout_is_empty_the_exit_code_says_why_and_the_partial_answer_is_kept",
            "chat::whatever_a_provider_does_the_chat_is_at_its_prompt_again",
        ],
    ),
    (
        "an error inside a 200",
        &[
            "network::what_is_no_answer_is_never_taken_for_one",
            "cases::fallback::case_03_an_overload_told_inside_a_200_calls_the_fallback_once",
        ],
    ),
    (
        "a socket that is dropped",
        &[
            "cases::fallback::case_01_a_stream_that_closes_without_its_end_is_no_success_and_its_text_is_kept",
            "cases::fallback::case_19_a_reset_after_the_request_was_sent_may_be_billed_and_is_not_repeated_unasked",
            "terminal::a_cut_shows_the_partial_text_a_seam_and_the_whole_new_answer",
        ],
    ),
    (
        "a stream that stalls",
        &[
            "cases::limits::case_07_a_silence_longer_than_the_idle_limit_is_told_as_such",
            "execution::a_target_that_falls_silent_over_a_held_answer_leaves_time_for_the_next",
            "chat::whatever_a_provider_does_the_chat_is_at_its_prompt_again",
        ],
    ),
    (
        "a 429 that asks to wait an hour",
        &[
            "network::a_wait_that_is_too_long_or_not_needed_is_not_waited_for",
            "chat::whatever_a_provider_does_the_chat_is_at_its_prompt_again",
        ],
    ),
    (
        "an empty answer",
        &[
            "cases::fallback::case_17_an_answer_with_nothing_in_it_is_no_success",
            "execution::an_empty_answer_is_tried_again_refused_or_taken_as_the_route_says",
        ],
    ),
    (
        "an answer that the token limit cut",
        &[
            "faults::an_answer_that_the_token_limit_cut_is_an_answer_with_a_warning_and_strict_takes_none",
            "chat::whatever_a_provider_does_the_chat_is_at_its_prompt_again",
        ],
    ),
    ("an unknown setting", &["bad_input::a_wrong_configuration_is_told_with_its_place_and_a_caret"]),
    (
        "no configuration and no terminal to ask for one",
        &[
            "init::with_nothing_at_all_nothing_is_written",
            "init::without_a_terminal_it_says_what_to_do",
            "bad_input::a_configuration_that_is_named_must_be_there",
        ],
    ),
    (
        "a key that others can read",
        &[
            "bad_input::a_key_file_that_others_can_read_is_refused_with_what_to_type",
            "bad_input::a_configuration_with_a_key_that_others_can_read_is_refused",
        ],
    ),
    (
        "two processes that write the log",
        &[
            "cost_many::thirty_two_processes_that_write_at_once_lose_nothing",
            "ledger::tests::processes::eight_processes_on_a_fresh_ledger_lose_nothing",
        ],
    ),
    (
        "Ctrl-C before the answer begins",
        &[
            "terminal::ctrl_c_while_the_spinner_turns_leaves_a_clean_terminal",
            "chat_stop::ctrl_c_before_anything_came_keeps_the_question",
        ],
    ),
    (
        "Ctrl-C in mid-answer",
        &[
            "terminal::ctrl_c_in_mid_answer_keeps_the_text_and_drops_the_provider",
            "chat_stop::ctrl_c_stops_the_answer_and_what_came_of_it_was_said",
        ],
    ),
    (
        "Ctrl-C at the prompt",
        &[
            "chat_stop::ctrl_c_throws_a_line_away_and_does_not_leave",
            "chat_stop::keys_that_follow_ctrl_c_in_the_same_moment_are_not_lost",
        ],
    ),
];

/// Whether there is a test of that name: an integration test, or one of a module of the library.
fn exists(name: &str) -> bool {
    let (module, test) = name.rsplit_once("::").unwrap_or(("", name));
    let path = module.replace("::", "/");
    let at_the_foot = path.strip_suffix("/tests").unwrap_or(&path);
    let files = [format!("tests/{path}.rs"), format!("src/{path}.rs"), format!("src/{at_the_foot}.rs")];
    let read = |file: &String| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).ok();
    files.iter().filter_map(read).any(|source| has_test(&source, test))
}

fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let head = format!("fn {name}() {{");
    lines.windows(2).any(|pair| pair[0] == "#[test]" && pair[1] == head)
}

#[test]
fn each_trap_has_tests_that_exist() {
    let named = TRAPS.iter().flat_map(|(trap, tests)| tests.iter().map(move |test| (trap, test)));
    let gone: Vec<_> = named.filter(|(_, test)| !exists(test)).collect();
    assert!(gone.is_empty(), "renamed or gone: {gone:#?}");
    assert!(TRAPS.iter().all(|(_, tests)| !tests.is_empty()), "a trap without a test");
}

#[test]
fn what_is_no_test_holds_no_trap() {
    assert!(exists("traps::what_is_no_test_holds_no_trap") && exists("money::tests::dollars_are_read_exactly"));
    assert!(
        !exists("traps::exists") && !exists("traps::another") && !exists("nowhere::each_trap_has_tests_that_exist")
    );
}
