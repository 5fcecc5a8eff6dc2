//! Reading files of conversations, a piece at a time, so that a file larger than memory can be imported.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use flate2::read::MultiGzDecoder;
use turnwise_engine::imports::HumanLabels;
use turnwise_ingest::otlp::{Encoding, decode_traces};
use turnwise_ingest::{messages, mtrag, tau_bench};
use turnwise_model::Micros;
use turnwise_model::telemetry::SpanRecord;

use crate::cli::ImportFormat;

/// Something to be sent in one go: a conversation, or an export request.
#[derive(Debug)]
pub struct Piece {
    /// What it brings.
    pub spans: Vec<SpanRecord>,
    /// How many conversations begin in it, as far as that can be told from the file.
    pub sessions: u64,
    /// How far into all files it reaches, in bytes.
    pub reached: u64,
    /// What was refused, with its place.
    pub refused: Vec<String>,
    /// What people said about the conversations of the file, with its last piece.
    pub labels: Option<HumanLabels>,
}

/// Why a file cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("`{}` cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not in the format it was said to be in.
    #[error("`{}`: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// How many bytes the files have together.
///
/// # Errors
/// When one of them cannot be read.
pub fn size(paths: &[PathBuf]) -> Result<u64, FileError> {
    paths
        .iter()
        .map(|path| {
            path.metadata()
                .map(|metadata| metadata.len())
                .map_err(|source| FileError::Read { path: path.clone(), source })
        })
        .sum()
}

/// Hands every piece of the files to `take`, in order. `take` says whether to go on.
///
/// # Errors
/// When a file cannot be read or is not in the format. What was handed over before stays good.
pub fn pieces(format: ImportFormat, paths: &[PathBuf], take: &mut dyn FnMut(Piece) -> bool) -> Result<(), FileError> {
    let mut before = 0;
    for path in paths {
        let read = |source| FileError::Read { path: path.clone(), source };
        let wrong = |reason: String| FileError::Format { path: path.clone(), reason };
        let length = path.metadata().map_err(read)?.len();
        let at = modified(path).map_err(read)?;
        let goes_on = match format {
            ImportFormat::Messages => lines(path, before, &mut |line, reached| {
                let (spans, refused) = match messages::read_line(line, at) {
                    Ok(imported) => (imported.spans, Vec::new()),
                    Err(error) => (Vec::new(), vec![error.to_string()]),
                };
                take(Piece { sessions: u64::from(refused.is_empty()), spans, reached, refused, labels: None })
            })
            .map_err(read)?,
            ImportFormat::TauBench => {
                let sessions = tau_bench::read(&stem(path, "tau-bench"), &whole(path).map_err(read)?, at)
                    .map_err(|error| wrong(error.to_string()))?;
                each(sessions, before, length, take)
            }
            ImportFormat::Mtrag => {
                let evaluations =
                    mtrag::read(&whole(path).map_err(read)?, at).map_err(|error| wrong(error.to_string()))?;
                let labels = HumanLabels {
                    name: stem(path, "mtrag"),
                    questions: evaluations.questions,
                    reviews: evaluations.reviews,
                };
                let reached = before + length;
                each(evaluations.sessions, before, length, take)
                    && take(Piece {
                        spans: Vec::new(),
                        sessions: 0,
                        reached,
                        refused: Vec::new(),
                        labels: Some(labels),
                    })
            }
            ImportFormat::Otlp => otlp(path, before, length, take)?,
        };
        if !goes_on {
            return Ok(());
        }
        before += length;
    }
    Ok(())
}

/// The name of a file without its ending.
fn stem(path: &Path, otherwise: &str) -> String {
    path.file_stem().map_or_else(|| otherwise.to_owned(), |stem| stem.to_string_lossy().into_owned())
}

/// When a file was last written. Importing it again gives conversations without times the same times.
fn modified(path: &Path) -> io::Result<Micros> {
    let since = path.metadata()?.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX)))
}

fn each(sessions: Vec<messages::Imported>, before: u64, length: u64, take: &mut dyn FnMut(Piece) -> bool) -> bool {
    let count = sessions.len().max(1) as u64;
    sessions.into_iter().zip(1_u64..).all(|(session, number)| {
        take(Piece {
            spans: session.spans,
            sessions: 1,
            reached: before + length * number / count,
            refused: Vec::new(),
            labels: None,
        })
    })
}

/// The file, inflated where its name ends in `.gz`.
fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    let file = File::open(path)?;
    Ok(if path.extension().is_some_and(|extension| extension == "gz") {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    })
}

fn whole(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Hands over the lines that are not blank. Says whether to go on.
fn lines(path: &Path, before: u64, take: &mut dyn FnMut(&str, u64) -> bool) -> io::Result<bool> {
    let mut reader = BufReader::new(open(path)?);
    let mut line = String::new();
    let mut reached = before;
    loop {
        line.clear();
        let read = reader.read_line(&mut line)?;
        if read == 0 {
            return Ok(true);
        }
        reached += read as u64;
        if !line.trim().is_empty() && !take(&line, reached) {
            return Ok(false);
        }
    }
}

/// An export request in protobuf or JSON, or one in JSON on each line, as the collector's file exporter writes them.
fn otlp(path: &Path, before: u64, length: u64, take: &mut dyn FnMut(Piece) -> bool) -> Result<bool, FileError> {
    let read = |source| FileError::Read { path: path.to_owned(), source };
    let wrong = |reason: String| FileError::Format { path: path.to_owned(), reason };
    let mut first = [0_u8; 1];
    let begins_as_json = open(path).and_then(|mut reader| reader.read(&mut first)).map_err(read)? == 1
        && matches!(first[0], b'{' | b'[' | b' ' | b'\n');
    if !begins_as_json {
        let decoded =
            decode_traces(&whole(path).map_err(read)?, Encoding::Protobuf).map_err(|error| wrong(error.to_string()))?;
        return Ok(take(piece(decoded, before + length)));
    }
    let mut broken = None;
    let mut handed_over = 0_u64;
    let goes_on = lines(path, before, &mut |line, reached| match decode_traces(line.as_bytes(), Encoding::Json) {
        Ok(decoded) => {
            handed_over += 1;
            take(piece(decoded, reached))
        }
        Err(error) => {
            broken = Some(error);
            false
        }
    })
    .map_err(read)?;
    match broken {
        None => Ok(goes_on),
        // One request over many lines.
        Some(_) if handed_over == 0 => {
            let decoded =
                decode_traces(&whole(path).map_err(read)?, Encoding::Json).map_err(|error| wrong(error.to_string()))?;
            Ok(take(piece(decoded, before + length)))
        }
        Some(error) => Err(wrong(format!("request {}: {error}", handed_over + 1))),
    }
}

fn piece(decoded: turnwise_ingest::otlp::Decoded, reached: u64) -> Piece {
    let refused = decoded.rejected.iter().map(ToString::to_string).collect();
    Piece { spans: decoded.spans, sessions: 0, reached, refused, labels: None }
}
