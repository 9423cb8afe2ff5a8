//! The page prover/docs/first-steps.md, run as it stands.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod common;

use common::Work;

const PAGE: &str = include_str!("../docs/first-steps.md");

#[test]
fn the_page_of_first_steps_runs_as_it_stands() {
    let work = Work::new("pasta", 1, 1);
    let mut commands = 0;
    for block in PAGE.split("```sh").skip(1) {
        let (head, rest) = block.split_once('\n').unwrap();
        let (body, _) = rest.split_once("```").unwrap();
        if let Some(name) = head.trim().strip_prefix("file=") {
            work.write(name, body);
            continue;
        }
        for line in body.lines() {
            match line.split_once(' ').unwrap() {
                ("apportion", rest) => drop(work.run(rest).exits(0)),
                ("apportion-verify", rest) => drop(work.verify(rest).exits(0).prints("VALID")),
                other => panic!("what is {other:?}?"),
            }
            commands += 1;
        }
    }
    assert!(commands >= 15, "{commands}");
}
