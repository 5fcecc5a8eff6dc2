//! `turnwise demo`: a sample project to look at, in a folder of its own, with an owner whose password is kept beside it.

use std::fs;
use std::io;
use std::path::Path;

use turnwise_engine::Engine;
use turnwise_engine::accounts::AccountError;
use turnwise_model::Ambient;
use turnwise_model::access::Slug;

use super::serve;
use crate::config::Config;
use crate::failure::Failure;
use crate::{open, sample, sample_work};

/// Holds the password of the demonstration's owner, so that it can be printed at every start.
const PASSWORD_FILE: &str = "demo-password.txt";
/// Says that the sample was loaded to its end. Loading again would move its conversations in time.
const LOADED_FILE: &str = "demo-sample-loaded.txt";
/// The address that the demonstration's owner signs in with.
const OWNER_EMAIL: &str = "demo@example.com";
/// The project that holds the sample.
const PROJECT: &str = "Sample";
/// Letters and digits that cannot be mistaken for each other; 32 of them.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Serves the sample until SIGTERM or SIGINT.
///
/// # Errors
/// When the database or the address cannot be had, or the sample cannot be loaded.
pub async fn run(config: &Config) -> Result<(), Failure> {
    let engine = open::engine(config).await?;
    let fresh = engine.accounts().needs_setup().await?;
    let password = password(&config.data_dir, fresh, engine.ambient()).map_err(|error| {
        Failure::Configuration(format!("`{}` cannot be written: {error}", config.data_dir.display()))
    })?;
    if let Some(password) = &password {
        load_sample(&engine, password, &config.data_dir.join(LOADED_FILE)).await?;
    }
    serve::run_with(config, engine, |address| {
        let sign_in = match password {
            Some(password) => format!("sign in as {} with the password {password}", OWNER_EMAIL),
            None => "sign in with the account that was made here before".to_owned(),
        };
        vec![format!("listening on http://{address}"), sign_in]
    })
    .await
}

/// Makes the owner and the project, and fills it. Each step looks whether an earlier start did it.
async fn load_sample(engine: &Engine, owner_password: &str, loaded: &Path) -> Result<(), Failure> {
    match engine.accounts().set_up(OWNER_EMAIL, "Demo", owner_password, PROJECT).await {
        Ok(_) | Err(AccountError::AlreadySetUp) => {}
        Err(AccountError::Engine(error)) => return Err(error.into()),
        Err(refusal) => return Err(Failure::Refused(refusal.to_string())),
    }
    if loaded.exists() {
        return Ok(());
    }
    let project = engine.accounts().project_by_slug(&Slug::from_name(PROJECT)).await?;
    let Some(project) = project else { return Ok(()) };
    sample_work::arrange(engine, project.id)
        .await
        .map_err(|error| Failure::unexpected("the sample's rule cannot be made", error))?;
    let spans = sample::load(engine, project.id)
        .await
        .map_err(|error| Failure::unexpected("the sample cannot be loaded", error))?;
    tracing::info!(spans, "the sample conversations were loaded");
    fs::write(loaded, format!("{spans} spans\n"))
        .map_err(|error| Failure::unexpected("the data folder cannot be written", error))
}

/// The owner's password: the one from the first start, or a new one on the first start.
/// `None` where somebody set up the folder in another way.
fn password(folder: &Path, fresh: bool, ambient: &Ambient) -> io::Result<Option<String>> {
    let file = folder.join(PASSWORD_FILE);
    match fs::read_to_string(&file) {
        Ok(kept) => return Ok(Some(kept.trim().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    if !fresh {
        return Ok(None);
    }
    let new = new_password(ambient);
    fs::create_dir_all(folder)?;
    write_for_owner_only(&file, &new)?;
    Ok(Some(new))
}

/// 80 random bits in four groups, to be typed by hand.
fn new_password(ambient: &Ambient) -> String {
    let letters: Vec<char> =
        ambient.bytes::<16>().iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

fn write_for_owner_only(file: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    io::Write::write_all(&mut options.open(file)?, format!("{text}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use turnwise_model::Micros;

    use super::*;

    #[test]
    fn the_password_is_the_same_at_every_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let (ambient, _) = Ambient::for_tests(Micros(1));
        let first = password(folder.path(), true, &ambient).expect("is written").expect("is new");
        assert_eq!(first.len(), 19, "{first}");
        assert_eq!(password(folder.path(), false, &ambient).expect("is read"), Some(first));
    }

    #[test]
    fn an_installation_made_in_another_way_has_no_known_password() {
        let folder = tempfile::tempdir().expect("a folder");
        let (ambient, _) = Ambient::for_tests(Micros(1));
        assert_eq!(password(folder.path(), false, &ambient).expect("is read"), None);
    }
}
