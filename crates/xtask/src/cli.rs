//! The command line, parsed by hand so that the first `cargo xtask` compiles quickly.

use anyhow::{Result, bail};

/// What the caller asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Print this text.
    Help(&'static str),
    /// Build and show the sample project; the rest goes to `turnwise demo`.
    Demo(Vec<String>),
    /// Serve, rebuild and restart on change; the rest goes to `turnwise serve`.
    Dev(Vec<String>),
    /// One binary with the interface inside.
    Build {
        /// Optimised, with the strongest compression.
        release: bool,
    },
    /// Run tests; the rest goes to the test runner.
    Test {
        /// Which ones.
        what: TestPart,
        /// For the test runner.
        options: Vec<String>,
    },
    /// Measure the budgets; the rest goes to the benchmark.
    Bench(Vec<String>),
    /// Formatting, lints and the gates.
    Check,
    /// The size of the browser half.
    Size,
}

/// Which tests to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestPart {
    /// Everything.
    All,
    /// Rust tests, the store's on both engines.
    Unit,
    /// Browser tests.
    EndToEnd,
}

const HELP: &str = "\
Turnwise's automation. Each command installs what it lacks and says how long each step took.

  cargo xtask demo [OPTIONS]          build, load the sample project, serve it and print its address
  cargo xtask dev [OPTIONS]           serve, and rebuild and restart when a file changes
  cargo xtask build [--release]       one binary with the whole interface inside
  cargo xtask test [unit|e2e|all]     the tests; all of them unless told otherwise
  cargo xtask check                   formatting, lints, the wasm leak gate, migrations, cargo-deny
  cargo xtask bench                   measure the budgets of the design and print them as a table
  cargo xtask size                    what a first visit downloads, file by file

`cargo xtask help COMMAND` says more about one.";

const DEMO: &str = "\
cargo xtask demo [--listen ADDR] [--data-dir DIR] [OPTIONS]

Builds the client and the server and runs `turnwise demo`, which loads the sample project, serves it and prints the
address to open. The data stay in target/demo-data until told otherwise. Options go to `turnwise demo`.
The first run compiles everything; later runs start in seconds. End it with Ctrl-C.";

const DEV: &str = "\
cargo xtask dev [--listen ADDR] [--data-dir DIR] [OPTIONS]

Runs `turnwise serve` on target/dev-data and watches app/, server/, crates/, style/ and migrations/. On a change it
builds what changed and restarts the server; the old one goes on serving while the build fails. A change in style/ or
app/public/ does not rebuild the wasm client. The client is built without size optimisation, for speed of turnaround.";

const BUILD: &str = "\
cargo xtask build [--release]

Builds the client for wasm, hashes and compresses the assets into target/site, and builds one binary, `turnwise`, with
all of them inside. With --release: optimised, brotli at its strongest. The binary needs nothing else beside it.";

const TEST: &str = "\
cargo xtask test [unit|e2e|all] [-- OPTIONS]

  unit   every Rust test but the wasm client's; the store's tests run on SQLite and on PostgreSQL
  e2e    builds the binary and drives it with Chromium, hydrated and without JavaScript
  all    both, the default

Options after `--` go to the runner (nextest or Playwright), with unit or e2e only. PostgreSQL, Chromium and npm
packages are found or installed. Ends with one line `N passed, N failed, N skipped`.";

const CHECK: &str = "\
cargo xtask check

  formatting   cargo fmt --check
  lints        clippy for the native workspace and for the wasm client, warnings denied
  leaks        the wasm client contains none of tokio, sqlx, axum, reqwest, hyper
  migrations   migrations/sqlite and migrations/postgres hold the same versions
  deny         licences, bans and sources of all dependencies; advisories where their database can be had

All of them run, then it ends with a list of what failed.";

const BENCH: &str = "\
cargo xtask bench [-- OPTIONS]

Builds optimised and measures the budgets of the design: the benchmark `budgets` of turnwise-engine, then the binary alone.
An option names one room: ingest, visible, lists, checks, judges, review, exports, large, binary.";

const SIZE: &str = "\
cargo xtask size

Lists the files of target/site with their sizes as they are, gzipped and with brotli, and the sum of a first visit
against its budget. Builds them first where there are none.";

/// Reads the arguments after `cargo xtask`.
pub fn parse(arguments: &[String]) -> Result<Command> {
    let (name, rest) = match arguments.split_first() {
        Some((name, rest)) => (name.as_str(), rest),
        None => return Ok(Command::Help(HELP)),
    };
    let asks_for_help = rest.iter().take_while(|a| *a != "--").any(|a| a == "--help" || a == "-h");
    if asks_for_help {
        return Ok(Command::Help(help_for(name)?));
    }
    match name {
        "help" | "--help" | "-h" => match rest.first() {
            Some(topic) => Ok(Command::Help(help_for(topic)?)),
            None => Ok(Command::Help(HELP)),
        },
        "demo" => Ok(Command::Demo(passed_on(rest))),
        "dev" => Ok(Command::Dev(passed_on(rest))),
        "bench" => Ok(Command::Bench(passed_on(rest))),
        "build" => parse_build(rest),
        "test" => parse_test(rest),
        "check" => no_arguments("check", rest).map(|()| Command::Check),
        "size" => no_arguments("size", rest).map(|()| Command::Size),
        unknown => bail!("there is no command `{unknown}`: see `cargo xtask help`"),
    }
}

fn help_for(topic: &str) -> Result<&'static str> {
    Ok(match topic {
        "demo" => DEMO,
        "dev" => DEV,
        "build" => BUILD,
        "test" => TEST,
        "check" => CHECK,
        "bench" => BENCH,
        "size" => SIZE,
        "help" => HELP,
        unknown => bail!("there is no command `{unknown}`: see `cargo xtask help`"),
    })
}

fn parse_build(rest: &[String]) -> Result<Command> {
    match rest {
        [] => Ok(Command::Build { release: false }),
        [flag] if flag == "--release" => Ok(Command::Build { release: true }),
        [other, ..] => bail!("`build` takes only --release, not `{other}`"),
    }
}

fn parse_test(rest: &[String]) -> Result<Command> {
    let (words, options) = match rest.iter().position(|a| a == "--") {
        Some(at) => (&rest[..at], rest[at + 1..].to_vec()),
        None => (rest, Vec::new()),
    };
    let what = match words {
        [] => TestPart::All,
        [word] => match word.as_str() {
            "all" => TestPart::All,
            "unit" => TestPart::Unit,
            "e2e" => TestPart::EndToEnd,
            unknown => bail!("`test` takes unit, e2e or all, not `{unknown}`"),
        },
        [_, extra, ..] => bail!("put options for the test runner after `--`: `-- {extra}`"),
    };
    if what == TestPart::All && !options.is_empty() {
        bail!("options for the test runner need `test unit` or `test e2e`");
    }
    Ok(Command::Test { what, options })
}

fn no_arguments(name: &str, rest: &[String]) -> Result<()> {
    match rest.first() {
        Some(extra) => bail!("`{name}` takes no arguments, not `{extra}`"),
        None => Ok(()),
    }
}

fn passed_on(rest: &[String]) -> Vec<String> {
    let rest = match rest.split_first() {
        Some((first, others)) if first == "--" => others,
        _ => rest,
    };
    rest.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command> {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&arguments)
    }

    fn refused(line: &str) -> String {
        parsed(line).expect_err("is refused").to_string()
    }

    #[test]
    fn without_a_command_the_help_is_shown() {
        assert_eq!(parsed("").expect("parses"), Command::Help(HELP));
        assert_eq!(parsed("help test").expect("parses"), Command::Help(TEST));
        assert_eq!(parsed("demo --help").expect("parses"), Command::Help(DEMO));
    }

    #[test]
    fn demo_passes_its_options_on() {
        let expected = Command::Demo(vec!["--listen".into(), "127.0.0.1:4000".into()]);
        assert_eq!(parsed("demo --listen 127.0.0.1:4000").expect("parses"), expected);
        assert_eq!(parsed("demo -- --listen 127.0.0.1:4000").expect("parses"), expected);
    }

    #[test]
    fn test_runs_everything_unless_told() {
        assert_eq!(parsed("test").expect("parses"), Command::Test { what: TestPart::All, options: vec![] });
        assert_eq!(
            parsed("test e2e -- shell.spec.ts").expect("parses"),
            Command::Test { what: TestPart::EndToEnd, options: vec!["shell.spec.ts".into()] }
        );
    }

    #[test]
    fn a_refusal_names_the_word_and_what_would_do() {
        assert_eq!(refused("deploy"), "there is no command `deploy`: see `cargo xtask help`");
        assert_eq!(refused("test browser"), "`test` takes unit, e2e or all, not `browser`");
        assert_eq!(refused("build --fast"), "`build` takes only --release, not `--fast`");
        assert_eq!(refused("test -- x"), "options for the test runner need `test unit` or `test e2e`");
    }
}
