//! Many processes at once, and those that are killed.

use super::*;

/// Which ledger the child process works on, and the prefix of its run ids.
const CHILD: &str = "LLMX_TEST_LEDGER";

pub(super) fn child(path: &Path, name: &str, runs: usize) -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "ledger::tests::processes::in_a_process_of_its_own", "--nocapture"])
        .env(CHILD, format!("{runs}:{name}:{}", path.display()))
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process")
}

/// Not a test of its own: the other tests start it in processes of their own, where it records runs, each with the
/// ledger opened anew, and says each one that is acknowledged.
#[test]
fn in_a_process_of_its_own() {
    let Ok(settings) = std::env::var(CHILD) else { return };
    let mut settings = settings.splitn(3, ':');
    let runs: usize = settings.next().and_then(|runs| runs.parse().ok()).expect("how many");
    let (name, path) = (settings.next().expect("a name"), settings.next().expect("a path"));
    rustix::process::umask(rustix::fs::Mode::empty());
    for number in 0..runs {
        let id = format!("{name}-{number:05}");
        let mut ledger = Ledger::open(Path::new(path));
        record(&mut ledger, &id);
        let warning = ledger.take_warning();
        assert!(warning.iter().all(|warning| warning.contains("was damaged")), "{warning:?}");
        let mut stdout = std::io::stdout();
        stdout.write_all(format!("acknowledged {id}\n").as_bytes()).expect("the parent listens");
    }
}

fn acknowledged(child: &mut Child, most: usize) -> Vec<String> {
    BufReader::new(child.stdout.take().expect("its output"))
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| line.split_once("acknowledged ").map(|(_, id)| id.to_owned()))
        .take(most)
        .collect()
}

#[test]
fn eight_processes_on_a_fresh_ledger_lose_nothing() {
    let directory = directory();
    let path = directory.path().join("new/ledger.db");
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let children: Vec<Child> = names.iter().map(|name| child(&path, name, 100)).collect();
    for child in children {
        let output = child.wait_with_output().expect("its end");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    let ledger = healthy(&path);
    let expected: Vec<String> =
        names.iter().flat_map(|name| (0..100).map(move |number| format!("{name}-{number:05}"))).collect();
    assert_eq!(ids(&ledger), expected);
    assert_eq!(integrity(&ledger), "ok");
}

#[test]
fn many_starts_at_once_move_a_damaged_file_aside_once() {
    for _ in 0..15 {
        let directory = directory();
        let path = directory.path().join("ledger.db");
        std::fs::write(&path, "garbage ".repeat(1_000)).expect("garbage");
        let children: Vec<Child> = (0..8).map(|name| child(&path, &name.to_string(), 3)).collect();
        for child in children {
            assert!(child.wait_with_output().expect("its end").status.success());
        }
        assert_eq!(ids(&healthy(&path)).len(), 24);
        assert!(!beside(&path, ".damaged-2").exists());
    }
}

#[test]
fn eight_threads_on_a_fresh_ledger_lose_nothing() {
    let directory = directory();
    let path = directory.path().join("ledger.db");
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let path = &path;
            scope.spawn(move || {
                for number in 0..100 {
                    record(&mut healthy(path), &format!("{thread}-{number:03}"));
                }
            });
        }
    });
    let ledger = healthy(&path);
    assert_eq!(ids(&ledger).len(), 800);
    assert_eq!(integrity(&ledger), "ok");
}

#[test]
fn a_kill_loses_no_acknowledged_row() {
    let directory = directory();
    let path = directory.path().join("ledger.db");
    for round in 0..12 {
        let mut child = child(&path, &format!("round-{round:02}"), 100_000);
        let said = acknowledged(&mut child, 3 * round + 1);
        child.kill().expect("killed");
        child.wait().expect("its end");
        let ledger = healthy(&path);
        assert_eq!(integrity(&ledger), "ok");
        let kept = ids(&ledger);
        assert_eq!(said.len(), 3 * round + 1);
        assert!(said.iter().all(|id| kept.contains(id)), "{said:?} in {kept:?}");
    }
}

#[test]
fn all_files_are_their_owners_alone_whatever_the_umask() {
    let directory = directory();
    let path = directory.path().join("new/ledger.db");
    let mut child = child(&path, "run", 100_000);
    assert_eq!(acknowledged(&mut child, 1).len(), 1);
    for suffix in ["", "-wal", "-shm"] {
        assert_eq!(mode(&beside(&path, suffix)), 0o600, "{suffix}");
    }
    assert_eq!(mode(&directory.path().join("new")), 0o700);
    child.kill().expect("killed");
    child.wait().expect("its end");
}
