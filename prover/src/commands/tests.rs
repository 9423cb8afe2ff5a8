//! Every command has an example, and every example is a command line that is taken.

use clap::{Command, CommandFactory as _, Parser as _};

use super::Cli;

/// The commands that do something, with their full names.
fn leaves(command: &Command, name: &str, found: &mut Vec<(String, String)>) {
    let below: Vec<_> = command.get_subcommands().filter(|below| !below.is_hide_set()).collect();
    if below.is_empty() || command.get_after_help().is_some() {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        found.push((name.to_owned(), help));
    }
    for below in below.into_iter().filter(|below| below.get_name() != "help") {
        leaves(below, &format!("{name} {}", below.get_name()), found);
    }
}

fn helps() -> Vec<(String, String)> {
    let mut found = Vec::new();
    leaves(&Cli::command(), "apportion", &mut found);
    found
}

/// The command lines of a help text: lines that begin with the program's name, and what they go on with.
fn lines(help: &str) -> Vec<String> {
    let joined = help.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim).filter(|line| line.starts_with("apportion "));
    // What a shell does with the output is not ours.
    lines.map(|line| line.split(['>', '|']).next().unwrap_or_default().trim().to_owned()).collect()
}

#[test]
fn every_command_has_an_example_of_its_own() {
    let found = helps();
    let without: Vec<_> = found
        .iter()
        .filter(|(name, help)| {
            let own = |line: &String| line.starts_with(&format!("{name} ")) || line == name;
            !(help.contains("xample") || name == "apportion") || !lines(help).iter().any(own)
        })
        .map(|(name, _)| name)
        .collect();
    assert!(without.is_empty(), "no example: {without:?}");
    // The verbs of `send`, `export calldata` and `export safe` are among them.
    for name in
        ["apportion send settle", "apportion export calldata exit", "apportion export safe createModel"]
    {
        assert!(found.iter().any(|(known, _)| known == name), "{name}");
    }
    assert!(found.len() > 110, "{}", found.len());
}

#[test]
fn every_example_is_taken() {
    let address = "0x1111111111111111111111111111111111111111";
    for (name, help) in helps() {
        for line in lines(&help) {
            let line = line.replace("0x...", address);
            let parsed = Cli::try_parse_from(line.split_whitespace());
            assert!(
                parsed.is_ok(),
                "{name}: {line}: {}",
                parsed.err().map(|e| e.to_string()).unwrap_or_default()
            );
        }
    }
}
