//! The installation's secret where nobody sets `TURNWISE_SECRET`: a file in the data folder that only its owner may read.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use secrecy::SecretString;
use turnwise_model::Ambient;

use crate::failure::Failure;

/// The file's name in the data folder.
pub const FILE: &str = "secret.key";

/// The secret in the file; on the first start a new one is written there.
///
/// # Errors
/// When the file can be neither read nor made, or is empty.
pub fn read_or_make(folder: &Path, ambient: &Ambient) -> Result<SecretString, Failure> {
    let file = folder.join(FILE);
    let cannot = |what: &str, error: io::Error| {
        Failure::Configuration(format!("`{}` cannot be {what} ({error}), or set TURNWISE_SECRET", file.display()))
    };
    fs::create_dir_all(folder).map_err(|error| cannot("made", error))?;
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(&file, ambient).map_err(|error| cannot("made", error))?;
            // Another process may have made it first: all read the one that is there.
            fs::read_to_string(&file).map_err(|error| cannot("read", error))?
        }
        Err(error) => return Err(cannot("read", error)),
    };
    let text = text.trim();
    if text.len() < 32 {
        return Err(Failure::Configuration(format!(
            "`{}` holds no whole secret, put back the one that was there or remove the file and enter the keys of model providers again",
            file.display()
        )));
    }
    Ok(text.to_owned().into())
}

/// Writes a new secret under another name and gives it its name when it is whole, unless there is one meanwhile.
fn make(file: &Path, ambient: &Ambient) -> io::Result<()> {
    let hex = |bytes: [u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let draft = file.with_extension(&hex(ambient.bytes())[..16]);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut handle = options.open(&draft)?;
    writeln!(handle, "{}", hex(ambient.bytes()))?;
    handle.sync_all()?;
    let linked = match fs::hard_link(&draft, file) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    };
    fs::remove_file(&draft)?;
    linked
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use turnwise_model::Micros;

    use super::*;

    #[test]
    fn the_secret_is_made_once_for_its_owner_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let (ambient, _) = Ambient::for_tests(Micros(1));
        let first = read_or_make(folder.path(), &ambient).expect("is made");
        let again = read_or_make(folder.path(), &ambient).expect("is read");
        assert_eq!(first.expose_secret(), again.expose_secret());
        assert_eq!(first.expose_secret().len(), 64);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(folder.path().join(FILE)).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_secret_is_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let (ambient, _) = Ambient::for_tests(Micros(1));
        fs::write(folder.path().join(FILE), "\n").expect("is written");
        assert!(read_or_make(folder.path(), &ambient).is_err());
    }
}
