//! Deliveries as a file.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use clap::ValueEnum;
use futures::StreamExt as _;

use super::filter::FilterArgs;
use crate::operator::{Failure, Operator};

/// How a file is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For spreadsheets
    #[default]
    Csv,
    /// For programs: a JSON object a line
    Ndjson,
}

/// Writes what the filter finds to a file, or to standard output. A file is there under its name
/// only when it is complete.
///
/// # Errors
/// [`Failure`].
pub async fn export(
    operator: &Operator,
    filter: &FilterArgs,
    format: Format,
    output: Option<&Path>,
) -> Result<(), Failure> {
    let Some(path) = output else {
        return copy(operator, filter, format, &mut io::stdout().lock()).await;
    };
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".part");
    let unfinished = Path::new(&unfinished);
    let written = async {
        let mut file = File::create(unfinished).map_err(Failure::Output)?;
        copy(operator, filter, format, &mut file).await?;
        file.sync_all().map_err(Failure::Output)?;
        fs::rename(unfinished, path).map_err(Failure::Output)
    };
    written.await.inspect_err(|_| {
        // Half a file is worse than none; that it cannot be removed changes nothing about that.
        let _ = fs::remove_file(unfinished);
    })
}

async fn copy(
    operator: &Operator,
    filter: &FilterArgs,
    format: Format,
    output: &mut impl Write,
) -> Result<(), Failure> {
    const PATH: &str = "/deliveries/export";
    let format = match format {
        Format::Csv => "csv",
        Format::Ndjson => "ndjson",
    };
    let mut query = filter.query();
    query.push(("format", format.to_owned()));
    let mut pieces = operator.open(PATH, &query).await?.bytes_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| operator.broke_off(PATH, error))?;
        match output.write_all(&piece) {
            // A reader that has seen enough is no error.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            other => other.map_err(Failure::Output)?,
        }
    }
    output.flush().map_err(Failure::Output)
}
