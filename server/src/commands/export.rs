//! `turnwise export`: a project's sessions, turns, scores or reviews into a file, with a manifest beside it.
//!
//! Both appear under their names only when they are complete; what was cut off leaves nothing under them.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};
use turnwise_engine::exports::{ExportError, Writing};
use turnwise_model::view::export::{ExportRequest, Format, Manifest};

use crate::cli::ExportFlags;
use crate::config::Config;
use crate::failure::Failure;
use crate::open;

/// Writes the export.
///
/// # Errors
/// When the filter or the format cannot be, or the file cannot be written.
pub async fn run(config: &Config, flags: ExportFlags) -> Result<(), Failure> {
    let to_stdout = flags.out == Path::new("-");
    let format = match flags.format {
        Some(format) => format,
        None => of_name(&flags.out)?,
    };
    let engine = open::engine(config).await?;
    let project = open::project(&engine, &flags.project).await?;
    let request = ExportRequest { kind: flags.kind, format, filter: flags.filter };
    let mut writing = engine.exports().open(project.id, &request).await?;
    let bar = bar(writing.sessions_total());
    let written = if to_stdout {
        write(&mut writing, &mut io::stdout().lock(), &bar).await
    } else {
        into_file(&mut writing, &flags.out, project.slug.as_str(), &bar).await
    };
    bar.finish_and_clear();
    let progress = writing.progress();
    drop(writing);
    engine.store().close().await;
    written?;
    eprintln!(
        "exported {} rows of {} sessions, {}, in {:.1?}",
        HumanCount(progress.rows.unsigned_abs()),
        HumanCount(progress.sessions.unsigned_abs()),
        HumanBytes(progress.bytes.unsigned_abs()),
        bar.elapsed()
    );
    Ok(())
}

/// The format that the name of a file asks for.
fn of_name(path: &Path) -> Result<Format, Failure> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.and_then(|extension| extension.parse().ok()).ok_or_else(|| {
        Failure::Configuration("say --format jsonl, csv or parquet, or let the name of the file end so".to_owned())
    })
}

async fn write(writing: &mut Writing, out: &mut impl Write, bar: &ProgressBar) -> Result<(), Failure> {
    while let Some(bytes) = piece(writing).await? {
        out.write_all(&bytes).map_err(unwritable)?;
        let progress = writing.progress();
        bar.set_position(progress.sessions.unsigned_abs());
        let rate = progress.rows.unsigned_abs() / bar.elapsed().as_secs().max(1);
        bar.set_message(format!("{} rows, {rate} rows/s", HumanCount(progress.rows.unsigned_abs())));
    }
    out.flush().map_err(unwritable)
}

/// The next piece, unless Ctrl-C comes first.
async fn piece(writing: &mut Writing) -> Result<Option<Vec<u8>>, Failure> {
    tokio::select! {
        biased;
        _ = tokio::signal::ctrl_c() => Err(Failure::Refused("interrupted; nothing was written, run the same command again".to_owned())),
        piece = writing.next() => Ok(piece?),
    }
}

/// Beside the file first, then under its name.
async fn into_file(writing: &mut Writing, path: &Path, project: &str, bar: &ProgressBar) -> Result<(), Failure> {
    let (part, beside) = (named(path, ".part"), named(path, ".manifest.json"));
    let beside_part = named(&beside, ".part");
    let result = async {
        let mut file = BufWriter::with_capacity(1 << 20, File::create(&part).map_err(unwritable)?);
        write(writing, &mut file, bar).await?;
        file.into_inner().map_err(|error| unwritable(error.into_error()))?.sync_all().map_err(unwritable)?;
        let manifest = writing
            .manifest(project)
            .ok_or_else(|| Failure::unexpected("the manifest cannot be made", "the export is not complete"))?;
        write_manifest(&beside_part, &manifest)?;
        std::fs::rename(&beside_part, &beside).map_err(unwritable)?;
        std::fs::rename(&part, path).map_err(unwritable)
    }
    .await;
    if result.is_err() {
        for left in [&part, &beside_part] {
            // There may be none yet.
            let _ = std::fs::remove_file(left);
        }
    }
    result
}

fn write_manifest(path: &Path, manifest: &Manifest) -> Result<(), Failure> {
    let mut json = serde_json::to_vec_pretty(manifest)
        .map_err(|error| Failure::unexpected("the manifest cannot be written as JSON", error))?;
    json.push(b'\n');
    let mut file = File::create(path).map_err(unwritable)?;
    file.write_all(&json).and_then(|()| file.sync_all()).map_err(unwritable)
}

fn named(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

#[expect(clippy::needless_pass_by_value, reason = "made for map_err")]
fn unwritable(error: io::Error) -> Failure {
    Failure::Refused(format!("the export cannot be written: {error}, choose another place with --out"))
}

fn bar(sessions: i64) -> ProgressBar {
    let bar = ProgressBar::new(sessions.unsigned_abs());
    let style = ProgressStyle::with_template("{spinner} [{wide_bar}] {percent:>3} %  {msg}  {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸ "));
    bar
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Filter(_) | ExportError::Format(_) => Self::Configuration(error.to_string()),
            ExportError::Engine(error) => error.into(),
            other => Self::Refused(other.to_string()),
        }
    }
}
